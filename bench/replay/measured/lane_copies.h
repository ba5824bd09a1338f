#pragma once

#include <algorithm>

#include "bench/replay/measured/lane.h"

// The parts of Lane that copy from object to object.
namespace vkmembench {

// What was not flushed is not known.
template <bool Concurrent>
void Lane<Concurrent>::read_by_device(ObjectIndex object, Bytes size) {
  for (const Contents::Extent& extent : context_.contents->extents(object, 0, size)) {
    if (context_.checked->device_reads(objects_[object].allocation, extent.begin, extent.end - extent.begin)) continue;
    return context_.contents->forget(object);
  }
}

template <bool Concurrent>
void Lane<Concurrent>::copy(const Event& event) {
  const ObjectIndex target = event.target();
  const bool source_usable = usable(event.object);
  const bool target_usable = usable(target);
  if (!source_usable || !target_usable) return;
  // What is created again may have evicted the other.
  if (objects_[event.object].state != ObjectState::live) return skip(Skip::evicted);
  const Bytes size = std::min(held(event.object, 0, event.size()), held(target, 0, event.size()));
  if (context_.trace.shape_of(event.object).image || context_.trace.shape_of(target).image)
    return copy_texels(event.object, target, size);
  if (context_.contents != nullptr) read_by_device(event.object, size);
  CopyNote note = copy_note(target, size);
  note.source = event.object;
  if (const VkResult result = context_.transfer->copy_buffer(objects_[event.object].allocation.buffer(),
                                                             objects_[target].allocation.buffer(), size, note);
      result != VK_SUCCESS)
    return fail(event.object, result);
  copied(event.object, target, size);
}

template <bool Concurrent>
void Lane<Concurrent>::copied(ObjectIndex source, ObjectIndex target, Bytes size) {
  if (is_mappable(context_.trace.shape_of(target).memory))
    std::atomic_ref(objects_[target].device_wrote).store(true, std::memory_order_relaxed);
  strategy_.touch(objects_[source].allocation);
  filled(target, 0, size);
}

// The parts that a copy of so many bytes takes; none where what stands in for a format of the trace has them elsewhere.
template <bool Concurrent>
std::vector<Subresource> Lane<Concurrent>::copied_parts(ObjectIndex source, ObjectIndex target, Bytes size) const {
  if (!takes_copies(source) || !takes_copies(target)) return {};
  const auto is_image = [&](ObjectIndex object) { return context_.trace.shape_of(object).image; };
  const auto info_of = [&](ObjectIndex object) {
    return create_info(context_.requests.shapes[context_.trace.objects[object].shape].image);
  };
  const VkImageCreateInfo info = info_of(is_image(source) ? source : target);
  if (is_image(source) && is_image(target))
    return info.format == info_of(target).format ? subresources(info, size) : std::vector<Subresource>();
  const ObjectIndex buffer = is_image(source) ? target : source;
  std::vector<Subresource> parts = packed_subresources(info, size);
  if (packed_bytes(parts) > context_.size_of(buffer)) parts.clear();
  return parts;
}

// An image at one end at least.
template <bool Concurrent>
void Lane<Concurrent>::copy_texels(ObjectIndex source, ObjectIndex target, Bytes size) {
  const std::vector<Subresource> parts = copied_parts(source, target, size);
  if (parts.empty()) return skip(Skip::unsupported);
  const Bytes bytes = packed_bytes(parts);
  CopyNote note = copy_note(target, bytes);
  note.source = source;
  const auto end_at = [&](ObjectIndex object, bool& fresh) {
    const Allocation& allocation = objects_[object].allocation;
    if (!context_.trace.shape_of(object).image) return CopyEnd{allocation.buffer(), {}};
    fresh = !std::atomic_ref(objects_[object].has_layout).exchange(true);
    return CopyEnd{VK_NULL_HANDLE, {allocation.as_image(), fresh}};
  };
  const CopyEnd from = end_at(source, note.source_fresh);
  const CopyEnd to = end_at(target, note.fresh);
  if (note.source_fresh) fills(source, false);  // the device lays out what nobody has laid out before
  fills(target, false);
  note.source_opaque = std::atomic_ref(objects_[source].host_filled).load();
  if (context_.contents != nullptr) read_by_device(source, bytes);
  if (const VkResult result = context_.transfer->copy_parts(from, to, parts, note); result != VK_SUCCESS) {
    if (note.source_fresh) objects_[source].has_layout = false;
    if (note.fresh) objects_[target].has_layout = false;
    return fail(source, result);
  }
  if (note.source_fresh) filled(source, 0, context_.size_of(source));
  copied(source, target, bytes);
}

}  // namespace vkmembench
