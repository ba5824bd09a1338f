#include "bench/replay/measured/context.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "allocator/base/error.h"
#include "allocator/device/off_the_clock.h"
#include "bench/replay/check/pattern.h"
#include "scenarios/trace/heap_names.h"

namespace vkmembench {
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
          : std::min(request.bytes, memory.memoryHeaps[heap].size);
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
  forget_overlapped(object, 0, size_of(object));
}

std::vector<Sharing::Overlap> ReplayContext::overlapped(ObjectIndex object, Offset offset, Bytes size) {
  if (uses_done != nullptr || !sharing.contains(object)) return {};
  return sharing.overlapped(object, offset, size, trace, recording.objects, *limits.device().info);
}

void ReplayContext::forget_overlapped(ObjectIndex object, Offset offset, Bytes size) {
  if (contents == nullptr) return;
  for (const auto& [other, begin, end] : overlapped(object, offset, size)) {
    if (trace.shape_of(other).image)
      contents->forget(other);
    else
      contents->forget(other, begin, end);
  }
}

bool compare_contents(ReplayContext& context, ObjectIndex object, Offset offset, std::span<const std::byte> bytes) {
  for (const Contents::Extent& extent : context.contents->extents(object, offset, bytes.size())) {
    const auto mismatch =
        Pattern(extent.key)
            .mismatch(bytes.subspan(extent.begin - offset, extent.end - extent.begin), extent.pattern_offset);
    if (!mismatch) continue;
    context.checked->contents_differ(context.recording.objects[object].allocation,
                                     "object " + id_text(context.trace, context.trace.objects[object].id) + " (" +
                                         (context.trace.shape_of(object).image ? "image" : "buffer") +
                                         ") differs at byte " + std::to_string(extent.begin + *mismatch) + " of " +
                                         std::to_string(context.size_of(object)));
    return false;
  }
  return true;
}

VkResult verify_contents(ReplayContext& context, ObjectIndex object, Offset offset, Bytes size) {
  // What was recorded into it is in its contents once the device has taken it in.
  const VkResult earlier = context.transfer->finish_copies_into(object);
  const std::vector<Contents::Extent> extents = context.contents->extents(object, offset, size);
  if (extents.empty()) return earlier;
  const auto after = [&](VkResult result) { return result != VK_SUCCESS ? result : earlier; };
  const ReplayObject& held = context.recording.objects[object];
  for (const Contents::Extent& extent : extents)
    if (!context.checked->device_reads(held.allocation, extent.begin, extent.end - extent.begin)) return earlier;
  const OffTheClock off(context.model_ns);
  const Shape& shape = context.trace.shape_of(object);
  const Offset begin = extents.front().begin;
  const Offset end = extents.back().end;
  bool same = true;
  const auto compare = [&](std::span<const std::byte> bytes) {
    same = compare_contents(context, object, begin, bytes);
  };
  // What was copied into it is there: the frames that used it are over.
  if (is_mappable(shape.memory) && (!shape.image || held.host_filled))
    return after(context.checked->peek(held.allocation, begin, end - begin, compare));
  if (!shape.image) return after(context.transfer->read_buffer(held.allocation.buffer(), begin, end - begin, compare));
  const ImageRequest& request = context.requests.shapes[context.trace.objects[object].shape].image;
  return after(context.transfer->read_image(held.allocation.as_image(), request, end,
                                            [&](std::span<const std::byte> bytes, Offset at) {
                                              same = same && compare_contents(context, object, at, bytes);
                                            }));
}

}  // namespace vkmembench
