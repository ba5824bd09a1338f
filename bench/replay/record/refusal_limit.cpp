#include "bench/replay/record/refusal_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vkmembench {
namespace {

struct Row {
  std::string (*text)(const LimitHit& hit);
  std::string_view remedy;
};

constexpr std::string_view kMoreMemory = "use a device with more memory or a smaller scale";
constexpr std::string_view kSplit = "split it; more memory helps nothing";

std::string above(const LimitHit& hit, const std::string& what) {
  return fmt::format("needs {} bytes, {} more than {} ({})", hit.wanted, hit.wanted - hit.bound, what, hit.bound);
}

// By RefusalLimit.
constexpr std::array<Row, static_cast<std::size_t>(RefusalLimit::count)> kRows = {{
    {[](const LimitHit&) -> std::string { return "no memory type serves its usage and `memory`"; },
     "ask for other usage or another `memory`"},
    {[](const LimitHit& hit) { return above(hit, "maxBufferSize"); }, kSplit},
    {[](const LimitHit& hit) { return above(hit, "maxMemoryAllocationSize"); }, kSplit},
    {[](const LimitHit& hit) { return above(hit, fmt::format("the whole of heap {}", hit.heap)); },
     "split it, or use a device with a larger heap"},
    {[](const LimitHit& hit) {
       return fmt::format("{} memory objects are live, as many as maxMemoryAllocationCount allows ({})", hit.in_use,
                          hit.bound);
     },
     "let resources share memory objects; more memory helps nothing"},
    {[](const LimitHit& hit) {
       return fmt::format("needs {} bytes of heap {}, where {} of {} are held", hit.wanted, hit.heap, hit.in_use,
                          hit.bound);
     },
     kMoreMemory},
    {[](const LimitHit& hit) {
       return fmt::format("needs {} bytes of heap {}, where {} of a budget of {} are held", hit.wanted, hit.heap,
                          hit.in_use, hit.bound);
     },
     "free other memory, raise the budget or use a smaller scale"},
    {[](const LimitHit&) -> std::string { return "its pool has no room and may not grow"; },
     "make the pool larger, or let other pools serve (pool_fallback)"},
    {[](const LimitHit&) -> std::string { return "the host has no memory left for metadata"; },
     "free memory of the machine"},
    {[](const LimitHit& hit) {
       return fmt::format("the driver refuses {} bytes of heap {}, where {} of {} are held", hit.wanted, hit.heap,
                          hit.in_use, hit.bound);
     },
     "close other programs that use the device, or use a smaller scale"},
}};

}  // namespace

LimitHit limit_hit(VkResult result, const RefusedRequest& request, const LimitsLayer& limits) {
  const DeviceInfo& device = *limits.device().info;
  LimitHit hit{.wanted = std::max(request.asked, request.required)};
  const auto is = [&](RefusalLimit limit, Bytes bound) {
    hit.limit = limit;
    hit.bound = bound;
    return hit;
  };
  if (result == VK_ERROR_FEATURE_NOT_PRESENT) return is(RefusalLimit::memory_type, 0);
  if (result == VK_ERROR_OUT_OF_HOST_MEMORY) return is(RefusalLimit::host, 0);
  if (result == VK_ERROR_OUT_OF_POOL_MEMORY) return is(RefusalLimit::pool, 0);
  if (result == VK_ERROR_TOO_MANY_OBJECTS) {
    hit.in_use = limits.object_count();
    return is(RefusalLimit::objects, device.limits.maxMemoryAllocationCount);
  }
  if (request.buffer && request.asked > device.max_buffer_size)
    return is(RefusalLimit::buffer_size, device.max_buffer_size);
  if (hit.wanted > device.max_memory_allocation_size)
    return is(RefusalLimit::object_size, device.max_memory_allocation_size);

  const MemoryTypeOrder order = order_memory_types(request.memory, device.memory);
  const int best = order.pick(request.type_bits);
  if (best < 0) return is(RefusalLimit::memory_type, 0);
  const auto heap_of = [&](int type) { return device.memory.memoryTypes[type].heapIndex; };
  const auto size_of = [&](int type) { return device.memory.memoryHeaps[heap_of(type)].size; };
  // The best type whose heap could hold it; without one, the largest heap is the bound.
  int fitting = -1;
  int largest = best;
  for (std::uint32_t nth = 0; order.pick(request.type_bits, nth) >= 0; ++nth) {
    const int type = order.pick(request.type_bits, nth);
    if (fitting < 0 && hit.wanted <= size_of(type)) fitting = type;
    if (size_of(type) > size_of(largest)) largest = type;
  }
  hit.heap = heap_of(fitting < 0 ? largest : fitting);
  const Bytes size = device.memory.memoryHeaps[hit.heap].size;
  if (fitting < 0) return is(RefusalLimit::heap_size, size);
  hit.in_use = limits.usage(hit.heap);
  const Bytes budget = usable_budget(limits.budget(hit.heap), size);
  if (hit.in_use + hit.wanted > size) return is(RefusalLimit::heap_full, size);
  if (hit.in_use + hit.wanted > budget) return is(RefusalLimit::budget, budget);
  return is(RefusalLimit::driver, size);
}

std::string limit_text(const LimitHit& hit) { return kRows[static_cast<std::size_t>(hit.limit)].text(hit); }
std::string_view limit_remedy(RefusalLimit limit) { return kRows[static_cast<std::size_t>(limit)].remedy; }

}  // namespace vkmembench
