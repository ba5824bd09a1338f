#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vkmembench {

// What a trace frees, until the GPU can no longer use it: what is freed in frame f is done with when frame
// f + frames_in_flight begins. Frames count from 0, before the first `frame` event.
template <typename Object>
class FramesInFlight {
 public:
  explicit FramesInFlight(std::uint32_t frames_in_flight) : frames_in_flight_(frames_in_flight) {}

  // False where frees take effect at once: none may be deferred.
  [[nodiscard]] bool defers() const { return frames_in_flight_ != 0; }
  void defer(Object object) { pending_.push_back(object); }
  // The next frame begins.
  void begin_frame() {
    if (done_ > kMany && done_ * 2 > pending_.size()) compact();
    ends_.push_back(pending_.size());
    if (ends_.size() < frames_in_flight_) return;
    due_ = ends_[ends_.size() - std::max(1u, frames_in_flight_)];
    if (ends_.size() > kMany) ends_.erase(ends_.begin(), ends_.end() - static_cast<std::ptrdiff_t>(frames_in_flight_));
  }
  // There are no more frames: everything is due.
  void end() { due_ = pending_.size(); }

  // What is due and was not taken, the first freed first; good until the next call that is not const.
  [[nodiscard]] std::span<const Object> due() const { return {pending_.data() + done_, due_ - done_}; }
  // The first of these are done. Requires count <= due().size().
  void take(std::size_t count) { done_ += count; }

 private:
  static constexpr std::size_t kMany = 4096;  // below that, forgetting what is done is not worth a copy

  void compact() {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done_));
    for (std::size_t& end : ends_) end -= std::min(end, done_);
    due_ -= done_;
    done_ = 0;
  }

  std::uint32_t frames_in_flight_;
  std::vector<Object> pending_;  // in the order of their frees; [0, done_) are done
  std::size_t done_ = 0;
  std::size_t due_ = 0;            // [done_, due_) are due
  std::vector<std::size_t> ends_;  // pending_.size() at the end of each frame
};

}  // namespace vkmembench
