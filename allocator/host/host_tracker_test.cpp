#include "allocator/host/host_tracker.h"

#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>

#include "allocator/base/error.h"
#include "allocator/testing/sanitized_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

constexpr std::size_t kPlain = alignof(std::max_align_t);

class EitherMode : public testing::TestWithParam<bool> {
 protected:
  HostTrackerOptions options_{.checked = GetParam()};
  HostTracker tracker_{options_};
  Category category_ = tracker_.category("Renderer::Textures");
};
INSTANTIATE_TEST_SUITE_P(HostTracker, EitherMode, testing::Bool(),
                         [](const auto& suite) { return suite.param ? "checked" : "plain"; });

TEST_P(EitherMode, CountsInEveryCategoryAround) {
  void* a = tracker_.allocate(100, kPlain, category_);
  void* b = tracker_.allocate(28, kPlain, tracker_.category("Renderer"));
  HostSnapshot now = tracker_.snapshot();
  EXPECT_EQ(now.counts("Renderer::Textures").live_bytes(), 100u);
  EXPECT_EQ(now.counts("Renderer").live_bytes(), 128u);
  EXPECT_EQ(now.all().live_bytes(), 128u);
  EXPECT_EQ(now.all().live_count(), 2u);
  tracker_.free(a);
  tracker_.free(b);
  now = tracker_.snapshot();
  EXPECT_EQ(now.all(), (HostCounts{2, 2, 128, 128, 128}));
  EXPECT_EQ(now.counts("Renderer::Textures").peak_bytes, 100u);
}

TEST_P(EitherMode, AlignsWhatItGives) {
  for (std::size_t alignment = 1; alignment <= 64 * 1024; alignment *= 2)
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, alignment, alignment + 1}) {
      void* pointer = tracker_.allocate(size, alignment, category_);
      ASSERT_NE(pointer, nullptr);
      EXPECT_TRUE(is_aligned(reinterpret_cast<std::uintptr_t>(pointer), alignment)) << alignment;
      std::memset(pointer, 0xab, size);
      pointer = tracker_.reallocate(pointer, size + 1);
      ASSERT_NE(pointer, nullptr);
      EXPECT_TRUE(is_aligned(reinterpret_cast<std::uintptr_t>(pointer), alignment)) << alignment;
      for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(static_cast<unsigned char*>(pointer)[i], 0xab);
      tracker_.free(pointer);
    }
  EXPECT_EQ(tracker_.snapshot().all().live_bytes(), 0u);
}

