// What strategies do to objects after their creation: followed, counted, accounted for and checked.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "bench/replay/testing/replay_fixture.h"
#include "bench/replay/testing/spy_strategy_fixture.h"

namespace vkmembench {
namespace {

// `dedicated`, which does one thing by itself to every buffer when frame 1 begins.
class Meddler : public PassingStrategy {
 public:
  enum class Deed { evict, move, move_and_forget_contents };
  Meddler(const Device& device, Deed deed) : PassingStrategy(parse_strategy("dedicated").make(device)), deed_(deed) {}

  void start(const StrategyHost& host) override { listener_ = host.listener; }
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    Expected<Allocation> made = below_->create_buffer(request);
    const std::lock_guard lock(mutex_);
    if (made) held_[request.user] = {request, *made};
    return made;
  }
  void destroy(const Allocation& allocation, std::uint16_t lane) override {
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(held_, [&](const auto& row) { return row.second.allocation.resource == allocation.resource; });
    }
    below_->destroy(allocation, lane);
  }
  void begin_frame(std::uint64_t n) override {
    if (n != 1) return;
    const auto all = held_;
    for (const auto& [user, held] : all) {
      if (deed_ == Deed::evict) {
        destroy(held.allocation, 0);
        listener_->evicted(user);
        continue;
      }
      const Allocation after = *below_->create_buffer(held.request);
      if (deed_ == Deed::move) {
        std::memcpy(*below_->map(after), *below_->map(held.allocation), held.request.size);
        below_->unmap(after);
        below_->unmap(held.allocation);
      }
      below_->destroy(held.allocation, 0);
      held_[user].allocation = after;
      listener_->moved(user, after);
      listener_->noticed({.kind = Notice::Kind::defragment_pass, .bytes = held.request.size, .count = 1, .ns = 700});
    }
  }
  [[nodiscard]] std::vector<StrategyFigure> figures() const override { return {{Figure::defrag_moves_count, 3}}; }

 private:
  struct Held {
    BufferRequest request;
    Allocation allocation;
  };
  Deed deed_;
  StrategyListener* listener_ = nullptr;
  std::mutex mutex_;  // of held_
  std::map<std::uint64_t, Held> held_;
};

MakeStrategy meddler(Meddler::Deed deed) {
  return [deed](const Device& device) { return std::make_unique<Meddler>(device, deed); };
}

std::uint32_t evictable_shape(Story& story) {
  Shape shape;
  shape.memory = MemoryUse::upload;
  shape.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  shape.evictable = true;
  return story.shape(shape);
}

TEST(Evicted, ObjectsComeBackWithTheirNextUse) {
  Story story;
  const std::uint32_t shape = evictable_shape(story);
  story.frame();
  const ObjectIndex used_again = story.buffer(100, 4096, shape);
  const ObjectIndex forgotten = story.buffer(101, 8192, shape);
  story.write(used_again, 0, 4096);
  story.frame();
  story.snapshot("gone");
  story.read(used_again, 0, 4096);
  story.snapshot("back");
  story.touch(used_again);
  story.free(used_again);
  story.free(forgotten);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, meddler(Meddler::Deed::evict));
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "evict.count"), 2u);
  EXPECT_EQ(count_of(run, "evict.bytes"), 4096u + 8192u);
  EXPECT_EQ(count_of(run, "evict.reload_count"), 1u);
  EXPECT_EQ(count_of(run, "alloc.skipped_count", "evicted"), 1u);  // the free of what was not used again
  EXPECT_EQ(count_of(run, "free.count"), 1u);
  EXPECT_EQ(run.metric("mem.reserved_over_live_ratio")->note, "over what was served: 2 evicted of 2 requests");
  EXPECT_EQ(ratio_of(run, "mem.reserved_over_live_ratio"), 1.0);
  EXPECT_EQ(count_of(run, "mem.required_peak_bytes"), 4096u + 8192u);  // the trace holds them all the same
  ASSERT_EQ(run.snapshots.size(), 2u);
  EXPECT_TRUE(run.snapshots[0].blocks.empty());
  EXPECT_EQ(run.snapshots[1].blocks.size(), 1u);
}

