#pragma once

#include "bench/replay/measured/lane.h"
#include "bench/replay/parts/part_binder.h"

// The parts of Lane that deal with what is bound in parts.
namespace vkmembench {

// The resource alone, which is none of a strategy's.
template <bool Concurrent>
void Lane<Concurrent>::create_in_parts(ObjectIndex object, const Event& event, std::uint64_t position) {
  const bool image = context_.trace.shape_of(object).image;
  if (!image && is_impossible(event.size())) return keep(object, VK_ERROR_OUT_OF_DEVICE_MEMORY, position);
  const Expected<std::uint64_t> made =
      image ? context_.parts->create(object, image_request(object, event.lane))
            : context_.parts->create(object, buffer_request(object, event.size(), event.lane));
  if (!made) return keep(object, made.result(), position);
  keep(object, Allocation{.resource = *made, .image = image}, position);
  objects_[object].state = ObjectState::in_parts;
}

template <bool Concurrent>
void Lane<Concurrent>::create_part(const Event& event, std::uint64_t position) {
  const ObjectIndex object = event.object;
  const Bytes size = context_.requests.required[object];
  if (size == 0) return unsupported(object);
  if (objects_[event.target()].state != ObjectState::in_parts)
    return keep(object, VK_ERROR_OUT_OF_DEVICE_MEMORY, position);
  const Shape& shape = context_.trace.shape_of(object);
  const ResolvedShape& resolved = shapes_[context_.trace.objects[object].shape];
  PartRequest request;
  static_cast<ResourceRequest&>(request) =
      shape.image ? static_cast<const ResourceRequest&>(resolved.image) : resolved.buffer;
  request.lane = event.lane;
  request.user = Changes::user_of(object);
  request.shared = false;
  const VkMemoryRequirements& needs = resolved.parts[operands_of(event.op) == Operands::plane ? event.plane() : 0];
  request.part = {.number = ~request.user,  // no driver's handle
                  .needs = {size, needs.alignment, needs.memoryTypeBits},
                  .image = shape.image,
                  .optimal = shape.image && resolved.image.tiling == VK_IMAGE_TILING_OPTIMAL};
  const Timer op(clock_, record_);
  const Expected<Allocation> made = strategy_.create_part(request);
  op.end_create(shape.image ? Operation::create_image : Operation::create_buffer, made);
  keep(object, made, position);
  if (!made) return;
  objects_[object].state = ObjectState::part;
  if (made->memory == VK_NULL_HANDLE) return;
  if (const VkResult result = context_.parts->bind(event, *made, size); result != VK_SUCCESS)
    note_failure(object, result);
}

template <bool Concurrent>
void Lane<Concurrent>::destroy_in_parts(ObjectIndex object) {
  if constexpr (Concurrent) context_.recording.stamps[object].destroyed = read_ticks();
  context_.parts->destroy(object);
  freed(object);
}

template <bool Concurrent>
void Lane<Concurrent>::destroy_part(ObjectIndex object) {
  if constexpr (Concurrent) context_.recording.stamps[object].destroyed = read_ticks();
  if (const VkResult result = context_.parts->unbind(object); result != VK_SUCCESS) note_failure(object, result);
  const Timer op(clock_, record_);
  strategy_.destroy(objects_[object].allocation, 0);
  op.end(Operation::destroy);
  freed(object);
}

}  // namespace vkmembench
