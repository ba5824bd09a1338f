// What a strategy refuses and a device lacks: data, counted by cause, and never the end of a run.
#include <gtest/gtest.h>

#include <utility>

#include "bench/replay/testing/replay_fixture.h"
#include "bench/replay/testing/spy_strategy_fixture.h"

namespace vkmembench {
namespace {

std::vector<std::string> real_presets() {
  std::vector<std::string> names = preset_names();
  std::erase(names, "null");
  return names;
}

TEST(Refusals, AreCountedAndTheirEventsSkipped) {
  DeviceProfile profile = replay_profile();
  profile.limits.maxMemoryAllocationCount = 30;
  for (const bool concurrent : {false, true}) {
    for (const std::uint32_t in_flight : {0u, 2u}) {
      Story story(in_flight);
      story.frame();
      std::vector<ObjectIndex> objects;
      for (int i = 0; i < 40; ++i) objects.push_back(story.make(100, MemoryUse::upload));
      for (const ObjectIndex object : objects) story.write(object, 0, 100);
      for (const ObjectIndex object : objects) story.touch(object);
      story.frame();
      for (const ObjectIndex object : objects) story.free(object);
      const Trace trace = story.finish();
      Stage stage(profile);
      const Recording recording = stage.play(trace, "dedicated", replay_options(concurrent));
      expect_clean(recording, stage);
      EXPECT_EQ(recording.end, ReplayEnd::done);
      const auto run = stage.summary(trace, recording);
      EXPECT_EQ(run.status, Status::ok);
      EXPECT_EQ(count_of(run, "alloc.count"), 30u);
      EXPECT_EQ(count_of(run, "alloc.failed_count"), 10u);
      EXPECT_EQ(count_of(run, "alloc.failed_bytes"), 1000u);
      EXPECT_EQ(count_of(run, "alloc.skipped_count", "refused"), 30u);  // a write, a touch and a free each
      EXPECT_EQ(count_of(run, "alloc.skipped_count"), 30u);
      EXPECT_EQ(count_of(run, "free.count"), 30u);
      // LOAD is what the trace holds, served or not: 112 bytes each.
      EXPECT_EQ(count_of(run, "mem.required_peak_bytes"), 40u * 112);
      EXPECT_EQ(count_of(run, "mem.requested_peak_bytes"), 40u * 100);
      EXPECT_EQ(count_of(run, "mem.reserved_peak_bytes"), 30u * 112);
      const MetricValue* ratio = run.metric("mem.reserved_over_live_ratio");
      ASSERT_NE(ratio, nullptr);
      EXPECT_EQ(std::get<double>(ratio->value), 1.0);  // over what was served
      EXPECT_EQ(ratio->note, "over what was served: 10 refused of 40 requests");
      std::size_t told = 0;
      for (const RunEvent& event : run.events) {
        if (event.kind != "refusal") continue;
        ++told;
        EXPECT_NE(event.text.find("of 100 bytes: too_many_objects: 30 memory objects are live"), std::string::npos)
            << event.text;
      }
      EXPECT_EQ(told, 10u);
    }
  }
}

TEST(Refusals, OfBatchItemsAreTheirOwn) {
  Story story;
  const ObjectIndex first = story.make_batch({1000, 30 * kMiB, 2000, 40 * kMiB}, MemoryUse::upload);
  for (ObjectIndex i = 0; i < 4; ++i) story.write(first + i, 0, 10);
  const Trace trace = story.finish();
  for (const std::string& strategy : real_presets()) {
    Stage stage(replay_profile());  // one allocation holds 24 MiB
    const Recording recording = stage.play(trace, strategy);
    expect_clean(recording, stage);
    const auto run = stage.summary(trace, recording);
    EXPECT_EQ(count_of(run, "alloc.count"), 2u) << strategy;
    EXPECT_EQ(count_of(run, "alloc.failed_bytes"), 70 * kMiB) << strategy;
    EXPECT_EQ(count_of(run, "alloc.skipped_count", "refused"), 2u) << strategy;
    EXPECT_EQ(count_of(run, "map.count"), 2u) << strategy;
  }
}

// The format allows sizes that no buffer can have: refused by every strategy without a question to the driver.
TEST(Refusals, OfWhatNoBufferCanHoldAreEveryStrategys) {
  Story story;
  constexpr Bytes kTooLarge = (Bytes{1} << 46) + 1;
  story.frame();
  story.make(kTooLarge);
  const ObjectIndex batch = story.make_batch({100, kTooLarge, 200, Bytes{1} << 60}, MemoryUse::upload);
  for (ObjectIndex i = 0; i < 4; ++i) story.write(batch + i, 0, 10);
  const ObjectIndex kept = story.make(1000);
  story.upload(kept, 1000);
  story.resize(kept, Bytes{1} << 60);
  story.frame();
  const Trace trace = story.finish();
  for (const bool extended : {true, false}) {  // the ways to ask what a buffer requires
    DeviceProfile profile = replay_profile();
    profile.has_maintenance4 = extended;
    for (const std::string& strategy : preset_names()) {
      Stage stage(profile);
      const Recording recording = stage.play(trace, strategy);
      expect_clean(recording, stage);
      const auto run = stage.summary(trace, recording);
      EXPECT_EQ(count_of(run, "alloc.count"), 3u) << strategy;
      EXPECT_EQ(count_of(run, "alloc.failed_count"), strategy == "null" ? 3u : 4u) << strategy;  // it resizes nothing
      EXPECT_EQ(count_of(run, "alloc.skipped_count", "refused"), 2u) << strategy;
      for (const Refusal& refusal : recording.lanes[0].refusals)
        EXPECT_EQ(refusal.result, VK_ERROR_OUT_OF_DEVICE_MEMORY) << strategy;
    }
  }
}

TEST(Refusals, OfACopysEitherSideSkipItOnce) {
  Story story;
  const ObjectIndex small = story.make(100);
  const ObjectIndex huge = story.make(kGiB);
  story.copy(small, huge, 100);
  story.copy(huge, small, 100);
  story.upload(huge, 50);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, "dedicated");
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "alloc.skipped_count", "refused"), 3u);
  EXPECT_EQ(count_of(run, "copy.bytes"), 0u);
}

