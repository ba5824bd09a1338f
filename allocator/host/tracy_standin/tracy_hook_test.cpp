// A program of its own: the tracker compiled as where Tracy is found, over a stand-in for Tracy's header.

#include <gmock/gmock.h>

#include <cstring>
#include <memory>

#include "allocator/host/host_tracker.h"
#include "allocator/testing/sanitized_fixture.h"
#include "tracy/TracyC.h"

namespace vkmembench {
namespace {

using testing::SizeIs;
using testing::StrEq;

class TracyHook : public testing::Test {
 protected:
  TracyHook() { tracy_events().clear(); }
  static void expect(std::size_t index, const void* pointer, std::size_t size, bool free) {
    const TracyEvent& event = tracy_events().at(index);
    EXPECT_EQ(event.pointer, pointer) << index;
    EXPECT_EQ(event.size, size) << index;
    EXPECT_EQ(event.free, free) << index;
    EXPECT_THAT(event.pool, StrEq("Renderer::Meshes")) << index;
  }
};

TEST_F(TracyHook, ReportsAllocationsAndFreesByCategory) {
  HostTracker tracker;
  const Category category = tracker.category("Renderer::Meshes");
  void* first = tracker.allocate(10, 16, category);
  void* second = tracker.allocate(20, 64, category, Origin{});
  tracker.free(second);
  tracker.free(first);
  ASSERT_THAT(tracy_events(), SizeIs(4));
  expect(0, first, 10, false);
  expect(1, second, 20, false);
  expect(2, second, 0, true);
  expect(3, first, 0, true);
  for (const TracyEvent& event : tracy_events())
    EXPECT_EQ(event.pool, tracy_events()[0].pool) << "Tracy compares the address of the name";
}

TEST_F(TracyHook, ReportsAReallocationAsAFreeAndAnAllocation) {
  HostTracker tracker;
  void* before = tracker.allocate(10, 16, tracker.category("Renderer::Meshes"));
  void* after = tracker.reallocate(before, 100'000);
  ASSERT_THAT(tracy_events(), SizeIs(3));
  expect(1, before, 0, true);
  expect(2, after, 100'000, false);
  tracker.free(after);
}

TEST_F(TracyHook, ReportsWhatStaysWhenAReallocationFails) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer ends the program where malloc() gives nothing";
  HostTracker tracker;
  void* pointer = tracker.allocate(10, 16, tracker.category("Renderer::Meshes"));
  EXPECT_EQ(tracker.reallocate(pointer, std::size_t{1} << 60), nullptr);
  ASSERT_THAT(tracy_events(), SizeIs(3));
  expect(1, pointer, 0, true);
  expect(2, pointer, 10, false);
  tracker.free(pointer);
}

TEST_F(TracyHook, KeepsTheNameOfAPoolBeyondItsTracker) {
  auto tracker = std::make_unique<HostTracker>();
  tracker->free(tracker->allocate(10, 16, tracker->category("Renderer::Meshes")));
  tracker.reset();
  EXPECT_THAT(tracy_events().at(0).pool, StrEq("Renderer::Meshes"));
}

}  // namespace
}  // namespace vkmembench