// Of two that do not fit together, creating the one again evicts the other: a copy between them has nothing to copy.
TEST(Evicted, ACopyMayMakeRoomForItsTargetWithItsSource) {
  constexpr Bytes kPart = 10 * kMiB;
  Story story;
  Shape shape;
  shape.memory = MemoryUse::device;
  shape.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  story.frame();
  for (int i = 0; i < 5; ++i) story.make(kPart);
  for (int i = 0; i < 3; ++i) story.make(kPart, MemoryUse::upload);
  shape.evictable = true;
  const std::uint32_t evictable = story.shape(shape);
  const ObjectIndex first = story.buffer(100, kPart, evictable);
  for (int i = 0; i < 4; ++i) story.frame();
  const ObjectIndex second = story.buffer(101, kPart, evictable);
  for (int i = 0; i < 4; ++i) story.frame();
  story.copy(second, first, 1000);
  story.frame();
  const Trace trace = story.finish();
  Stage stage(replay_profile());  // 64 MiB and 32 MiB
  const Recording recording = stage.play(trace, "core-default");
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "evict.count"), 2u);
  EXPECT_EQ(count_of(run, "alloc.skipped_count", "evicted"), 2u);  // the copy, and the end of what it evicted
  EXPECT_EQ(count_of(run, "copy.bytes"), 0u);
}

TEST(Evicted, ObjectComesBackOnceWhenLanesUseItAtOnce) {
  constexpr std::uint16_t kLanes = 4;
  constexpr std::size_t kObjects = 500;
  Story story;
  const std::uint32_t shape = evictable_shape(story);
  story.frame();
  std::vector<ObjectIndex> objects;
  for (std::size_t i = 0; i < kObjects; ++i) objects.push_back(story.buffer(100 + i, 4096, shape));
  story.frame();
  for (const ObjectIndex object : objects)
    for (std::uint16_t lane = 0; lane < kLanes; ++lane) {
      story.lane(lane);
      story.touch(object);
    }
  story.lane(0);
  for (const ObjectIndex object : objects) story.free(object);
  const Trace trace = story.finish();
  DeviceProfile profile = replay_profile();
  profile.limits.maxMemoryAllocationCount = 2 * kObjects;
  Stage stage(profile);
  const Recording recording = stage.play(trace, meddler(Meddler::Deed::evict), replay_options(true));
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "evict.count"), kObjects);
  EXPECT_EQ(count_of(run, "evict.reload_count"), kObjects);
  EXPECT_EQ(count_of(run, "free.count"), kObjects);
  EXPECT_EQ(count_of(run, "leak.count"), 0u);
}

TEST(EvictedDeathTest, OnlyWhatIsMarkedEvictableMayGo) {
  Story story;
  story.frame();
  story.make(100, MemoryUse::upload);
  story.frame();
  const Trace trace = story.finish();
  EXPECT_DEATH(
      {
        Stage stage(replay_profile());
        (void)stage.play(trace, meddler(Meddler::Deed::evict));
      },
      "marked evictable");
}

Trace written_before_frame_1() {
  Story story(2);
  story.frame();
  const ObjectIndex first = story.make(4096, MemoryUse::upload);
  const ObjectIndex second = story.make(4096, MemoryUse::upload);
  story.write(first, 0, 4096);
  story.write(second, 1000, 96);
  story.snapshot("before");
  story.frame();
  story.snapshot("after");
  story.read(first, 0, 4096);
  story.free(first);
  story.frame();
  return story.finish();
}

TEST(Moved, ObjectsAreFoundWhereTheyWent) {
  const Trace trace = written_before_frame_1();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, meddler(Meddler::Deed::move));
  expect_clean(recording, stage);
  ASSERT_EQ(recording.changes.size(), 2u);
  EXPECT_NE(recording.changes[0].before.resource, recording.changes[0].after.resource);
  const auto run = stage.summary(trace, recording);
  EXPECT_GT(ratio_of(run, "mem.reserved_over_live_ratio"), 1.4);  // old and new at once
  ASSERT_EQ(run.snapshots.size(), 2u);
  EXPECT_EQ(run.snapshots[0].blocks.size(), 2u);
  EXPECT_EQ(run.snapshots[1].blocks.size(), 2u);
  EXPECT_EQ(count_of(run, "defrag.moves_count"), 3u);  // the strategy's own figure
  EXPECT_EQ(count_of(run, "time.defrag_pass_ns.n"), 2u);
  EXPECT_EQ(count_of(run, "time.defrag_pass_ns.max"), 700u);
  EXPECT_EQ(std::ranges::count(run.events, "defragmentation", &RunEvent::kind), 2);
}

TEST(Moved, ContentsThatStayBehindAreAViolation) {
  const Trace trace = written_before_frame_1();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, meddler(Meddler::Deed::move_and_forget_contents));
  EXPECT_GE(recording.violation_counts.at("contents"), 2u);
}