TEST(Unsupported, ImagesAreNoFailures) {
  for (const bool concurrent : {false, true}) {
    Story story(1);
    story.frame();
    const ObjectIndex none = story.make_image(16, {VK_FORMAT_R64_SFLOAT});
    const ObjectIndex second = story.make_image(16, {VK_FORMAT_R64_SFLOAT, VK_FORMAT_R16G16B16A16_SFLOAT});
    story.upload(none, 10);
    story.upload(second, 10);
    story.touch(none);
    story.free(none);
    const Trace trace = story.finish();
    for (const std::string& strategy : real_presets()) {
      Stage stage(replay_profile());
      const Recording recording = stage.play(trace, strategy, replay_options(concurrent));
      expect_clean(recording, stage);
      const auto run = stage.summary(trace, recording);
      EXPECT_EQ(count_of(run, "alloc.unsupported_count"), 1u);
      EXPECT_EQ(count_of(run, "alloc.failed_count"), 0u);
      EXPECT_EQ(count_of(run, "alloc.count"), 1u);
      EXPECT_EQ(count_of(run, "alloc.skipped_count", "unsupported"), 3u);  // upload, touch and free
      EXPECT_EQ(count_of(run, "mem.requested_peak_bytes"), 16u * 16 * 8);  // the same one is in both
      EXPECT_EQ(count_of(run, "mem.required_peak_bytes"), stage.requests.required[second]);
      EXPECT_GE(ratio_of(run, "mem.reserved_over_live_ratio"), 1.0);
      EXPECT_EQ(run.metric("mem.reserved_over_live_ratio")->note, "over what was served: 1 unsupported of 2 requests");
      ASSERT_FALSE(run.events.empty());
      EXPECT_EQ(run.events.front().kind, "unsupported");
      EXPECT_EQ(stage.requests.substitutions.size(), 1u);
    }
  }
}

TEST(NotOffered, OperationsAreCountedByCause) {
  Story story;
  const ObjectIndex object = story.make(100);
  story.resize(object, 200);
  story.bind(object);
  story.unbind(object);
  story.mark(object);
  story.defragment({});
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, plain_dedicated);
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "alloc.skipped_count", "not_offered"), 4u);
  EXPECT_EQ(count_of(run, "alloc.skipped_count", "refused"), 1u);  // the unbind of what is not bound
  EXPECT_EQ(count_of(run, "alloc.failed_count"), 1u);              // the resize
  EXPECT_EQ(count_of(run, "alloc.count"), 1u);
  for (const Op op : {Op::resize, Op::bind, Op::mark, Op::defragment})
    EXPECT_EQ(recording.lanes[0].not_offered[static_cast<std::size_t>(op)], 1u) << op_name(op);
}

TEST(Budgets, AreSetAsTheTraceGoes) {
  Story story;
  story.frame();
  story.budget({"device", false, 5000, 0});
  story.make(4096);
  story.frame();
  story.budget({"device", false, 3000, 0});
  story.frame();
  story.budget({"host", true, 0, 0.5});
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, "dedicated", replay_options(false, false));
  expect_clean(recording, stage);
  EXPECT_EQ(stage.limits.budget(0), 3000u);
  EXPECT_EQ(stage.limits.budget(1), 16 * kMiB);
  const auto run = stage.summary(trace, recording);
  // 4096 bytes against 5000 at the end of frame 0, against 3000 at the ends of frames 1 and 2.
  EXPECT_EQ(count_of(run, "budget.over_frames_count"), 2u);
  EXPECT_EQ(count_of(run, "budget.over_max_bytes"), 1096u);
  EXPECT_EQ(count_of(run, "budget.over_byte_frames"), 2192u);
}

