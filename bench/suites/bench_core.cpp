// What the allocator core costs by itself: strategies driven directly on the bare simulated device, without the replay.
// One operation is a destroy and a create. Every ratio is the median of interleaved pairs; `low` and `high` bound it at
// 95 %. Defragmentation has a place of its own where it is measured with its copies.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "allocator/device/simulated/simulated_device.h"
#include "allocator/seam/basic_strategy.h"
#include "allocator/strategy/core/core_strategy.h"
#include "allocator/strategy/strategies.h"
#include "bench/suites/churn.h"
#include "bench/suites/paired.h"
#include "bench/suites/suite.h"
#include "scenarios/profiles/profile_reader.h"

namespace vkmembench {
namespace {

constexpr const SizeMix& kWide = kSizeMixes[1];
constexpr std::size_t kSteps = 50'000;  // of one measurement

const DeviceOwner& device_owner() {
  static const std::unique_ptr<DeviceOwner> owner = [] {
    for (const EmbeddedFile& file : shipped_profiles())
      if (file.name == "nvidia-rtx-3090.json")
        return open_simulated_device(parse_profile(file.text, std::string(file.name)));
    return std::unique_ptr<DeviceOwner>();
  }();
  return *owner;
}

// The driver's part of the work and nothing else: buffers made, bound to the start of one memory and destroyed.
class BareDriver : public BasicStrategy {
 public:
  explicit BareDriver(const Device& device) : device_(device) {
    VkMemoryAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
    info.allocationSize = 64 * kMiB;
    info.memoryTypeIndex =
        order_memory_types(device.info->memory)[static_cast<std::size_t>(MemoryUse::device)].types[0];
    (void)device.fn.allocate_memory(device.handle, &info, nullptr, &memory_);
  }
  ~BareDriver() override { device_.fn.free_memory(device_.handle, memory_, nullptr); }
  BareDriver(const BareDriver&) = delete;
  BareDriver& operator=(const BareDriver&) = delete;

  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    const VkBufferCreateInfo info = create_info(request);
    VkBuffer buffer = VK_NULL_HANDLE;
    if (const VkResult made = device_.fn.create_buffer(device_.handle, &info, nullptr, &buffer); made != VK_SUCCESS)
      return made;
    (void)device_.fn.bind_buffer_memory(device_.handle, buffer, memory_, 0);
    Allocation allocation;
    allocation.resource = reinterpret_cast<std::uint64_t>(buffer);
    allocation.memory = memory_;
    return allocation;
  }
  Expected<Allocation> create_image(const ImageRequest& /*request*/) override { return VK_ERROR_FEATURE_NOT_PRESENT; }
  void destroy(const Allocation& allocation, std::uint16_t /*lane*/) override {
    device_.fn.destroy_buffer(device_.handle, allocation.buffer(), nullptr);
  }
  Expected<std::byte*> map(const Allocation& /*allocation*/) override { return VK_ERROR_MEMORY_MAP_FAILED; }
  void unmap(const Allocation& /*allocation*/) override {}
  VkResult flush(const Allocation& /*allocation*/, Offset /*offset*/, Bytes /*size*/) override { return VK_SUCCESS; }
  VkResult invalidate(const Allocation& /*allocation*/, Offset /*offset*/, Bytes /*size*/) override {
    return VK_SUCCESS;
  }