// `dedicated`, with a resize that copies on the host.
class Resizer : public PassingStrategy {
 public:
  using PassingStrategy::PassingStrategy;
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override {
    if (request.size > 100'000) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
    const Expected<Allocation> after = below_->create_buffer(request);
    if (!after) return after;
    std::memcpy(*below_->map(*after), *below_->map(allocation), std::min<Bytes>(request.size, 1000));
    below_->unmap(*after);
    below_->unmap(allocation);
    below_->destroy(allocation, 0);
    return after;
  }
};
std::unique_ptr<Strategy> resizer(const Device& device) {
  return std::make_unique<Resizer>(parse_strategy("dedicated").make(device));
}

TEST(Resized, ObjectsKeepTheirContentsAndCountWithTheirNewSize) {
  Story story;
  story.frame();
  const ObjectIndex object = story.make(1000, MemoryUse::upload);
  story.write(object, 0, 1000);
  story.resize(object, 5000);
  story.write(object, 4000, 1000);
  story.read(object, 0, 5000);
  story.resize(object, 500);
  story.read(object, 0, 500);
  story.frame();
  story.resize(object, 200'000);  // refused: it keeps the size before
  story.write(object, 0, 100'000);
  story.free(object);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, resizer);
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "time.resize_ns.n"), 3u);
  EXPECT_EQ(count_of(run, "alloc.failed_count"), 1u);
  EXPECT_EQ(count_of(run, "alloc.count"), 1u);
  EXPECT_EQ(count_of(run, "alloc.failed_bytes"), 200'000u);
  EXPECT_EQ(count_of(run, "mem.requested_peak_bytes"), 5000u);  // a refused resize keeps the size before
  ASSERT_EQ(recording.changes.size(), 2u);
  EXPECT_EQ(recording.changes[1].kind, ChangeKind::resized);
}

// What is served is accounted with the size that it has, and the refusal names the one that it was to have.
TEST(Resized, ARefusalLeavesTheAccountAlone) {
  constexpr Bytes kTooMuch = Bytes{1} << 40;
  Story story;
  story.frame();
  const ObjectIndex object = story.make(65'536);
  story.resize(object, kTooMuch);
  story.make(4 * kMiB);
  story.snapshot("after");
  const ObjectIndex never = story.make(kGiB);  // refused: the load is what the trace holds
  story.resize(never, 2 * kGiB);
  story.free(never);
  story.frame();
  const Trace trace = story.finish();
  for (const char* strategy : {"dedicated", "vma", "core-default"})
    for (const bool concurrent : {false, true}) {
      Stage stage(replay_profile());
      const Recording recording = stage.play(trace, strategy, replay_options(concurrent));
      expect_clean(recording, stage);
      const auto run = stage.summary(trace, recording);
      EXPECT_EQ(count_of(run, "alloc.failed_bytes"), kTooMuch + kGiB) << strategy;
      EXPECT_GE(ratio_of(run, "frag.internal_ratio"), 0) << strategy;
      EXPECT_GE(ratio_of(run, "mem.reserved_over_live_at_ratio", "after"), 1) << strategy;
      EXPECT_EQ(count_of(run, "mem.required_peak_bytes"), 2 * kGiB + 4 * kMiB + 65'536) << strategy;
      ASSERT_FALSE(run.events.empty());
      EXPECT_TRUE(
          run.events[0].text.starts_with("resize of buffer 1 to 1099511627776 bytes: out_of_device_memory: needs"))
          << run.events[0].text;
    }
}

// Without a strategy that shares memory an alias has its own, and the trace's load is the smaller one all the same.
TEST(Aliases, AskForNoMemoryOfTheirOwn) {
  Story story;
  story.frame();
  const std::uint32_t shape = story.shape_for(MemoryUse::device);
  const ObjectIndex target = story.buffer(100, 8192, shape);
  const ObjectIndex alias = story.buffer(101, 4096, shape, target);
  story.upload(target, 8192);
  story.upload(alias, 4096);  // what the target held is undefined now
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, plain_dedicated);
  expect_clean(recording, stage);
  EXPECT_EQ(recording.lanes[0].unshared_alias_count, 1u);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "mem.required_peak_bytes"), 8192u);
  EXPECT_EQ(count_of(run, "mem.reserved_peak_bytes"), 8192u + 4096u);
}

}  // namespace
}  // namespace vkmembench