TEST(Budgets, ReachAStrategyThatAsks) {
  Story story;
  story.make(kMiB);
  story.budget({"device", false, 2 * kMiB, 0});
  story.frame();
  for (int i = 0; i < 4; ++i) story.make(kMiB);
  story.budget({"device", false, 60 * kMiB, 0});
  story.frame();
  const ObjectIndex late = story.make(kMiB);
  const Trace trace = story.finish();
  // Within 2 MiB what is above goes elsewhere; where it may not, the budget is passed and the report says so.
  for (const auto& [strategy, may_fall_back] :
       {std::pair("core-default{prefer_within_budget=true,fallback=forbid,min_block_bytes=1048576}", false),
        std::pair("core-memory", true)}) {
    Stage stage(replay_profile());
    const Recording recording = stage.play(trace, strategy);
    expect_clean(recording, stage);
    EXPECT_LE(stage.limits.usage(0), 60 * kMiB);
    const auto run = stage.summary(trace, recording);
    std::size_t elsewhere = 0;
    for (const ReplayObject& object : recording.objects) elsewhere += object.allocation.fallback;
    EXPECT_EQ(count_of(run, "alloc.failed_count"), 0u) << strategy;
    EXPECT_EQ(elsewhere >= 2, may_fall_back) << strategy;
    EXPECT_FALSE(recording.objects[late].allocation.fallback) << strategy;
    EXPECT_NE(recording.objects[late].allocation.resource, 0u) << strategy;
  }
}

TEST(Null, IsTheFloor) {
  Story story(1);
  story.frame();
  const ObjectIndex buffer = story.make(1000, MemoryUse::upload);
  const ObjectIndex image = story.make_image(16);
  story.write(buffer, 0, 100);
  story.read(buffer, 0, 100);
  story.upload(image, 100);
  story.snapshot("now");
  story.frame();
  story.free(buffer);
  const Trace trace = story.finish();
  Stage stage(replay_profile());
  const Recording recording = stage.play(trace, "null");
  expect_clean(recording, stage);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "alloc.count"), 2u);
  EXPECT_EQ(count_of(run, "free.count"), 2u);
  EXPECT_EQ(count_of(run, "alloc.skipped_count"), 0u);
  EXPECT_EQ(count_of(run, "leak.count"), 0u);
  EXPECT_EQ(count_of(run, "leak.bytes"), 0u);
  EXPECT_EQ(count_of(run, "mem.required_peak_bytes"), 1008u + 1024);
  EXPECT_EQ(count_of(run, "mem.requested_peak_bytes"), 1000u + 1024);
  EXPECT_EQ(count_of(run, "mem.reserved_peak_bytes"), 0u);
  EXPECT_EQ(count_of(run, "map.count"), 0u);
  EXPECT_EQ(count_of(run, "copy.bytes"), 0u);
  EXPECT_EQ(run.metric("mem.reserved_over_live_ratio")->reason, "the strategy holds no memory");
  for (const MetricValue& metric : run.metrics) {
    if (metric.id.starts_with("api.") && metric.id.ends_with("_count")) {
      EXPECT_EQ(std::get<std::uint64_t>(metric.value), 0u) << metric.id;
    }
  }
}

// Leaves a buffer and its memory behind with the first thing it destroys.
class Leaky : public PassingStrategy {
 public:
  explicit Leaky(const Device& device) : PassingStrategy(parse_strategy("dedicated").make(device)), device_(device) {}
  void destroy(const Allocation& allocation, std::uint16_t lane) override {
    below_->destroy(allocation, lane);
    if (std::exchange(done_, true)) return;
    BufferRequest request;
    request.size = 2000;
    request.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT;
    const VkBufferCreateInfo info = create_info(request);
    VkBuffer buffer = VK_NULL_HANDLE;
    EXPECT_EQ(device_.fn.create_buffer(device_.handle, &info, nullptr, &buffer), VK_SUCCESS);
    const VkMemoryAllocateInfo allocate{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, 2000, 0};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    EXPECT_EQ(device_.fn.allocate_memory(device_.handle, &allocate, nullptr, &memory), VK_SUCCESS);
  }

 private:
  Device device_;
  bool done_ = false;
};
TEST(Leaks, AreResourcesAndMemoryHeldAfterTheEnd) {
  Story story;
  story.frame();
  story.frame();
  const ObjectIndex first = story.make(1000);
  story.frame();
  story.free(first);
  story.frame();
  const Trace trace = story.finish();
  for (const bool check : {false, true}) {
    Stage stage(replay_profile());
    const Recording recording = stage.play(
        trace, [](const Device& device) { return std::make_unique<Leaky>(device); }, replay_options(false, check));
    const auto run = stage.summary(trace, recording);
    EXPECT_EQ(count_of(run, "leak.count"), 2u);  // a buffer and memory
    EXPECT_EQ(count_of(run, "leak.bytes"), 2000u);
    ASSERT_EQ(run.leaks.size(), 1u);
    EXPECT_EQ(run.leaks.front().kind, "device_memory");
    EXPECT_EQ(run.leaks.front().bytes, 2000u);
    EXPECT_EQ(run.leaks.front().created_frame, 2u);
    if (check) {
      EXPECT_EQ(count_of(run, "check.violation_count", "leak"), 2u);
    }
  }
}

}  // namespace
}  // namespace vkmembench
