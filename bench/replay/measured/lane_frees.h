#pragma once

#include "bench/replay/measured/lane.h"

// The parts of Lane that destroy objects, once the frames that may use them are over.
namespace vkmembench {

template <Timing T, bool Concurrent>
inline void Lane<T, Concurrent>::free(const Event& event) {
  if constexpr (Concurrent) context_.recording.stamps[event.object].freed = read_ticks();
  if (context_.trace.frames_in_flight == 0)
    destroy(event.object);
  else
    pending_.push_back(event.object);
}

template <Timing T, bool Concurrent>
inline void Lane<T, Concurrent>::complete_until(std::size_t end) {
  for (; completed_ < end && !is_cut(); ++completed_) {
    if (completed_ + kAhead < end) prefetch(pending_[completed_ + kAhead]);
    destroy(pending_[completed_]);
  }
}

template <Timing T, bool Concurrent>
inline void Lane<T, Concurrent>::destroy(ObjectIndex object) {
  ReplayObject& entry = objects_[object];
  if (entry.state != ObjectState::live) {
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
  record_.free_count += !is_cut();
  entry.state = ObjectState::freed;
  --record_.live_count;
}

template <Timing T, bool Concurrent>
inline void Lane<T, Concurrent>::complete_frees(std::uint64_t before_frame) {
  while (!frame_ends_.empty() && frame_ends_.front().frame < before_frame) {
    complete_until(frame_ends_.front().end);
    frame_ends_.erase(frame_ends_.begin());
  }
}

template <Timing T, bool Concurrent>
inline void Lane<T, Concurrent>::complete_all() {
  complete_until(pending_.size());
}

template <Timing T, bool Concurrent>
inline void Lane<T, Concurrent>::frame_ends(std::uint64_t frame) {
  if (pending_.size() != completed_) frame_ends_.push_back({frame, pending_.size()});
  if (completed_ > 4096 && completed_ * 2 > pending_.size()) compact();
}

template <Timing T, bool Concurrent>
inline void Lane<T, Concurrent>::compact() {
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(completed_));
  for (FrameEnd& mark : frame_ends_) mark.end -= completed_;
  completed_ = 0;
}

}  // namespace vkmembench