 private:
  Device device_;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
};

std::unique_ptr<Strategy> make(const std::string& name) {
  const Device device = device_owner().device();
  if (name == "bare-driver") return std::make_unique<BareDriver>(device);
  return parse_strategy(name).make(device);
}

// Cost of an operation, best of five.
void churn(benchmark::State& state, const std::string& strategy, const SizeMix& mix, std::size_t live,
           std::uint16_t threads) {
  Lanes lanes(make(strategy), mix, live / threads, threads);
  (void)lanes.run(kSteps / threads, Share::none);
  double best = 1e300;
  for (auto iteration : state) {
    const double seconds = lanes.run(kSteps / threads, Share::none).wall;
    best = std::min(best, seconds);
    state.SetIterationTime(seconds);
  }
  state.counters["ns_per_op"] = best * 1e9 / static_cast<double>(kSteps);
}

// Cost at 100 000 live over cost at 1 000.
void flat_cost(benchmark::State& state, const std::string& strategy) {
  const std::unique_ptr<Strategy> of_few = make(strategy);
  const std::unique_ptr<Strategy> of_many = make(strategy);
  Churn few(*of_few, kWide, 1'000);
  Churn many(*of_many, kWide, 100'000);
  const auto run = [](Churn& lane) {
    lane.prepare(kSteps);
    return processor_seconds_of([&] { lane.run(); });
  };
  report_ratio(
      state, [&] { return run(few); }, [&] { return run(many); }, static_cast<double>(kSteps));
}

enum class Clock { wall, processor };
double pick(const Spent& spent, Clock clock) { return clock == Clock::wall ? spent.wall : spent.processor; }

// Operations a second of two lanes over those of one: each lane does as much as the single one.
void two_lanes_over_one(benchmark::State& state, const std::string& strategy, Share crossed, Clock clock) {
  Lanes one(make(strategy), kWide, 10'000, 1);
  Lanes two(make(strategy), kWide, 10'000, 2);
  report_ratio(
      state, [&] { return pick(two.run(kSteps, crossed), clock) / 2; },
      [&] { return pick(one.run(kSteps, crossed), clock); }, static_cast<double>(kSteps));
}

// Operations a second of core-arenas over those of VMA, two lanes each.
void arenas_over_vma(benchmark::State& state, Share crossed, Clock clock) {
  Lanes core(make("core-arenas"), kWide, 10'000, 2);
  Lanes vma(make("vma"), kWide, 10'000, 2);
  report_ratio(
      state, [&] { return pick(core.run(kSteps, crossed), clock); },
      [&] { return pick(vma.run(kSteps, crossed), clock); }, 2.0 * static_cast<double>(kSteps));
}

// Leaves the driver's free objects in the order of their addresses, so that no run inherits the order in which the one
// before gave them back.
void straighten_driver(std::size_t count) {
  const Device device = device_owner().device();
  BufferRequest request;
  request.size = 256;
  request.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  const VkBufferCreateInfo info = create_info(request);
  std::vector<VkBuffer> buffers(count);
  for (VkBuffer& buffer : buffers) (void)device.fn.create_buffer(device.handle, &info, nullptr, &buffer);
  constexpr std::uint64_t kAddress = (std::uint64_t{1} << 48) - 1;  // below the handle's generation
  std::ranges::sort(buffers, std::ranges::greater(),
                    [](VkBuffer buffer) { return reinterpret_cast<std::uint64_t>(buffer) & kAddress; });
  for (const VkBuffer buffer : buffers) device.fn.destroy_buffer(device.handle, buffer, nullptr);
}

// 10 000 buffers by one call over as many single ones, in a strategy that is new each time.
void batch_over_single(benchmark::State& state) {
  constexpr std::size_t kCount = 10'000;
  std::vector<Bytes> sizes;
  Random random(7);
  for (std::size_t i = 0; i < kCount; ++i) {
    const Bytes low = kWide.low << random.below(kWide.doublings);
    sizes.push_back(low + random.below(low) / 16 * 16);
  }
  BufferRequest request;
  request.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  std::vector<Expected<Allocation>> results(kCount, VK_NOT_READY);
  Bytes reserved[2] = {};
  const auto run = [&](bool batch) {
    straighten_driver(kCount);
    CoreStrategy strategy(device_owner().device(), core_options(parse_strategy("core-default").parameters));
    const double seconds = processor_seconds_of([&] {
      if (batch) return strategy.create_buffers(request, sizes, results);
      for (std::size_t i = 0; i < kCount; ++i) {
        request.size = sizes[i];
        results[i] = strategy.create_buffer(request);
      }
    });
    reserved[batch ? 1 : 0] = strategy.allocator().budget().total_reserved();
    for (const auto& result : results) strategy.destroy(*result, 0);
    return seconds;
  };
  report_ratio(
      state, [&] { return run(false); }, [&] { return run(true); }, static_cast<double>(kCount));
  state.counters["reserved_ratio"] = static_cast<double>(reserved[1]) / static_cast<double>(reserved[0]);
}

// An alignment policy over the device's own, and what it wastes.
void alignment(benchmark::State& state, const std::string& policy) {
  CoreStrategy plain(device_owner().device(), CoreOptions{});
  CoreStrategy aligned(device_owner().device(),
                       core_options(parse_strategy("core-default{" + policy + "}").parameters));
  Churn base(plain, kWide, 10'000);
  Churn candidate(aligned, kWide, 10'000);
  const auto run = [](Churn& lane) {
    lane.prepare(kSteps);
    return processor_seconds_of([&] { lane.run(); });
  };
  report_ratio(
      state, [&] { return run(base); }, [&] { return run(candidate); }, static_cast<double>(kSteps));
  const MemoryCounts total = aligned.allocator().statistics().total;
  state.counters["charged_ratio"] =
      static_cast<double>(total.allocation_bytes) / static_cast<double>(total.required_bytes);
}

// The same work with statistics() once every 1 000 operations over work without.
void statistics_cost(benchmark::State& state) {
  constexpr std::size_t kEvery = 1'000;
  CoreStrategy strategy(device_owner().device(), CoreOptions{});
  Churn lane(strategy, kWide, 10'000);
  const auto run = [&](bool asked) {
    double seconds = 0;
    for (std::size_t done = 0; done < kSteps; done += kEvery) {
      lane.prepare(kEvery);
      seconds += processor_seconds_of([&] {
        lane.run();
        if (asked) benchmark::DoNotOptimize(strategy.allocator().statistics().total.block_bytes);
      });
    }
    return seconds;
  };
  report_ratio(
      state, [&] { return run(false); }, [&] { return run(true); }, static_cast<double>(kSteps));
}
BENCHMARK(statistics_cost)->Iterations(1)->Unit(benchmark::kMillisecond);

void detail_cost(benchmark::State& state) {
  CoreStrategy strategy(device_owner().device(), CoreOptions{});
  const Churn lane(strategy, kWide, static_cast<std::size_t>(state.range(0)));
  for (auto iteration : state) benchmark::DoNotOptimize(strategy.allocator().detail().blocks.size());
}
BENCHMARK(detail_cost)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

template <class Run>
void add(const std::string& name, Run run) {
  benchmark::RegisterBenchmark(name.c_str(), run)->Iterations(1)->Unit(benchmark::kMillisecond);
}

void add_all() {
  for (const StrategyPreset& preset : strategy_presets())
    for (const SizeMix& mix : kSizeMixes)
      for (const std::size_t live : {1'000u, 10'000u, 100'000u})
        for (const std::uint16_t threads : {std::uint16_t{1}, std::uint16_t{2}})
          benchmark::RegisterBenchmark(fmt::format("churn/{}/{}/{}/{}", preset.name, mix.name, live, threads).c_str(),
                                       [name = std::string(preset.name), &mix, live, threads](benchmark::State& state) {
                                         churn(state, name, mix, live, threads);
                                       })
              ->UseManualTime()
              ->Iterations(5)
              ->Unit(benchmark::kMillisecond);
  for (const char* strategy : {"core-default", "core-speed", "core-memory", "vma", "bare-driver"})
    add(fmt::format("flat_cost/{}", strategy), [strategy](benchmark::State& state) { flat_cost(state, strategy); });
  for (const auto& [clock_name, named_clock] :
       {std::pair("wall", Clock::wall), std::pair("processor", Clock::processor)})
    for (const auto& [share_name, named_share] : {std::pair("own", Share::none), std::pair("crossed", Share::half)}) {
      const Clock clock = named_clock;  // clang 14 captures no structured binding
      const Share share = named_share;
      const auto run = [clock, share](const char* strategy) {
        return [=](benchmark::State& state) { two_lanes_over_one(state, strategy, share, clock); };
      };
      for (const char* strategy : {"core-arenas", "core-default", "vma", "bare-driver"})
        add(fmt::format("two_lanes_over_one/{}/{}/{}", strategy, share_name, clock_name), run(strategy));
      add(fmt::format("arenas_over_vma/{}/{}", share_name, clock_name),
          [clock, share](benchmark::State& state) { arenas_over_vma(state, share, clock); });
    }
  add("batch_over_single", batch_over_single);
  for (const char* policy : {"alignment=device", "alignment=smart", "alignment=custom"})
    add(fmt::format("alignment/{}", policy), [policy](benchmark::State& state) { alignment(state, policy); });
}

}  // namespace
}  // namespace vkmembench

int main(int argc, char** argv) { return vkmembench::run_suite(argc, argv, vkmembench::add_all); }
