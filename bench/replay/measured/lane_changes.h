#pragma once

#include "bench/replay/measured/lane.h"

// The parts of Lane that change objects after their creation.
namespace vkmembench {

// Creates an evicted object again, its contents undefined.
template <bool Concurrent>
bool Lane<Concurrent>::reload(ObjectIndex object) {
  const bool image = context_.trace.shape_of(object).image;
  const Expected<Allocation> result =
      image ? create(image_request(object, 0), {}, Operation::create_image)
            : create(buffer_request(object, context_.size_of(object), 0), {}, Operation::create_buffer);
  if (!result) {
    skip(Skip::evicted);
    return false;
  }
  context_.changes->changed(record_.calls.position, object, ChangeKind::reloaded, *result);
  objects_[object].state = ObjectState::live;
  ++record_.live_count;
  return true;
}

template <bool Concurrent>
void Lane<Concurrent>::resize(const Event& event, std::uint64_t position) {
  if (!usable(event.object)) return;
  if (is_impossible(event.size())) [[unlikely]]
    return refuse(event.object, event.size(), VK_ERROR_OUT_OF_DEVICE_MEMORY, position);
  Transfer::Held held;  // the queue that the strategy copies on
  if (context_.transfer != nullptr) held = context_.transfer->finish_and_hold();
  context_.note_copying(position, held.result);
  const Timer op(clock_, record_);
  const Expected<Allocation> result =
      strategy_.resize(objects_[event.object].allocation, buffer_request(event.object, event.size(), event.lane));
  op.end(Operation::resize);
  if (!result) {
    if (result.result() == VK_ERROR_FEATURE_NOT_PRESENT) not_offered(event.op);
    return refuse(event.object, event.size(), result.result(), position);
  }
  context_.changes->changed(position, event.object, ChangeKind::resized, *result);
  context_.sizes[event.object] = event.size();
  if (context_.contents != nullptr) context_.contents->truncated(event.object, event.size());
}

template <bool Concurrent>
void Lane<Concurrent>::bind(const Event& event) {
  if (!usable(event.object)) return;
  strategy_.touch(objects_[event.object].allocation);
  const VkResult result = strategy_.bind(objects_[event.object].allocation, context_.size_of(event.object));
  objects_[event.object].bound = result == VK_SUCCESS;
  asked(event.op, result);
}

template <bool Concurrent>
void Lane<Concurrent>::unbind(const Event& event) {
  ReplayObject& entry = objects_[event.object];
  if (!entry.bound) return skip(entry.state == ObjectState::evicted ? Skip::evicted : Skip::refused);
  entry.bound = false;
  asked(event.op, strategy_.unbind(entry.allocation));
}

template <bool Concurrent>
void Lane<Concurrent>::budget(const Event& event) {
  for (const auto& [heap, bytes] :
       resolve_budget(context_.trace.budgets[event.request()], context_.limits.device().info->memory)) {
    context_.limits.set_budget(heap, bytes);
    strategy_.budget_changed(heap, bytes);
  }
}

}  // namespace vkmembench
