#pragma once

#include <span>
#include <type_traits>

#include "bench/replay/measured/lane.h"

// The parts of Lane that make objects.
namespace vkmembench {

template <bool Concurrent>
void Lane<Concurrent>::refuse(ObjectIndex object, Bytes asked, VkResult result, std::uint64_t position) {
  if (is_cut()) return;
  const Shape& shape = context_.trace.shape_of(object);
  const ResolvedShape& resolved = shapes_[context_.trace.objects[object].shape];
  const RefusedRequest request{.memory = shape.image ? resolved.image.memory : resolved.buffer.memory,
                               .buffer = !shape.image,
                               .asked = shape.image ? 0 : asked,
                               .required = context_.requests.required[object],
                               .type_bits = resolved.type_bits};
  record_.refusals.push_back({position, object, result, limit_hit(result, request, context_.limits)});
}

// What a cut leaves behind is live, for it has to go, but does not count.
template <bool Concurrent>
[[gnu::always_inline]] inline void Lane<Concurrent>::keep(ObjectIndex object, const Expected<Allocation>& result,
                                                          std::uint64_t position) {
  ReplayObject& entry = objects_[object];
  if (result) {
    entry.allocation = *result;
    entry.state = ObjectState::live;
    ++record_.live_count;
  } else {
    entry.state = ObjectState::refused;
    refuse(object, context_.trace.objects[object].size, result.result(), position);
  }
  if (is_cut()) [[unlikely]]
    return;
  ++record_.create_count;
  if constexpr (Concurrent) context_.recording.stamps[object].created = read_ticks();
}

// The object whose memory the event's object is to share, and where; none for memory of its own.
template <bool Concurrent>
inline AliasOf Lane<Concurrent>::alias_target(const Event& event) {
  const ObjectIndex target = event.alias();
  if (target == kNoObject) [[likely]]
    return {};
  if (!Concurrent && objects_[target].state == ObjectState::live) return {target, context_.trace.alias_offset(event)};
  ++record_.unshared_alias_count;
  return {};
}

// Asks for the object, as an alias of `target` where the strategy can.
template <bool Concurrent>
template <typename Request>
[[gnu::always_inline]] inline Expected<Allocation> Lane<Concurrent>::create(const Request& request,
                                                                            const AliasOf& target,
                                                                            Operation operation) {
  const Timer op(clock_, record_);
  const Expected<Allocation> result = target.object == kNoObject ? create_own(request) : create_alias(request, target);
  op.end_create(operation, result);
  return result;
}

template <bool Concurrent>
template <typename Request>
inline Expected<Allocation> Lane<Concurrent>::create_own(const Request& request) {
  if constexpr (std::is_same_v<Request, BufferRequest>)
    return strategy_.create_buffer(request);
  else
    return strategy_.create_image(request);
}

template <bool Concurrent>
template <typename Request>
Expected<Allocation> Lane<Concurrent>::create_alias(const Request& request, const AliasOf& target) {
  const Expected<Allocation> result =
      strategy_.create_alias(request, objects_[target.object].allocation, target.offset);
  if (result.result() != VK_ERROR_FEATURE_NOT_PRESENT) return result;
  ++record_.unshared_alias_count;
  return create_own(request);
}

template <bool Concurrent>
template <typename Request>
inline Expected<Allocation> Lane<Concurrent>::create_or_ask_again(ObjectIndex object, const Request& request,
                                                                  const AliasOf& target, Operation operation) {
  Expected<Allocation> result = create(request, target, operation);
  if (!result) [[unlikely]]
    ask_again(object, request, target, operation, result);
  return result;
}

// What the program asks next when it is refused, step by step; the last refusal is the one that counts.
template <bool Concurrent>
template <typename Request>
void Lane<Concurrent>::ask_again(ObjectIndex object, Request request, const AliasOf& target, Operation operation,
                                 Expected<Allocation>& result) {
  const RefusalSteps& steps = context_.trace.shape_of(object).on_refusal;
  for (std::size_t i = 0; i < steps.size() && !result && !is_cut(); ++i) {
    if (steps[i] != RefusalStep::halve)
      request.memory = memory_of(steps[i]);
    else if constexpr (std::is_same_v<Request, BufferRequest>)
      request.size = std::max<Bytes>(request.size / 2, 1);
    ++record_.asked_again_count;
    result = create(request, target, operation);
  }
  if constexpr (std::is_same_v<Request, BufferRequest>) {
    if (result && request.size != context_.size_of(object)) {
      context_.sizes[object] = request.size;
      record_.halved.emplace_back(object, request.size);
    }
  }
}

template <bool Concurrent>
inline bool Lane<Concurrent>::is_shared(ObjectIndex object) const {
  return context_.sharing.contains(object);
}

// The request of the object's shape, filled in; good until the next one of that shape.
template <bool Concurrent>
[[gnu::always_inline]] inline BufferRequest& Lane<Concurrent>::buffer_request(ObjectIndex object, Bytes size,
                                                                              std::uint16_t lane) {
  BufferRequest& request = shapes_[context_.trace.objects[object].shape].buffer;
  request.size = size;
  request.alignment = alignment_of(object);
  fill(request, object, lane);
  return request;
}

template <bool Concurrent>
inline Bytes Lane<Concurrent>::alignment_of(ObjectIndex object) const {
  const Bytes asked = context_.trace.shape_of(object).alignment;
  if (!is_shared(object)) [[likely]]
    return asked;
  const auto owner = context_.requests.owner_alignment.find(object);
  return owner == context_.requests.owner_alignment.end() ? asked : std::max(asked, owner->second);
}

template <bool Concurrent>
[[gnu::always_inline]] inline ImageRequest& Lane<Concurrent>::image_request(ObjectIndex object, std::uint16_t lane) {
  ImageRequest& request = shapes_[context_.trace.objects[object].shape].image;
  fill(request, object, lane);
  return request;
}

template <bool Concurrent>
template <typename Request>
[[gnu::always_inline]] inline void Lane<Concurrent>::fill(Request& request, ObjectIndex object,
                                                          std::uint16_t lane) const {
  request.lane = lane;
  request.user = Changes::user_of(object);
  request.shared = is_shared(object);
}

// No buffer can have so many bytes: whatever the strategy, nobody may ask the driver for it.
template <bool Concurrent>
inline bool Lane<Concurrent>::is_impossible(Bytes size) const {
  return size > max_buffer_size_;
}

// Notes an object that the device cannot have.
template <bool Concurrent>
void Lane<Concurrent>::unsupported(ObjectIndex object) {
  objects_[object].state = ObjectState::unsupported;
  objects_[object].unsupported = true;
  if constexpr (Concurrent) context_.recording.stamps[object].created = read_ticks();
}

template <bool Concurrent>
[[gnu::always_inline]] inline bool Lane<Concurrent>::is_asked_for(const Event& event, std::uint64_t position) {
  const Served served = shapes_[context_.trace.objects[event.object].shape].served;
  if (served == Served::whole) [[likely]]
    return true;
  if (served == Served::in_parts) {
    create_in_parts(event.object, event, position);
  } else {
    for (ObjectIndex i = 0; i < event.count(); ++i) unsupported(event.object + i);
  }
  return false;
}

template <bool Concurrent>
inline void Lane<Concurrent>::create_buffer(const Event& event, std::uint64_t position) {
  if (!is_asked_for(event, position)) return;
  if (is_impossible(event.size())) [[unlikely]]
    return keep(event.object, VK_ERROR_OUT_OF_DEVICE_MEMORY, position);
  keep(event.object,
       create_or_ask_again(event.object, buffer_request(event.object, event.size(), event.lane), alias_target(event),
                           Operation::create_buffer),
       position);
}

template <bool Concurrent>
inline void Lane<Concurrent>::create_image(const Event& event, std::uint64_t position) {
  if (!is_asked_for(event, position)) return;
  keep(event.object,
       create_or_ask_again(event.object, image_request(event.object, event.lane), alias_target(event),
                           Operation::create_image),
       position);
}

template <bool Concurrent>
inline void Lane<Concurrent>::create_batch(const Event& event, std::uint64_t position) {
  BufferRequest request = buffer_request(event.object, 0, event.lane);
  const std::size_t count = event.count();
  if (!is_asked_for(event, position)) return;  // they have one shape
  batch_sizes_.clear();
  for (ObjectIndex i = 0; i < count; ++i) {
    batch_sizes_.push_back(context_.trace.objects[event.object + i].size);
    request.shared = request.shared || is_shared(event.object + i);
    request.alignment = std::max(request.alignment, alignment_of(event.object + i));
  }
  batch_results_.assign(count, Expected<Allocation>(VK_ERROR_OUT_OF_DEVICE_MEMORY));
  const Timer op(clock_, record_);
  create_possible(request);
  op.end(Operation::batch);
  for (std::size_t i = 0; i < count; ++i) keep(event.object + static_cast<ObjectIndex>(i), batch_results_[i], position);
}

// Asks for the batch, in parts between the sizes that are impossible: these keep their result.
template <bool Concurrent>
inline void Lane<Concurrent>::create_possible(BufferRequest& request) {
  const std::uint64_t user = request.user;
  const std::span<const Bytes> sizes = batch_sizes_;
  for (std::size_t begin = 0; begin < sizes.size();) {
    std::size_t end = begin;
    while (end < sizes.size() && !is_impossible(sizes[end])) ++end;
    request.user = user + begin;
    if (end > begin)
      strategy_.create_buffers(request, sizes.subspan(begin, end - begin),
                               std::span(batch_results_).subspan(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace vkmembench
