#pragma once

#include <memory>
#include <vector>

#include "allocator/host/host_layer.h"
#include "bench/replay/record/host_record.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// Tracks the host memory of one replay: the trace's own, the strategy's and the driver's. Categories of the trace
// beyond kTraceCategories count as "(other)", so that strategy and driver have room for theirs. Outlives the strategy
// and every layer over its tracker.
class HostAccount {
 public:
  static constexpr std::uint32_t kTraceCategories = 1024;

  HostAccount(const Trace& trace, const Device& device);

  [[nodiscard]] HostTracker& tracker() { return tracker_; }
  // The device with the driver's and its users' host memory tracked.
  [[nodiscard]] Device device() const;

  // Of a host_alloc event: the category by its string, on the lane that asks. nullptr when memory is exhausted.
  [[nodiscard]] void* allocate(Bytes size, std::uint32_t category, std::uint16_t lane);
  // At the end of a frame, with no call under way: remembers the moment when the most allocations are live.
  void look(std::uint64_t live_count);
  // Requires the strategy to be gone.
  [[nodiscard]] HostRecord finish();

 private:
  HostTracker tracker_;
  VulkanCallbacks strategy_;
  VulkanCallbacks driver_;
  HostLayer layer_;
  std::vector<Category> categories_;  // by string of the trace; those that no host_alloc names count as everything
  HostRecord record_;
};

// The memory of host_alloc events, by object; from the account where host memory is tracked, else from malloc(). Each
// object is one thread's at a time.
class HostObjects {
 public:
  explicit HostObjects(const Trace& trace);
  ~HostObjects() { free_all(); }
  HostObjects(const HostObjects&) = delete;
  HostObjects& operator=(const HostObjects&) = delete;

  void track(HostAccount* account) { account_ = account; }
  // False when memory is exhausted. The memory is written, as its user would.
  [[nodiscard]] bool allocate(const Event& event);
  // False when the object has no memory.
  bool free(ObjectIndex object);
  // What the trace left; returns how many.
  std::uint64_t free_all();

 private:
  HostAccount* account_ = nullptr;
  std::vector<void*> memory_;  // by object; empty when the trace asks for none
};

}  // namespace vkmembench
