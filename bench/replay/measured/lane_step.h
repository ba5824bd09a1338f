#pragma once

#include <thread>

#include "bench/replay/measured/lane.h"

// What Lane does with an event, when, and whether its object can be used.
namespace vkmembench {

template <bool Concurrent>
inline void Lane<Concurrent>::step(std::uint64_t position) {
  const Event& event = context_.trace.events[position];
  record_.calls.position = position;
  if (Concurrent && !wait_for_turn(event, position)) return;
  switch (event.op) {
    case Op::buffer:
      create_buffer(event, position);
      break;
    case Op::image:
      create_image(event, position);
      break;
    case Op::batch:
      create_batch(event, position);
      break;
    case Op::sparse_bind:
    case Op::bind_plane:
      create_part(event, position);
      break;
    case Op::free:
      free(event);
      break;
    case Op::write:
      write(event);
      break;
    case Op::read:
      read(event);
      break;
    case Op::upload:
      upload(event);
      break;
    case Op::copy:
      copy(event);
      break;
    case Op::touch:
    case Op::range:
      if (usable(event.object)) strategy_.touch(objects_[event.object].allocation);
      break;
    case Op::resize:
      resize(event, position);
      break;
    case Op::bind:
      bind(event);
      break;
    case Op::unbind:
      unbind(event);
      break;
    case Op::mark:
      if (usable(event.object)) asked(event.op, strategy_.mark(objects_[event.object].allocation));
      break;
    case Op::defragment:
      asked(event.op, strategy_.defragment(context_.trace.defragments[event.request()]));
      break;
    case Op::budget:
      budget(event);
      break;
    case Op::host_alloc:
      if (!context_.host_objects.allocate(event)) skip(Skip::refused);
      break;
    case Op::host_free:
      if (!context_.host_objects.free(event.object)) skip(Skip::refused);
      break;
    case Op::pool:  // was made before the first event
    case Op::snapshot:
    case Op::frame:
    case Op::barrier:
    case Op::count:
      break;
  }
  if constexpr (Concurrent) finish_uses(event);
}

// True when the event's object is there to be used; else counts why not. What was evicted is created again.
template <bool Concurrent>
inline bool Lane<Concurrent>::usable(ObjectIndex object) {
  switch (objects_[object].state) {
    case ObjectState::live:
      return objects_[object].allocation.memory != VK_NULL_HANDLE;
    case ObjectState::unsupported:
      skip(Skip::unsupported);
      return false;
    case ObjectState::evicted:
      return reload(object);
    case ObjectState::in_parts:
    case ObjectState::part:
      return false;  // nothing for a strategy
    default:
      skip(Skip::refused);
      return false;
  }
}

// False when a lane broke down or was cut short meanwhile, and with it the order.
template <bool Concurrent>
inline bool Lane<Concurrent>::wait_for_turn(const Event& event, std::uint64_t position) const {
  if (event.object == kNoObject) return true;
  const Turn& turn = context_.turns[position];
  return wait_until(event.object, turn.object) &&
         (event.target() == kNoObject || wait_until(event.target(), turn.target));
}

template <bool Concurrent>
inline bool Lane<Concurrent>::wait_until(ObjectIndex object, std::uint32_t uses) const {
  for (int spins = 0; context_.uses_done[object].load(std::memory_order_acquire) < uses; ++spins) {
    if (context_.broken.load(std::memory_order_relaxed) || is_cut()) return false;
    if (spins > 64) std::this_thread::yield();
  }
  return true;
}

template <bool Concurrent>
inline void Lane<Concurrent>::finish_uses(const Event& event) {
  for (ObjectIndex i = 0; i < event.count(); ++i)
    context_.uses_done[event.object + i].fetch_add(1, std::memory_order_release);
  if (event.target() != kNoObject) context_.uses_done[event.target()].fetch_add(1, std::memory_order_release);
}

}  // namespace vkmembench
