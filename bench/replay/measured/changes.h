#pragma once

#include <mutex>

#include "bench/replay/measured/context.h"

namespace vkmembench {

// Keeps the objects of a replay up to date with what the strategy does to them by itself, and writes it down.
class Changes : public StrategyListener {
 public:
  // Requires a context that outlives it, and a strategy that speaks on the thread of lane 0 alone, which begins frames.
  explicit Changes(ReplayContext& context) : context_(context) {}

  // What a request carries so that the listener knows its object again.
  [[nodiscard]] static std::uint64_t user_of(ObjectIndex object) { return std::uint64_t{object} + 1; }

  void moved(std::uint64_t user, const Allocation& after) override;
  void evicted(std::uint64_t user) override;
  void noticed(const Notice& notice) override;

  // The object has another allocation from now on, by the event at this position. Safe from any lane.
  void changed(std::uint64_t position, ObjectIndex object, ChangeKind kind, const Allocation& after);

 private:
  // Of the event under way in lane 0.
  [[nodiscard]] std::uint64_t position() const { return context_.recording.lanes[0].calls.position; }

  ReplayContext& context_;
  std::mutex mutex_;
};

}  // namespace vkmembench
