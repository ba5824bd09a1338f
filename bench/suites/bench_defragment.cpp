// What a pass of a defragmentation costs a strategy: its own work, without the device's. Every preset that defragments,
// on simulated devices, after a random three fifths of its buffers went. Passes repeat exactly, so each counts with the
// least that it took in several runs; what the machine does besides would else be the worst of many.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "allocator/device/simulated/simulated_device.h"
#include "allocator/strategy/strategies.h"
#include "bench/suites/churn.h"
#include "bench/suites/suite.h"
#include "scenarios/profiles/profile_reader.h"

namespace vkmembench {
namespace {

constexpr int kRuns = 5;
constexpr std::uint64_t kMostFrames = 20'000;

struct Load {
  std::string_view name;
  std::size_t buffers;
  SizeMix mix;
};
constexpr Load kLoads[] = {{"wide", 10'000, {"wide", 256, 12}}, {"dense", 100'000, {"dense", 16, 7}}};

const DeviceOwner& device_owner(std::string_view name) {
  static std::unordered_map<std::string, std::unique_ptr<DeviceOwner>> owners;
  std::unique_ptr<DeviceOwner>& owner = owners[std::string(name)];
  for (const EmbeddedFile& file : shipped_profiles())
    if (owner == nullptr && file.name == name)
      owner = open_simulated_device(parse_profile(file.text, std::string(file.name)));
  VKMEMBENCH_CHECK(owner != nullptr, "the profile is one that is shipped");
  return *owner;
}

// A strategy's user with buffers, and what it hears of passes.
class User : public StrategyListener {
 public:
  User(const Device& device, const std::string& preset, const Load& load)
      : strategy_(parse_strategy(preset).make(device)) {
    strategy_->start({.listener = this});
    Random random(load.buffers);
    BufferRequest request;
    request.usage =
        VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    for (std::size_t i = 0; i < load.buffers; ++i) {
      const Bytes low = load.mix.low << random.below(load.mix.doublings);
      request.size = low + random.below(low);
      request.user = i;
      const Expected<Allocation> made = strategy_->create_buffer(request);
      VKMEMBENCH_CHECK(made, "the device is large enough for the benchmark");
      buffers_.push_back(*made);
      live_.push_back(true);
    }
    for (std::size_t i = 0; i < load.buffers; ++i)
      if (random.below(5) < 3) remove(i);
  }
  ~User() override {
    for (std::size_t i = 0; i < buffers_.size(); ++i)
      if (live_[i]) remove(i);
  }
  User(const User&) = delete;
  User& operator=(const User&) = delete;

  // False when the strategy does not defragment.
  bool run(const DefragmentRequest& request) {
    if (strategy_->defragment(request) != VK_SUCCESS) return false;
    std::size_t before = ~std::size_t{0};
    for (std::uint64_t frame = 1; passes.size() != before; ++frame) {
      VKMEMBENCH_CHECK(frame < kMostFrames, "a defragmentation ends");
      before = passes.size();
      strategy_->begin_frame(frame);
    }
    return true;
  }

  void moved(std::uint64_t user, const Allocation& after) override { buffers_[user] = after; }
  void evicted(std::uint64_t /*user*/) override { VKMEMBENCH_CHECK(false, "nothing is evictable"); }
  void noticed(const Notice& notice) override {
    if (notice.kind == Notice::Kind::defragment_pass) passes.push_back(notice);
  }
  std::vector<Notice> passes;

 private:
  void remove(std::size_t i) {
    strategy_->destroy(buffers_[i], 0);
    live_[i] = false;
  }
  std::unique_ptr<Strategy> strategy_;
  std::vector<Allocation> buffers_;
  std::vector<bool> live_;
};

void passes(benchmark::State& state, const std::string& profile, const std::string& preset, const Load& load,
            DefragmentAlgorithm algorithm) {
  const Device device = device_owner(profile).device();
  std::vector<std::uint64_t> least;
  Bytes moved = 0;
  Bytes freed = 0;
  for (auto iteration : state) {
    for (int run = 0; run < kRuns; ++run) {
      User user(device, preset, load);
      if (!user.run({.algorithm = algorithm, .max_bytes_per_pass = 16 * kMiB, .max_moves_per_pass = 128})) {
        state.SkipWithError("does not defragment");
        return;
      }
      if (run == 0) least.assign(user.passes.size(), ~std::uint64_t{0});
      VKMEMBENCH_CHECK(user.passes.size() == least.size(), "passes repeat exactly");
      moved = freed = 0;
      for (std::size_t i = 0; i < least.size(); ++i) {
        least[i] = std::min(least[i], user.passes[i].ns);
        moved += user.passes[i].bytes;
        freed += user.passes[i].limit;
      }
    }
  }
  if (least.empty()) return;
  const auto total = static_cast<double>(std::accumulate(least.begin(), least.end(), std::uint64_t{0}));
  state.counters["passes"] = static_cast<double>(least.size());
  state.counters["mean_ns"] = total / static_cast<double>(least.size());
  state.counters["max_ns"] = static_cast<double>(*std::max_element(least.begin(), least.end()));
  state.counters["moved_bytes"] = static_cast<double>(moved);
  state.counters["freed_bytes"] = static_cast<double>(freed);
}

void add_all() {
  for (const char* profile : {"nvidia-rtx-3090", "arm-mali-g7x"})
    for (const StrategyPreset& preset : strategy_presets())
      for (const Load& load : kLoads)
        for (const auto algorithm : {DefragmentAlgorithm::balanced, DefragmentAlgorithm::extensive})
          benchmark::RegisterBenchmark(
              fmt::format("passes/{}/{}/{}/{}", profile, preset.name, load.name,
                          kDefragmentAlgorithmNames[static_cast<std::size_t>(algorithm)])
                  .c_str(),
              [name = std::string(preset.name), &load, algorithm, file = std::string(profile) + ".json"](
                  benchmark::State& state) { passes(state, file, name, load, algorithm); })
              ->Iterations(1)
              ->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace vkmembench

int main(int argc, char** argv) { return vkmembench::run_suite(argc, argv, vkmembench::add_all); }
