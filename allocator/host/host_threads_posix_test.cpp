// Of MinGW-w64's threads the memory goes before the objects in it.
#include <gtest/gtest.h>

#include <thread>

#include "allocator/host/host_tracker.h"

namespace vkmembench {
namespace {

constexpr std::size_t kPlain = alignof(std::max_align_t);

// Allocates and frees when its thread ends, after everything that was made later is gone.
struct AtTheEnd {
  HostTracker* tracker = nullptr;
  void* pointer = nullptr;
  ~AtTheEnd() {
    tracker->free(pointer);
    tracker->free(tracker->allocate(7, kPlain, tracker->category("late")));
  }
};

TEST(HostThreadsPosix, CountWhatIsFreedAfterTheirCountersWentBack) {
  HostTracker tracker;
  std::jthread([&] {
    static thread_local AtTheEnd late;  // made before the thread has counters
    late.tracker = &tracker;
    late.pointer = tracker.allocate(5, kPlain, tracker.category("early"));
  }).join();
  const HostSnapshot now = tracker.snapshot();
  EXPECT_EQ(now.counts("early").freed_bytes, 5u);
  EXPECT_EQ(now.counts("late").freed_bytes, 7u);
  EXPECT_EQ(now.all().live_count(), 0u);
}

}  // namespace
}  // namespace vkmembench
