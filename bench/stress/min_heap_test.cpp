#include "bench/stress/min_heap.h"

#include "allocator/base/error.h"
#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

DeviceChoice choice_of(const DeviceProfile& profile) {
  return {.selector = "sim:toy", .folder = "toy", .info = {}, .open = [profile](const OpenOptions& options) {
            return open_simulated_device(
                profile, {.model_clock = options.model_clock, .verify_contents = options.verify_contents});
          }};
}
DeviceChoice toy() {
  DeviceProfile profile = replay_profile();
  profile.limits.maxMemoryAllocationCount = 4096;
  return choice_of(profile);
}

TEST(MinHeap, IsWhatADedicatedMemoryEachTakesTogether) {
  Story story(1);
  story.frame();
  const ObjectIndex first = story.make(3 * kMiB);
  story.make(4 * kMiB);
  story.make(10 * kMiB, MemoryUse::upload);  // not in the heap
  story.free(first);
  story.make(2 * kMiB);  // while the first still waits for its frame
  story.frame();
  story.make(kMiB);
  const MinHeap found = min_heap(story.finish(), parse_strategy("dedicated"), toy());
  EXPECT_EQ(found.load, 9 * kMiB);
  EXPECT_EQ(found.bytes, 9 * kMiB);
  EXPECT_EQ(found.over_load(), 1.0);
  EXPECT_FALSE(found.survived_below);
}

// Blocks of 4 MiB, of which a fourth object of 2 MiB takes half another.
TEST(MinHeap, CountsWholeBlocks) {
  Story story;
  for (int i = 0; i < 5; ++i) story.make(2 * kMiB);
  const MinHeap found = min_heap(
      story.finish(), parse_strategy("core-default{min_block_bytes=4MiB,max_block_bytes=4MiB,dedicated_above_bytes=0}"),
      toy());
  EXPECT_EQ(found.load, 10 * kMiB);
  ASSERT_TRUE(found.bytes);
  EXPECT_GE(*found.bytes, 10 * kMiB);
  EXPECT_LE(*found.bytes, 12 * kMiB);
}

TEST(MinHeap, IsNoneWhereTheDevicesOwnHeapIsTooSmall) {
  Story story;
  for (int i = 0; i < 6; ++i) story.make(20 * kMiB);
  const MinHeap found = min_heap(story.finish(), parse_strategy("vma"), toy());
  EXPECT_EQ(found.bytes, std::nullopt);
}

TEST(MinHeap, NeedsSomethingForTheHeap) {
  Story story;
  story.make(kMiB, MemoryUse::upload);
  EXPECT_THROW((void)min_heap(story.finish(), parse_strategy("vma"), toy()), Error);
}

TEST(MinHeap, NothingSmallerServesAsMuch) {
  Story story(2);
  std::vector<ObjectIndex> live;
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    if (i % 10 == 0) story.frame();
    live.push_back(story.make(64 * kKiB * random.between(1, 24)));
    if (live.size() > 20) {
      const std::size_t gone = random.between(0, live.size() - 1);
      story.free(live[gone]);
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(gone));
    }
  }
  const Trace trace = story.finish();
  const MinHeap tight = min_heap(trace, parse_strategy("dedicated"), toy());
  ASSERT_TRUE(tight.bytes);
  EXPECT_EQ(*tight.bytes, tight.load);
  for (const char* strategy : {"vma", "core-default", "core-memory"}) {
    const MinHeap found = min_heap(trace, parse_strategy(strategy), toy());
    ASSERT_TRUE(found.bytes) << strategy;
    EXPECT_GE(*found.bytes, tight.load) << strategy;
    EXPECT_EQ(*min_heap(trace, parse_strategy(strategy), toy()).bytes, *found.bytes) << strategy;
  }
}

}  // namespace
}  // namespace vkmembench
