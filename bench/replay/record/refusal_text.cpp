#include "bench/replay/record/refusal_text.h"

#include <fmt/format.h>

#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

std::string place_of(const Trace& trace, std::uint64_t position) {
  if (position >= trace.events.size()) return "after the last event";
  return fmt::format("at event {} ({})", position, op_name(trace.events[position].op));
}

}  // namespace

bool is_resize(const Trace& trace, const Refusal& refusal) {
  return refusal.event < trace.events.size() && trace.events[refusal.event].op == Op::resize;
}

Bytes asked_bytes(const Trace& trace, const Refusal& refusal) {
  return is_resize(trace, refusal) ? trace.events[refusal.event].size() : trace.objects[refusal.object].size;
}

std::string refusal_text(const Trace& trace, const Refusal& refusal) {
  const bool resize = is_resize(trace, refusal);
  const std::string what = fmt::format("{}{} {} {} {} bytes: {}", resize ? "resize of " : "",
                                       trace.shape_of(refusal.object).image ? "image" : "buffer",
                                       id_text(trace, trace.objects[refusal.object].id), resize ? "to" : "of",
                                       asked_bytes(trace, refusal), result_name(refusal.result));
  // A strategy that cannot resize met no limit.
  if (resize && refusal.result == VK_ERROR_FEATURE_NOT_PRESENT) return what;
  return fmt::format("{}: {}; {}", what, limit_text(refusal.hit), limit_remedy(refusal.hit.limit));
}

std::string invalid_call_text(const Trace& trace, const VkPhysicalDeviceMemoryProperties& memory,
                              const InvalidCall& call) {
  if (call.memory_type >= memory.memoryTypeCount)
    return fmt::format("vkAllocateMemory of memory type {}, which the device lacks, {}", call.memory_type,
                       place_of(trace, call.position));
  const std::uint32_t heap = memory.memoryTypes[call.memory_type].heapIndex;
  return fmt::format(
      "vkAllocateMemory of {} bytes in memory type {}, more than the {} of heap {} "
      "(VUID-vkAllocateMemory-pAllocateInfo-01713), {}",
      call.size, call.memory_type, memory.memoryHeaps[heap].size, heap, place_of(trace, call.position));
}

}  // namespace vkmembench
