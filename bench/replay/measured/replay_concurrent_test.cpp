// Lanes as threads: frees of other lanes' objects, frames and barriers. Run it under ThreadSanitizer too.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "bench/replay/testing/replay_fixture.h"
#include "bench/replay/testing/spy_strategy_fixture.h"

namespace vkmembench {
namespace {

// Lanes that create, write, upload, copy and read objects of their own, touch and free those of any lane.
Trace random_lanes(std::uint64_t seed, std::uint16_t lanes, std::uint32_t in_flight, int steps) {
  Story story(in_flight);
  Random random(seed);
  std::vector<std::vector<ObjectIndex>> host(lanes), device(lanes), images(lanes);
  const auto pick = [&](std::vector<ObjectIndex>& from) { return from[random.below(from.size())]; };
  story.frame();
  for (int step = 0; step < steps; ++step) {
    const auto lane = static_cast<std::uint16_t>(random.below(lanes));
    story.lane(lane);
    auto& my_host = host[lane];
    auto& my_device = device[lane];
    switch (random.below(14)) {
      case 0:
      case 1:
        my_host.push_back(
            story.make(1 + random.below(20000), random.chance(0.5) ? MemoryUse::upload : MemoryUse::readback));
        break;
      case 2:
        my_device.push_back(story.make(1 + random.below(60000)));
        break;
      case 3:
        images[lane].push_back(story.make_image(static_cast<std::uint32_t>(4 + random.below(60))));
        break;
      case 4: {
        const ObjectIndex first = story.make_batch({100, 5000, 70}, MemoryUse::upload);
        for (ObjectIndex i = 0; i < 3; ++i) my_host.push_back(first + i);
        break;
      }
      case 5:
      case 6:
        if (!my_host.empty()) {
          const ObjectIndex object = pick(my_host);
          const Offset offset = random.below(story.size_of(object));
          story.write(object, offset, story.size_of(object) - offset);
        }
        break;
      case 7:
        if (!my_host.empty()) {
          const ObjectIndex object = pick(my_host);
          story.read(object, 0, story.size_of(object));
        }
        break;
      case 8:
        if (!my_device.empty()) {
          const ObjectIndex object = pick(my_device);
          story.upload(object, 1 + random.below(story.size_of(object)));
        }
        if (!images[lane].empty()) story.upload(pick(images[lane]), 1);
        break;
      case 9:
        if (!my_device.empty() && !my_host.empty()) {
          const ObjectIndex from = pick(my_device);
          const ObjectIndex to = pick(my_host);
          story.copy(from, to, std::min(story.size_of(from), story.size_of(to)));
        }
        break;
      case 10:
        if (random.chance(0.2)) story.barrier();
        break;
      case 11:
        if (random.chance(0.3)) {
          story.lane(0);
          story.frame();
        }
        break;
      default: {  // of any lane
        auto& kind = random.chance(0.4) ? host : random.chance(0.7) ? device : images;
        auto& theirs = kind[random.below(lanes)];
        if (theirs.empty()) break;
        std::swap(theirs[random.below(theirs.size())], theirs.back());
        if (random.chance(0.3)) story.touch(theirs.back());
        story.free(theirs.back());
        theirs.pop_back();
      }
    }
  }
  return story.finish();
}

// Room for every lane's staging.
DeviceProfile roomy_profile() {
  DeviceProfile profile = replay_profile();
  profile.limits.maxMemoryAllocationCount = 4096;
  for (std::uint32_t heap = 0; heap < 2; ++heap) profile.memory.memoryHeaps[heap].size = profile.budgets[heap] = kGiB;
  return profile;
}

// One trace replayed in order and concurrently, both without a failed check.
struct BothWays {
  BothWays(const Trace& trace, const std::string& strategy)
      : in_order(ordered.play(trace, strategy)), recording(concurrent.play(trace, strategy, replay_options(true))) {
    expect_clean(in_order, ordered);
    expect_clean(recording, concurrent);
  }
  Stage ordered{roomy_profile()};
  Stage concurrent{roomy_profile()};
  Recording in_order;
  Recording recording;
};

class Concurrent : public testing::TestWithParam<std::tuple<std::string, std::uint16_t>> {};
INSTANTIATE_TEST_SUITE_P(Table, Concurrent,
                         testing::Combine(testing::ValuesIn(preset_names()), testing::Values(2, 3, 4)),
                         [](const auto& row) {
                           return test_name(std::get<0>(row.param)) + "_on_" + std::to_string(std::get<1>(row.param)) +
                                  "_lanes";
                         });
TEST_P(Concurrent, PassesAllChecksAndCountsAsOrdered) {
  const auto& [strategy, lanes] = GetParam();
  for (std::uint32_t in_flight = 0; in_flight < 3; ++in_flight) {
    const Trace trace = random_lanes(100 + in_flight, lanes, in_flight, 500);
    ASSERT_EQ(trace.lane_count, lanes);
    BothWays both(trace, strategy);
    const Recording& in_order = both.in_order;
    const Recording& recording = both.recording;
    const auto expected = both.ordered.summary(trace, in_order);
    EXPECT_EQ(recording.lanes.size(), lanes);
    const auto run = both.concurrent.summary(trace, recording);
    EXPECT_EQ(run.replay, "concurrent");
    EXPECT_EQ(count_of(run, "alloc.count"), count_of(expected, "alloc.count"));
    EXPECT_EQ(count_of(run, "free.count"), count_of(expected, "free.count"));
    EXPECT_EQ(count_of(run, "alloc.skipped_count"), count_of(expected, "alloc.skipped_count"));
    EXPECT_EQ(count_of(run, "map.count"), count_of(expected, "map.count"));
    EXPECT_EQ(count_of(run, "copy.bytes"), count_of(expected, "copy.bytes"));
    EXPECT_EQ(recording.unfreed_count, in_order.unfreed_count);
    EXPECT_EQ(run.series.frame, expected.series.frame);
    EXPECT_EQ(recording.frames.size(), trace.frame_count);
    for (const MetricValue& metric : run.metrics) {
      const bool exact = metric.id == "alloc.count" || metric.id == "free.count";
      if (exact) {
        EXPECT_NE(class_of(metric), MetricClass::bounded) << metric.id;
      }
      if (metric.id.starts_with("mem.")) {
        EXPECT_EQ(class_of(metric), MetricClass::bounded) << metric.id;
      }
    }
    // At the end nothing is held, and the account saw every object come and go.
    if (strategy == "dedicated") {
      EXPECT_EQ(count_of(run, "mem.reserved_end_bytes"), 0u);
    }
  }
}

// Lanes that use, change and free whatever buffer there is.
Trace shared_objects(std::uint64_t seed, std::uint16_t lanes, std::uint32_t in_flight, int steps) {
  constexpr ObjectIndex kBound = 6;  // fewer than any device has slots
  Story story(in_flight);
  Random random(seed);
  std::vector<ObjectIndex> host;
  std::vector<ObjectIndex> all;
  const auto any_lane = [&] { story.lane(static_cast<std::uint16_t>(random.below(lanes))); };
  const auto pick = [&](const std::vector<ObjectIndex>& from) { return from[random.below(from.size())]; };
  story.frame();
  for (int step = 0; step < steps; ++step) {
    any_lane();
    if (host.size() < 3 || all.size() < 8) {
      const bool mappable = host.size() < 3;
      all.push_back(story.make(1 + random.below(20000), mappable ? MemoryUse::readback : MemoryUse::device));
      if (mappable) host.push_back(all.back());
      any_lane();
      if (all.back() < kBound) story.bind(all.back());
      continue;
    }
    const ObjectIndex object = pick(all);
    const ObjectIndex mapped = pick(host);
    switch (random.below(12)) {
      case 0:
      case 1:
      case 2: {
        const Offset offset = random.below(story.size_of(mapped));
        story.write(mapped, offset, 1 + random.below(story.size_of(mapped) - offset));
        break;
      }
      case 3:
        story.read(mapped, 0, story.size_of(mapped));
        break;
      case 4:
        story.upload(object, story.size_of(object));
        break;
      case 5:
        if (object != mapped) story.copy(object, mapped, std::min(story.size_of(object), story.size_of(mapped)));
        break;
      case 6:
      case 7:
        story.resize(object, 1 + random.below(60000));
        break;
      case 8:
        story.mark(object);
        break;
      case 9:
        if (random.chance(0.2)) {
          story.lane(0);
          story.frame();
        }
        break;
      case 10:
        story.touch(object);
        break;
      default:
        story.free(object);
        std::erase(all, object);
        std::erase(host, object);
    }
  }
  return story.finish();
}

// Nobody else is at an object that the host accesses or that changes, whichever lane the events are of.
TEST_P(Concurrent, UsesSharedObjectsOneAtATime) {
  const auto& [strategy, lanes] = GetParam();
  for (std::uint32_t in_flight = 0; in_flight < 3; ++in_flight) {
    const Trace trace = shared_objects(200 + in_flight, lanes, in_flight, 600);
    ASSERT_EQ(trace.lane_count, lanes);
    BothWays both(trace, strategy);
    const Recording& in_order = both.in_order;
    const Recording& recording = both.recording;
    const auto expected = both.ordered.summary(trace, in_order);
    const auto run = both.concurrent.summary(trace, recording);
    for (const char* id : {"alloc.count", "free.count", "alloc.failed_count", "alloc.skipped_count", "map.count"})
      EXPECT_EQ(count_of(run, id), count_of(expected, id)) << id;
    for (ObjectIndex object = 0; object < recording.objects.size(); ++object)
      ASSERT_EQ(recording.objects[object].map_count, in_order.objects[object].map_count);
  }
}

TEST(ConcurrentReplay, OfOneLaneIsTheOrderedOne) {
  const Trace trace = random_lanes(7, 1, 2, 400);
  for (const char* strategy : {"dedicated", "vma", "core-default"}) {
    Stage ordered(roomy_profile());
    Stage concurrent(roomy_profile());
    const auto a = ordered.summary(trace, ordered.play(trace, strategy, replay_options(false, false)));
    const auto b = concurrent.summary(trace, concurrent.play(trace, strategy, replay_options(true, false)));
    for (const char* id : {"mem.required_peak_bytes", "mem.requested_peak_bytes", "mem.pending_free_peak_bytes",
                           "mem.charged_peak_bytes", "mem.reserved_peak_bytes", "mem.reserved_end_bytes",
                           "mem.waste_byte_frames", "api.allocate_memory_count", "api.device_memory_objects_peak",
                           "block.count_peak", "staging.reserved_peak_bytes"})
      EXPECT_EQ(count_of(b, id), count_of(a, id)) << strategy << " " << id;
  }
}

// LOAD counts what is held whether or not it was served, up to its free, also when frees are immediate.
TEST(ConcurrentReplay, ForgetsRefusedLoadWhenItIsFreed) {
  Story story;
  for (int i = 0; i < 10; ++i) story.free(story.make(kGiB));
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const auto run = stage.summary(trace, stage.play(trace, "dedicated", replay_options(true)));
  EXPECT_EQ(count_of(run, "alloc.failed_count"), 10u);
  EXPECT_EQ(count_of(run, "mem.required_peak_bytes"), kGiB);
}

// Each lane's requests say so.
class LaneSpy : public PassingStrategy {
 public:
  LaneSpy(std::unique_ptr<Strategy> below, std::mutex& mutex, std::map<std::uint16_t, std::set<std::thread::id>>& seen)
      : PassingStrategy(std::move(below)), mutex_(mutex), seen_(seen) {}
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    {
      const std::lock_guard lock(mutex_);
      seen_[request.lane].insert(std::this_thread::get_id());
    }
    return below_->create_buffer(request);
  }

