#pragma once

#include <algorithm>

#include "allocator/base/vulkan_names.h"
#include "bench/replay/measured/lane.h"

// The parts of Lane that fill, read and verify objects.
namespace vkmembench {

// Maps the object, calls use(bytes of the object), unmaps.
template <bool Concurrent>
template <typename Use>
void Lane<Concurrent>::mapped(ObjectIndex object, const Use& use) {
  const Allocation& allocation = objects_[object].allocation;
  if (context_.transfer != nullptr) context_.note_copying(record_.calls.position, context_.transfer->settle_copies());
  ++record_.map_count;
  ++objects_[object].map_count;
  const Timer op(clock_, record_);
  const Expected<std::byte*> address = strategy_.map(allocation);
  op.end(Operation::map);
  if (!address) {
    fail(object, address.result());
    return;
  }
  use(*address);
  strategy_.unmap(allocation);
}

template <bool Concurrent>
void Lane<Concurrent>::fail(ObjectIndex object, VkResult result) {
  skip(Skip::failed);
  note_failure(object, result);
}

template <bool Concurrent>
void Lane<Concurrent>::note_failure(ObjectIndex object, VkResult result) {
  context_.note_failure(record_.calls.position, object, result);
}

template <bool Concurrent>
void Lane<Concurrent>::verify(ObjectIndex object, Offset offset, Bytes size) {
  if (const VkResult result = verify_contents(context_, object, offset, size); result != VK_SUCCESS)
    note_failure(object, result);
}

// How much of [offset, offset + size) the object has: a resize that was refused leaves it at the size before, and an
// image whose format stands in can be smaller than the trace says. When nothing, the event is skipped.
template <bool Concurrent>
Bytes Lane<Concurrent>::held(ObjectIndex object, Offset offset, Bytes size) {
  Bytes whole = context_.size_of(object);
  const std::uint32_t shape = context_.trace.objects[object].shape;
  const bool is_image = context_.trace.shapes[shape].image;
  if (is_image) whole = std::min(whole, context_.requests.shapes[shape].image_bytes);
  if (offset < whole) return std::min(size, whole - offset);
  skip(is_image ? Skip::unsupported : Skip::refused);
  return 0;
}

// Bytes of the object have other contents than before, or will have once a copy is made: what objects have of them that
// share them is undefined. Lanes at once share none, see alias_target().
template <bool Concurrent>
void Lane<Concurrent>::filled(ObjectIndex object, Offset offset, Bytes size) {
  strategy_.touch(objects_[object].allocation);
  if (Concurrent || !is_shared(object)) return;
  for (const Sharing::Overlap& overlap : context_.overlapped(object, offset, size))
    objects_[overlap.object].has_layout = false;
  context_.forget_overlapped(object, offset, size);
}

// A copy into the object is to be recorded by this event. Contents and layouts follow it, see note_copies().
template <bool Concurrent>
CopyNote Lane<Concurrent>::copy_note(ObjectIndex target, Bytes size) {
  return {.target = target, .size = size, .position = record_.calls.position};
}

// Whether the host may map the object's memory, be it for another that shares it.
template <bool Concurrent>
bool Lane<Concurrent>::host_may_see(ObjectIndex object) const {
  const auto mappable = [&](ObjectIndex one) { return is_mappable(context_.trace.shape_of(one).memory); };
  return mappable(object) || std::ranges::any_of(context_.sharing.with(object), mappable);
}

// Host or device writes to the object. What an image holds of the other's means nothing any more.
template <bool Concurrent>
void Lane<Concurrent>::fills(ObjectIndex object, bool by_host) {
  if (!context_.trace.shape_of(object).image) return;
  const bool was_by_host = std::atomic_ref(objects_[object].host_filled).exchange(by_host);
  if (was_by_host != by_host && context_.contents != nullptr) context_.contents->forget(object);
}

template <bool Concurrent>
void Lane<Concurrent>::write(const Event& event) {
  if (!usable(event.object)) return;
  const Bytes size = held(event.object, event.offset(), event.size());
  if (size == 0) return;
  mapped(event.object, [&](std::byte* bytes) {
    // A flush takes whole atoms with it: what a copy wrote there must be seen before it is written back.
    VkResult result = VK_SUCCESS;
    if (std::atomic_ref(objects_[event.object].device_wrote).load(std::memory_order_relaxed))
      result = strategy_.invalidate(objects_[event.object].allocation, event.offset(), size);
    if (result != VK_SUCCESS) return fail(event.object, result);
    Pattern(event.object).fill({bytes + event.offset(), static_cast<std::size_t>(size)}, event.offset());
    if (context_.checked != nullptr)
      context_.checked->host_writes(objects_[event.object].allocation, event.offset(), size);
    result = strategy_.flush(objects_[event.object].allocation, event.offset(), size);
    if (result != VK_SUCCESS) fail(event.object, result);
    filled(event.object, event.offset(), size);
    fills(event.object, true);
    if (context_.contents == nullptr) return;
    if (result == VK_SUCCESS)
      context_.contents->written(event.object, event.offset(), size);
    else
      context_.contents->forget(event.object);
  });
}

template <bool Concurrent>
void Lane<Concurrent>::read(const Event& event) {
  if (!usable(event.object)) return;
  const Bytes size = held(event.object, event.offset(), event.size());
  if (size == 0) return;
  const bool texels =
      context_.trace.shape_of(event.object).image && !std::atomic_ref(objects_[event.object].host_filled).load();
  mapped(event.object, [&](const std::byte* bytes) {
    const VkResult result = strategy_.invalidate(objects_[event.object].allocation, event.offset(), size);
    if (result != VK_SUCCESS) return fail(event.object, result);
    for (Bytes at = 0; at < size; at += 64) read_sink_ += static_cast<std::uint8_t>(bytes[event.offset() + at]);
    if (context_.contents != nullptr && !texels &&
        context_.checked->host_reads(objects_[event.object].allocation, event.offset(), size))
      (void)compare_contents(context_, event.object, event.offset(),
                             {bytes + event.offset(), static_cast<std::size_t>(size)});
  });
  // How the device lays them out in mapped memory is nobody's business.
  if (context_.contents != nullptr && texels) verify(event.object, event.offset(), size);
}

// Not where a format stands in that has depth and stencil: they copy apart.
template <bool Concurrent>
bool Lane<Concurrent>::takes_copies(ObjectIndex object) const {
  const std::uint32_t shape = context_.trace.objects[object].shape;
  if (!context_.trace.shapes[shape].image) return true;
  const VkImageAspectFlags aspects = format_info(context_.requests.shapes[shape].image.format).aspects;
  return (aspects & (aspects - 1)) == 0;
}

template <bool Concurrent>
void Lane<Concurrent>::upload(const Event& event) {
  if (!usable(event.object)) return;
  if (!takes_copies(event.object)) return skip(Skip::unsupported);
  const Bytes size = held(event.object, 0, event.size());
  if (size == 0) return;
  const Shape& shape = context_.trace.shape_of(event.object);
  const Pattern pattern(event.object);
  const Allocation& allocation = objects_[event.object].allocation;
  const Ticks start = clock_.timing ? clock_.now() : 0;
  VkResult result = VK_SUCCESS;
  CopyNote note = copy_note(event.object, size);
  if (shape.image) {
    fills(event.object, false);
    note.fresh = !std::atomic_ref(objects_[event.object].has_layout).exchange(true);
    result = context_.transfer
                 ->upload_image(
                     allocation.as_image(), context_.requests.shapes[context_.trace.objects[event.object].shape].image,
                     size, note.fresh, host_may_see(event.object),
                     [&](std::span<std::byte> bytes, Offset offset) { pattern.fill(bytes, offset); }, note)
                 .result();
    if (result != VK_SUCCESS && note.fresh) objects_[event.object].has_layout = false;
  } else {
    result = context_.transfer->upload_buffer(
        allocation.buffer(), size, host_may_see(event.object),
        [&](std::span<std::byte> bytes, Offset offset) { pattern.fill(bytes, offset); }, note);
  }
  if (result != VK_SUCCESS) {
    context_.forget_contents(event.object);  // parts of it may have been overwritten
    return fail(event.object, result);
  }
  if (is_mappable(shape.memory))
    std::atomic_ref(objects_[event.object].device_wrote).store(true, std::memory_order_relaxed);
  if (clock_.timing) {
    const Ticks spent = clock_.now() - start;
    record_.latency[static_cast<std::size_t>(Operation::upload)].add(clock_.to_ns(spent));
    record_.upload_ticks += spent;
  }
  filled(event.object, 0, size);
}

}  // namespace vkmembench