TEST_P(EitherMode, ReallocatesWithinTheAccount) {
  void* pointer = tracker_.allocate(10, kPlain, category_, {"a.cpp", 5});
  pointer = tracker_.reallocate(pointer, 1'000);
  pointer = tracker_.reallocate(pointer, 20);
  const HostSnapshot now = tracker_.snapshot();
  ASSERT_THAT(now.places, SizeIs(1));
  EXPECT_EQ(now.places[0].file, "a.cpp");
  EXPECT_EQ(now.places[0].counts.live_bytes(), 20u);
  EXPECT_EQ(now.places[0].counts.allocated_bytes, 1'030u);
  EXPECT_EQ(now.places[0].counts.allocated_count, 3u);
  EXPECT_GE(now.places[0].counts.peak_bytes, 1'000u);
  tracker_.free(pointer);
}

TEST_P(EitherMode, ReportsLeaksByPlace) {
  void* small = tracker_.allocate(8, kPlain, category_, {"small.cpp", 1});
  void* big[2];
  for (void*& pointer : big) pointer = tracker_.allocate(500, kPlain, category_, {"big.cpp", 2});
  void* nowhere = tracker_.allocate(4, kPlain, category_, Origin{});
  tracker_.free(tracker_.allocate(9'999, kPlain, category_, {"fine.cpp", 3}));
  const std::vector<HostPlaceRow> leaks = live_places(tracker_.snapshot());
  ASSERT_THAT(leaks, SizeIs(3));
  EXPECT_EQ(to_text(leaks[0]), "1000 bytes in 2 allocations of Renderer::Textures at big.cpp:2");
  EXPECT_EQ(to_text(leaks[1]), "8 bytes in 1 allocations of Renderer::Textures at small.cpp:1");
  EXPECT_EQ(to_text(leaks[2]), "4 bytes in 1 allocations of Renderer::Textures");
  for (void* pointer : {small, big[0], big[1], nowhere}) tracker_.free(pointer);
  EXPECT_THAT(live_places(tracker_.snapshot()), IsEmpty());
}

TEST_P(EitherMode, RefusesWhatNobodyCanServe) {
  for (const std::size_t alignment : {std::size_t{0}, std::size_t{3}, std::size_t{24}, ~std::size_t{0}})
    EXPECT_THAT([&] { (void)tracker_.allocate(64, alignment, category_); },
                ThrowsMessage<Error>(HasSubstr("not a power of two")));
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  for (const std::size_t size : {kMost, kMost - sizeof(HostHeader), kMost / 2})
    for (const std::size_t alignment : {std::size_t{1}, std::size_t{16}, std::size_t{4096}})
      EXPECT_THAT([&] { (void)tracker_.allocate(size, alignment, category_); },
                  ThrowsMessage<Error>(HasSubstr("more than the address space holds")));
  EXPECT_THROW((void)tracker_.allocate(1, std::size_t{1} << 63, category_), Error);
  void* pointer = tracker_.allocate(4, kPlain, category_);
  EXPECT_THROW((void)tracker_.reallocate(pointer, kMost), Error);
  EXPECT_EQ(tracker_.snapshot().all().live_bytes(), 4u) << "what was there stays";
  tracker_.free(pointer);
}

TEST_P(EitherMode, KeepsTheOriginalWhenMemoryIsExhausted) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer ends the program where malloc() gives nothing";
  constexpr std::size_t kTooMuch = std::size_t{1} << 60;
  EXPECT_EQ(tracker_.allocate(kTooMuch, kPlain, category_), nullptr);
  EXPECT_EQ(tracker_.allocate(kTooMuch, 4096, category_), nullptr);
  auto* text = static_cast<char*>(tracker_.allocate(6, kPlain, category_));
  std::memcpy(text, "stays", 6);
  EXPECT_EQ(tracker_.reallocate(text, kTooMuch), nullptr);
  EXPECT_STREQ(text, "stays");
  EXPECT_EQ(tracker_.snapshot().all().live_bytes(), 6u);
  tracker_.free(text);
  EXPECT_EQ(tracker_.snapshot().all().freed_bytes, 6u);
}

TEST_P(EitherMode, CountsLargeAllocationsOnceMoreAndWithoutTheirPlace) {
  HostTracker tracker({.checked = GetParam(), .large_bytes = 1'000});
  const Category category = tracker.category("meshes");
  void* small = tracker.allocate(999, kPlain, category, {"a.cpp", 1});
  void* large = tracker.allocate(1'000, kPlain, category, {"a.cpp", 2});
  HostSnapshot now = tracker.snapshot();
  EXPECT_EQ(now.large.live_bytes(), 1'000u);
  EXPECT_EQ(now.large.live_count(), 1u);
  EXPECT_EQ(now.all().live_bytes(), 1'999u) << "part of everything, once";
  ASSERT_THAT(now.places, SizeIs(2));
  EXPECT_EQ(now.places[0].file, "");
  EXPECT_EQ(now.places[0].counts.live_bytes(), 1'000u);
  large = tracker.reallocate(large, 10);
  small = tracker.reallocate(small, 5'000);
  EXPECT_EQ(tracker.snapshot().large.live_bytes(), 5'000u);
  tracker.free(large);
  tracker.free(small);
  EXPECT_EQ(tracker.snapshot().large.live_count(), 0u);
}

TEST_P(EitherMode, LosesNothingBeyondItsLimits) {
  HostTracker tracker({.checked = GetParam(), .max_categories = CategoryTree::kReserved + 1, .max_places = 1});
  const Category a = tracker.category("a");
  const Category b = tracker.category("b");
  std::array<void*, 3> pointers = {tracker.allocate(1, kPlain, a, {"x.cpp", 1}),
                                   tracker.allocate(2, kPlain, a, {"x.cpp", 2}),
                                   tracker.allocate(4, kPlain, b, {"x.cpp", 3})};
  const HostSnapshot now = tracker.snapshot();
  EXPECT_EQ(now.counts("a").live_bytes(), 3u);
  EXPECT_EQ(now.counts("(other)").live_bytes(), 4u);
  EXPECT_EQ(now.counts("b"), HostCounts{});
  EXPECT_EQ(now.all().live_bytes(), 7u);
  for (void* pointer : pointers) tracker.free(pointer);
}

TEST_P(EitherMode, DiesOnMemoryThatIsNotLive) {
  alignas(16) std::array<std::byte, 64> own{};
  EXPECT_DEATH(tracker_.free(&own[32]), "not live in this tracker");
  EXPECT_DEATH((void)tracker_.reallocate(&own[32], 8), "not live in this tracker");
  HostTracker other(options_);
  void* pointer = tracker_.allocate(8, kPlain, category_);
  EXPECT_DEATH(other.free(pointer), "not live in this tracker");
  EXPECT_DEATH(
      {
        std::memset(static_cast<std::byte*>(pointer) - 4, 0, 4);
        tracker_.free(pointer);
      },
      "its header overwritten");
  tracker_.free(pointer);
  tracker_.free(nullptr);
}

TEST_P(EitherMode, DiesOnAnAccountOfAnotherTracker) {
  EXPECT_DEATH((void)tracker_.allocate(8, kPlain, Account{900}), "another host tracker");
  EXPECT_DEATH((void)tracker_.allocate(8, kPlain, Category{900}), "another host tracker");
}

TEST(HostTracker, FindsASecondFreeInCheckedMode) {
  HostTracker tracker({.checked = true});
  void* pointer = tracker.allocate(8, kPlain, Category{});
  tracker.free(pointer);
  EXPECT_DEATH(tracker.free(pointer), "freed already");
  EXPECT_DEATH((void)tracker.reallocate(pointer, 9), "freed already");
}

TEST(HostTracker, ListsEveryLivePointerInCheckedMode) {
  HostTracker tracker({.checked = true});
  const Category category = tracker.category("a::b");
  void* first = tracker.allocate(8, kPlain, category, {"x.cpp", 3});
  void* second = tracker.allocate(9, 256, category, Origin{});
  tracker.free(tracker.allocate(10, kPlain, category));
  const std::vector<HostTracker::Live> live = tracker.live();
  ASSERT_THAT(live, SizeIs(2));
  const auto& of_first = live[live[0].pointer == first ? 0 : 1];
  const auto& of_second = live[live[0].pointer == first ? 1 : 0];
  EXPECT_EQ(of_first.pointer, first);
  EXPECT_EQ(of_first.size, 8u);
  EXPECT_EQ(of_first.category, "a::b");
  EXPECT_EQ(of_first.file, "x.cpp");
  EXPECT_EQ(of_first.line, 3);
  EXPECT_EQ(of_second.pointer, second);
  EXPECT_EQ(of_second.file, "");
  tracker.free(first);
  tracker.free(second);
  EXPECT_THAT(HostTracker().live(), IsEmpty());
}

TEST(HostTracker, RemembersThePlaceOfTheCaller) {
  HostTracker tracker;
  const int line = __LINE__ + 1;
  void* pointer = tracker.allocate(8, kPlain, tracker.category("here"));
  const std::vector<HostPlaceRow> live = live_places(tracker.snapshot());
  ASSERT_THAT(live, SizeIs(1));
  EXPECT_THAT(live[0].file, HasSubstr("host_tracker_test.cpp"));
  EXPECT_EQ(live[0].line, line);
  tracker.free(pointer);
}

TEST(HostTracker, KeepsManyPlacesApart) {  // more than a thread remembers
  HostTracker tracker;
  const Category category = tracker.category("many");
  std::vector<void*> pointers;
  for (int round = 0; round < 2; ++round)
    for (std::uint16_t line = 1; line <= 1'000; ++line)
      pointers.push_back(tracker.allocate(line, kPlain, category, {"x.cpp", line}));
  const std::vector<HostPlaceRow> live = live_places(tracker.snapshot());
  ASSERT_THAT(live, SizeIs(1'000));
  for (const HostPlaceRow& row : live) EXPECT_EQ(row.counts.live_bytes(), 2u * row.line);
  for (void* pointer : pointers) tracker.free(pointer);
}

// Metadata is 16 bytes an allocation; what a larger alignment pads is none of it.
TEST(HostTracker, PutsItsMetadataInFrontOfAnAllocation) {
  EXPECT_EQ(HostHeader::front(1), 16u);
  EXPECT_EQ(HostHeader::front(16), 16u);
  EXPECT_EQ(HostHeader::front(32), 32u);
  EXPECT_EQ(HostHeader::front(4096), 4096u);
}

}  // namespace
}  // namespace vkmembench