 private:
  std::mutex& mutex_;
  std::map<std::uint16_t, std::set<std::thread::id>>& seen_;
};
TEST(ConcurrentReplay, HasAThreadALane) {
  Story story;
  for (std::uint16_t lane = 0; lane < 4; ++lane) {
    story.lane(lane);
    for (int i = 0; i < 5; ++i) story.make(100);
  }
  const Trace trace = story.finish();
  for (const bool concurrent : {false, true}) {
    std::mutex mutex;
    std::map<std::uint16_t, std::set<std::thread::id>> seen;
    Stage stage(replay_profile());
    const Recording recording = stage.play(
        trace,
        [&](const Device& device) {
          return std::make_unique<LaneSpy>(parse_strategy("null").make(device), mutex, seen);
        },
        replay_options(concurrent));
    EXPECT_EQ(seen.size(), 4u);
    std::set<std::thread::id> all;
    for (const auto& [lane, ids] : seen) {
      EXPECT_EQ(ids.size(), 1u) << "lane " << lane;
      all.insert(ids.begin(), ids.end());
    }
    EXPECT_EQ(all.size(), concurrent ? 4u : 1u);
  }
}

// When a strategy hears of frame n, every free of frames up to n - F was given to it, by whatever lane.
TEST(ConcurrentReplay, CompletesAFramesFreesBeforeTheStrategyHearsOfIt) {
  for (std::uint32_t in_flight = 1; in_flight < 4; ++in_flight) {
    const Trace trace = random_lanes(30 + in_flight, 4, in_flight, 1500);
    std::vector<std::uint64_t> freed_before;  // by frame: frees asked for before it began
    std::uint64_t frees = 0;
    for (const Event& event : trace.events) {
      frees += event.op == Op::free;
      if (event.op == Op::frame) freed_before.push_back(frees);
    }
    SpyStrategy::Log log;
    std::uint64_t frame = 0;
    std::uint64_t wrong = 0;
    log.on_line = [&](const std::string& line) {
      if (!line.starts_with("frame")) return;
      const std::uint64_t due = frame + 1 > in_flight ? freed_before[frame + 1 - in_flight] : 0;
      wrong += log.destroyed != due;
      ++frame;
    };
    Stage stage(replay_profile());
    const Recording recording = stage.play(
        trace, [&](const Device&) { return std::make_unique<SpyStrategy>(log); }, replay_options(true, false));
    EXPECT_EQ(frame, trace.frame_count);
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(log.destroyed, log.created);
  }
}

TEST(ConcurrentReplay, LanesMeetAtBarriers) {
  Story story;
  constexpr int kRounds = 50;
  for (int round = 0; round < kRounds; ++round) {
    for (std::uint16_t lane = 0; lane < 4; ++lane) {
      story.lane(lane);
      story.make(100);
    }
    story.barrier();
  }
  const Trace trace = story.finish();
  SpyStrategy::Log log;
  Stage stage(replay_profile());
  const Recording recording = stage.play(
      trace, [&](const Device&) { return std::make_unique<SpyStrategy>(log); }, replay_options(true, false));
  // Objects are created in rounds of four: the k-th to be created belongs to round k / 4.
  for (ObjectIndex object = 0; object < 4 * kRounds; ++object)
    EXPECT_EQ((recording.objects[object].allocation.resource - 1) / 4, object / 4);
}

TEST(ConcurrentReplay, AChangeIsCreditedToTheEventOfItsLane) {
  Story story;
  story.frame();
  std::vector<ObjectIndex> objects;
  for (std::uint16_t lane = 0; lane < 4; ++lane) {
    story.lane(lane);
    objects.push_back(story.make(1000));
  }
  for (Bytes size = 2000; size <= 40'000; size += 1000)
    for (std::uint16_t lane = 1; lane < 4; ++lane) {
      story.lane(lane);
      story.resize(objects[lane], size);
    }
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, "dedicated", replay_options(true));
  expect_clean(recording, stage);
  EXPECT_EQ(recording.changes.size(), 3u * 39);
  std::set<std::uint64_t> positions;
  for (const PlacementChange& change : recording.changes) {
    ASSERT_LT(change.position, trace.events.size());
    EXPECT_EQ(trace.events[change.position].op, Op::resize);
    EXPECT_EQ(trace.events[change.position].object, change.object);
    EXPECT_TRUE(positions.insert(change.position).second) << "one change a resize";
  }
}

// The lanes that events are on decide how many threads there are, not their numbers.
TEST(ReplayConcurrent, StartsAThreadForALaneThatIsUsed) {
  Story story(1);
  story.frame();
  for (const std::uint16_t lane : {std::uint16_t{0}, std::uint16_t{65535}}) {
    story.lane(lane);
    const ObjectIndex object = story.make(1000, MemoryUse::upload);
    story.write(object, 0, 1000);
    story.lane(0);
    story.free(object);
  }
  const Trace trace = story.finish();
  for (const std::string& strategy : preset_names()) {
    Stage stage(replay_profile());
    const Recording recording = stage.play(trace, strategy, replay_options(true));
    expect_clean(recording, stage);
    EXPECT_EQ(recording.lanes.size(), 2u);
    EXPECT_EQ(recording.events_done, trace.events.size());
  }
}

TEST(ReplayConcurrent, KeepsUpWithAsManyLanesAsThereMayBe) {
  Story story(1);
  for (int frame = 0; frame < 3; ++frame) {
    story.lane(0);
    story.frame();
    for (std::size_t i = 0; i < kMaxTraceLanes; ++i) {
      story.lane(static_cast<std::uint16_t>(i * 257));
      const ObjectIndex object = story.make(100, MemoryUse::upload);
      story.write(object, 0, 100);
      story.free(object);
    }
  }
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, "core-arenas", replay_options(true));
  expect_clean(recording, stage);
  EXPECT_EQ(recording.lanes.size(), kMaxTraceLanes);
  EXPECT_EQ(recording.events_done, trace.events.size());
}

}  // namespace
}  // namespace vkmembench
