#pragma once

#include "bench/replay/measured/lane.h"

// The parts of Lane that destroy objects, once the frames that may use them are over.
namespace vkmembench {

template <bool Concurrent>
inline void Lane<Concurrent>::free(const Event& event) {
  if constexpr (Concurrent) context_.recording.stamps[event.object].freed = read_ticks();
  if (frees_.defers())
    frees_.defer(event.object);
  else
    destroy(event.object);
}

template <bool Concurrent>
inline void Lane<Concurrent>::destroy(ObjectIndex object) {
  ReplayObject& entry = objects_[object];
  if (entry.state != ObjectState::live) {
    if (entry.state == ObjectState::in_parts) return destroy_in_parts(object);
    if (entry.state == ObjectState::part) return destroy_part(object);
    skip(entry.state == ObjectState::unsupported ? Skip::unsupported
         : entry.state == ObjectState::evicted   ? Skip::evicted
                                                 : Skip::refused);
    entry.state = ObjectState::freed;
    return;
  }
  if (context_.contents != nullptr) {
    verify(object, 0, context_.size_of(object));
    context_.contents->forget(object);
  }
  if constexpr (Concurrent) context_.recording.stamps[object].destroyed = read_ticks();
  const Timer op(clock_, record_);
  strategy_.destroy(entry.allocation, 0);
  op.end(Operation::destroy);
  freed(object);
}

template <bool Concurrent>
inline void Lane<Concurrent>::freed(ObjectIndex object) {
  record_.free_count += !is_cut();
  objects_[object].state = ObjectState::freed;
  --record_.live_count;
}

template <bool Concurrent>
inline void Lane<Concurrent>::complete_frees() {
  const std::span<const ObjectIndex> due = frees_.due();
  std::size_t done = 0;
  for (; done < due.size() && !is_cut(); ++done) {
    if (done + kAhead < due.size()) prefetch(due[done + kAhead]);
    destroy(due[done]);
  }
  frees_.take(done);
}

template <bool Concurrent>
inline void Lane<Concurrent>::complete_all() {
  frees_.end();
  complete_frees();
}

}  // namespace vkmembench
