#include "bench/replay/context.h"

#include <charconv>
#include <cmath>

#include "allocator/base/error.h"
#include "bench/replay/pattern.h"

namespace vkmembench {
namespace {

std::uint32_t largest_heap(const VkPhysicalDeviceMemoryProperties& memory, bool device_local) {
  std::uint32_t best = 0;
  bool found = false;
  for (std::uint32_t heap = 0; heap < memory.memoryHeapCount; ++heap) {
    const bool local = (memory.memoryHeaps[heap].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0;
    if (local != device_local) continue;
    if (!found || memory.memoryHeaps[heap].size > memory.memoryHeaps[best].size) best = heap;
    found = true;
  }
  return best;
}

}  // namespace

std::vector<std::pair<std::uint32_t, Bytes>> resolve_budget(const BudgetRequest& request,
                                                            const VkPhysicalDeviceMemoryProperties& memory) {
  std::uint32_t heap = 0;
  if (request.heap == "device" || request.heap == "host")
    heap = largest_heap(memory, request.heap == "device");
  else
    std::from_chars(request.heap.data(), request.heap.data() + request.heap.size(), heap);
  if (heap >= memory.memoryHeapCount)
    throw Error("budget of heap " + request.heap + ": the device has heaps 0 to " +
                std::to_string(memory.memoryHeapCount - 1));
  const Bytes bytes =
      request.is_ratio
          ? static_cast<Bytes>(std::floor(request.ratio * static_cast<double>(memory.memoryHeaps[heap].size)))
          : request.bytes;
  return {{heap, bytes}};
}

void ReplayContext::note_failure(std::uint64_t position, ObjectIndex object, VkResult result) {
  if (stop.raised()) return;
  const std::lock_guard lock(mutex);
  recording.failures.push_back({position, object, result, {}});
}

void ReplayContext::forget_contents(ObjectIndex object) {
  if (contents == nullptr) return;
  contents->forget(object);
  forget_contents_sharing(object);
}

void ReplayContext::forget_contents_sharing(ObjectIndex object) {
  if (contents == nullptr || sharing.empty()) return;
  const auto others = sharing.find(object);
  if (others == sharing.end()) return;
  for (const ObjectIndex other : others->second) contents->forget(other);
}

VkResult verify_contents(ReplayContext& context, ObjectIndex object, Offset offset, Bytes size) {
  // What was recorded into it is in its contents once the device has taken it in.
  VkResult earlier = context.transfer->finish_copies_into(object);
  const std::vector<Contents::Extent> extents = context.contents->extents(object, offset, size);
  if (extents.empty()) return earlier;
  const Allocation& allocation = context.recording.objects[object].allocation;
  const Shape& shape = context.trace.shape_of(object);
  bool intact = true;
  // Compares bytes that begin at `base` of the object with every extent they overlap.
  const auto compare = [&](std::span<const std::byte> bytes, Offset base) {
    for (const Contents::Extent& extent : extents) {
      const Offset begin = std::max(extent.begin, base);
      const Offset end = std::min<Offset>(extent.end, base + bytes.size());
      if (begin >= end || !intact) continue;
      const auto mismatch =
          Pattern(extent.key)
              .mismatch(bytes.subspan(begin - base, end - begin), extent.pattern_offset + (begin - extent.begin));
      if (!mismatch) continue;
      intact = false;
      context.checked->contents_differ(
          allocation, "object " + id_text(context.trace, context.trace.objects[object].id) + " (" +
                          (shape.image ? "image" : "buffer") + ") differs at byte " +
                          std::to_string(begin + *mismatch) + " of " + std::to_string(context.size_of(object)));
    }
  };
  const auto compare_all = [&](std::span<const std::byte> bytes) { compare(bytes, extents.front().begin); };
  const Bytes span = extents.back().end - extents.front().begin;
  VkResult result = VK_SUCCESS;
  const ReplayObject& held = context.recording.objects[object];
  const bool by_host = is_mappable(shape.memory) && (!shape.image || held.host_filled);
  if (!by_host) {
    for (const Contents::Extent& extent : extents)
      if (!context.checked->device_reads(allocation, extent.begin, extent.end - extent.begin)) return VK_SUCCESS;
  }
  if (shape.image && !by_host) {
    const ImageRequest& request = context.requests.shapes[context.trace.objects[object].shape].image;
    result = context.transfer->read_image(allocation.as_image(), request, extents.back().end, compare);
  } else if (by_host) {
    const VkResult settled = context.transfer->settle_copies();
    if (earlier == VK_SUCCESS) earlier = settled;
    const Expected<std::byte*> address = context.strategy.map(allocation);
    result = address.result();
    if (address) {
      result = context.strategy.invalidate(allocation, extents.front().begin, span);
      if (result == VK_SUCCESS && context.checked->host_reads(allocation, extents.front().begin, span))
        compare_all({*address + extents.front().begin, static_cast<std::size_t>(span)});
      context.strategy.unmap(allocation);
    }
  } else {
    result = context.transfer->read_buffer(allocation.buffer(), extents.front().begin, span, compare_all);
  }
  return result != VK_SUCCESS ? result : earlier;
}

}  // namespace vkmembench
