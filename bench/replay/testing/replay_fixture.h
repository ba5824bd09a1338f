#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "allocator/device/layers/fault_layer.h"
#include "allocator/device/simulated/simulated_device.h"
#include "allocator/strategy/strategies.h"
#include "allocator/testing/test_profile.h"
#include "bench/replay/account/summarize.h"
#include "bench/replay/measured/replay.h"
#include "scenarios/generators/random.h"
#include "scenarios/profiles/profile_reader.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// A trace told by a test: the builder with a few shapes at hand and ids given in order.
class Story : public TraceBuilder {
 public:
  explicit Story(std::uint32_t frames_in_flight = 0) : TraceBuilder(frames_in_flight) {}

  std::uint32_t shape_for(MemoryUse use, const char* tag = "") {
    Shape made;
    made.memory = use;
    made.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    made.tag = string(tag);
    return shape(made);
  }
  ObjectIndex make(Bytes size, MemoryUse use = MemoryUse::device) { return buffer(next_id_++, size, shape_for(use)); }
  ObjectIndex make_image(std::uint32_t side, std::vector<VkFormat> formats = {VK_FORMAT_R8G8B8A8_UNORM},
                         std::uint32_t mips = 1, VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL) {
    Shape made;
    made.image = true;
    made.format = std::move(formats);
    made.extent = {side, side, 1};
    made.mips = mips;
    made.tiling = tiling;
    made.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
    return image(next_id_++, shape(made));
  }
  ObjectIndex make_batch(const std::vector<Bytes>& sizes, MemoryUse use = MemoryUse::device) {
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < sizes.size(); ++i) ids.push_back(next_id_++);
    return batch(ids, sizes, shape_for(use));
  }

 private:
  std::uint64_t next_id_ = 1;
};

// test_profile() whose buffers keep the bound of maintenance4: no more than their size rounded up to the alignment.
inline DeviceProfile replay_profile() {
  DeviceProfile profile = vkmembench::test_profile();
  profile.exact_buffers.clear();
  return profile;
}

inline ReplayOptions replay_options(bool concurrent = false, bool check = true) {
  ReplayOptions options;
  options.settings.concurrent = concurrent;
  options.settings.check = check;
  return options;
}

// A simulated device to replay on, with a fault layer below the limits.
class Stage {
 public:
  explicit Stage(const DeviceProfile& profile, bool model_clock = false)
      : owner(open_simulated_device(profile, {.model_clock = model_clock, .verify_contents = true})),
        raw(owner->device()),
        faults(raw),
        limits(faults.device()) {}

  Recording play(const Trace& trace, const MakeStrategy& make, const ReplayOptions& options = replay_options()) {
    requests = resolve_requests(trace, raw);
    settings = options.settings;
    return replay(trace, requests, limits, raw, make, options);
  }
  Recording play(const Trace& trace, const std::string& strategy, const ReplayOptions& options = replay_options()) {
    const StrategySpec spec = parse_strategy(strategy);
    return play(
        trace, [&](const Device& device) { return spec.make(device); }, options);
  }
  // Of a recording that play() returned.
  [[nodiscard]] Run summary(const Trace& trace, const Recording& recording) const {
    SummaryOptions options;
    options.account.ns_per_tick = ns_per_tick(raw);
    options.model_clock = raw.model_ns != nullptr;
    options.settings = settings;
    return summarize(trace, requests, recording, *raw.info, options);
  }
  [[nodiscard]] SimulatedLeaks leaks() const { return simulated_leaks(*owner); }

  std::unique_ptr<DeviceOwner> owner;
  Device raw;
  FaultLayer faults;
  LimitsLayer limits;
  Requests requests;
  RunSettings settings;
};

// Neither leak nor violation; `known` kinds of violation aside.
inline void expect_clean(const Recording& recording, const Stage& stage, const std::string& known = {}) {
  auto counts = recording.violation_counts;
  counts.erase(known);
  EXPECT_TRUE(counts.empty()) << testing::PrintToString(recording.violations);
  EXPECT_TRUE(recording.leaked.empty());
  EXPECT_EQ(recording.leaked_resource_count, 0u);
  EXPECT_EQ(stage.leaks().total(), 0u);
}

inline std::uint64_t count_of(const Run& run, const std::string& id, const std::string& scope = {}) {
  const MetricValue* metric = run.metric(id, scope);
  if (metric == nullptr || !std::holds_alternative<std::uint64_t>(metric->value)) {
    ADD_FAILURE() << id << " " << scope << " has no count";
    return ~std::uint64_t{0};
  }
  return std::get<std::uint64_t>(metric->value);
}
inline double ratio_of(const Run& run, const std::string& id, const std::string& scope = {}) {
  const MetricValue* metric = run.metric(id, scope);
  const std::optional<double> value = metric == nullptr ? std::nullopt : as_number(*metric);
  EXPECT_TRUE(value) << id << " " << scope << " has no value";
  return value.value_or(-1);
}

inline std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const StrategyPreset& preset : strategy_presets()) names.emplace_back(preset.name);
  return names;
}
// Of the shipped ones, by file name.
inline DeviceProfile shipped_profile(const std::string& file) {
  for (const EmbeddedFile& embedded : shipped_profiles()) {
    if (embedded.name == file) return parse_profile(embedded.text, file);
  }
  ADD_FAILURE() << file << " is no shipped profile";
  return vkmembench::test_profile();
}
// Letters, digits and underscores, as test names need them.
inline std::string test_name(std::string_view text) {
  std::string name(text.substr(0, text.find(".json")));
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

}  // namespace vkmembench
