#include "bench/fuzz/checked_replay.h"

#include <cstdio>

#include "allocator/base/check.h"
#include "allocator/device/simulated/simulated_device.h"
#include "allocator/strategy/families.h"
#include "bench/replay/measured/replay.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {
namespace {

Shape buffer_shape(MemoryUse memory) {
  Shape shape;
  shape.memory = memory;
  shape.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  shape.evictable = memory == MemoryUse::device;
  return shape;
}

Shape image_shape() {
  Shape shape;
  shape.image = true;
  shape.format = {VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_B8G8R8A8_UNORM};
  shape.extent = {48, 20, 1};
  shape.mips = 3;
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  return shape;
}

Trace make_everyday_trace() {
  constexpr Bytes kSizes[] = {1, 300, 4096, 70'000};
  TraceBuilder out(1);
  std::uint64_t id = 1;
  std::vector<ObjectIndex> buffers;
  for (int round = 0; round < 3; ++round) {
    out.frame();
    for (std::size_t use = 0; use < kMemoryUseCount; ++use) {
      const auto memory = static_cast<MemoryUse>(use);
      const std::uint32_t shape = out.shape(buffer_shape(memory));
      for (const Bytes size : kSizes) {
        const ObjectIndex buffer = out.buffer(id++, size, shape);
        buffers.push_back(buffer);
        if (is_mappable(memory)) out.write(buffer, size / 2, size - size / 2);
        if (memory == MemoryUse::device) out.upload(buffer, size);
      }
    }
    out.upload(out.image(id++, out.shape(image_shape())), 48);
    for (std::size_t i = 1; i < buffers.size(); i += 2) {
      if (out.is_live(buffers[i])) out.free(buffers[i]);
    }
    for (const ObjectIndex buffer : buffers) {
      if (out.is_live(buffer)) out.resize(buffer, out.size_of(buffer) * 2);
    }
    out.defragment({.algorithm = DefragmentAlgorithm::full});
    out.frame();
    for (const ObjectIndex buffer : buffers) {
      if (out.is_live(buffer) && is_mappable(out.trace().shape_of(buffer).memory)) out.read(buffer, 0, 1);
    }
  }
  return out.finish();
}

void require_clean(const Recording& recording, const StrategySpec& strategy) {
  auto counts = recording.violation_counts;
  if (strategy.family == &vma_family()) counts.erase("granularity");
  if (counts.empty()) return;
  for (const std::string& text : recording.violations)
    std::fprintf(stderr, "%s: %s\n", strategy.name.c_str(), text.c_str());
  VKMEMBENCH_CHECK(counts.empty(), "a strategy passes all checks");
}

}  // namespace

const Trace& everyday_trace() {
  static const Trace trace = make_everyday_trace();
  return trace;
}

void replay_checked(const Trace& trace, const StrategySpec& strategy, const DeviceProfile& profile) {
  const auto owner = open_simulated_device(profile, {.model_clock = true, .verify_contents = true});
  const Device raw = owner->device();
  {
    LimitsLayer limits(raw);
    const Requests requests = resolve_requests(trace, raw);
    ReplayOptions options;
    options.settings.timing = false;
    options.settings.check = true;
    const MakeStrategy make = [&](const Device& device) { return strategy.make(device); };
    const Recording recording = replay(trace, requests, limits, raw, make, options);
    require_clean(recording, strategy);
    VKMEMBENCH_CHECK(recording.leaked.empty() && recording.leaked_resource_count == 0, "a strategy gives all back");
  }
  VKMEMBENCH_CHECK(simulated_leaks(*owner).total() == 0, "a replay leaves nothing on the device");
}

}  // namespace vkmembench
