#include "bench/run/run_scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/device/simulated/simulated_device.h"
#include "bench/replay/testing/replay_fixture.h"
#include "bench/run/strategy_list.h"
#include "reports/json/report_json.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

DeviceChoice device_of(const DeviceProfile& profile) {
  DeviceChoice choice;
  choice.selector = "sim:test";
  choice.info.simulated = true;
  choice.open = [profile](const OpenOptions& options) {
    return open_simulated_device(profile, {options.model_clock, options.verify_contents});
  };
  return choice;
}

LoadedScenario load(Story&& story) {
  LoadedScenario loaded;
  loaded.scenario.name = "tiny";
  loaded.scenario.seed = 7;
  loaded.scenario.file_hash = 99;
  loaded.trace = story.finish();
  return loaded;
}

LoadedScenario tiny() {
  Story story(1);
  story.frame();
  const ObjectIndex first = story.make(1000, MemoryUse::upload);
  story.write(first, 0, 1000);
  story.make_image(16, {VK_FORMAT_R64_SFLOAT, VK_FORMAT_R16G16B16A16_SFLOAT});
  story.frame();
  story.free(first);
  return load(std::move(story));
}

// A simulated device that passes for a real one.
class RealDevice : public DeviceOwner {
 public:
  explicit RealDevice(std::unique_ptr<DeviceOwner> device)
      : device_(std::move(device)), info_(*device_->device().info) {
    info_.simulated = false;
  }
  [[nodiscard]] Device device() const override {
    Device device = device_->device();
    device.info = &info_;
    return device;
  }

 private:
  std::unique_ptr<DeviceOwner> device_;
  DeviceInfo info_;
};

// Runs a scenario and keeps what was written on the way.
class Plan : public testing::Test {
 protected:
  RunOutcome run(const LoadedScenario& loaded, const std::string& strategies) {
    options_.strategies = parse_strategies(strategies);
    return run_scenario(
        loaded, device_of(profile_), options_,
        [&](const Report& report) {
          statuses_.push_back(report.status);
          run_counts_.push_back(report.runs.size());
        },
        [&](const RunProgress& now) {
          EXPECT_GE(now.share, 0);
          EXPECT_LE(now.share, 1);
          EXPECT_LE(now.round, now.most_rounds);
          shown_.push_back(now.strategy);
        });
  }
  DeviceProfile profile_ = replay_profile();
  RunOptions options_;
  std::vector<Status> statuses_;
  std::vector<std::size_t> run_counts_;
  std::vector<std::string> shown_;
};

TEST_F(Plan, WritesAfterEachStrategyAndIsIncompleteUntilTheLast) {
  const RunOutcome outcome = run(tiny(), "null,dedicated,vma");
  EXPECT_THAT(statuses_, ElementsAre(Status::incomplete, Status::incomplete, Status::ok));
  EXPECT_THAT(run_counts_, ElementsAre(1u, 2u, 3u));
  ASSERT_EQ(outcome.report.runs.size(), 3u);
  EXPECT_EQ(outcome.report.runs[0].strategy, "null");
  EXPECT_EQ(outcome.report.runs[2].strategy, "vma");
  EXPECT_THAT(shown_, Contains("dedicated"));
  EXPECT_FALSE(outcome.violated);
  EXPECT_THAT(outcome.out_of_memory, IsEmpty());
  EXPECT_THAT(outcome.unmet, IsEmpty());
}

TEST_F(Plan, WritesAfterEachStrategyOfTheFirstRoundAndAfterEveryOther) {
  options_.clock = ClockChoice::wall;
  options_.repeat = {.fixed = 3};
  const RunOutcome outcome = run(tiny(), "null,dedicated,vma");
  EXPECT_THAT(run_counts_, ElementsAre(1u, 2u, 3u, 3u, 3u));
  EXPECT_THAT(statuses_,
              ElementsAre(Status::incomplete, Status::incomplete, Status::incomplete, Status::incomplete, Status::ok));
  // One run a strategy, in the order of the strategies, whatever order they replayed in.
  ASSERT_EQ(outcome.report.runs.size(), 3u);
  EXPECT_EQ(outcome.report.runs[1].strategy, "dedicated");
  for (const vkmembench::Run& one : outcome.report.runs) EXPECT_EQ(one.rounds, 3u);
}

TEST_F(Plan, RepeatsByItselfOnlyWhatIsMeasured) {
  options_.repeat = {.fixed = std::nullopt};
  EXPECT_EQ(run(tiny(), "vma").report.runs[0].rounds, 1u) << "the model clock is the same each time";
  options_.clock = ClockChoice::wall;
  const std::uint32_t rounds = run(tiny(), "vma").report.runs[0].rounds;
  EXPECT_GE(rounds, RepeatPolicy::kLeast);
  EXPECT_LE(rounds, RepeatPolicy::kMost);
  options_.settings.check = true;
  EXPECT_EQ(run(tiny(), "vma").report.runs[0].rounds, 1u) << "times with checks are not comparable";
  options_.settings.check = false;
  options_.settings.timing = false;
  EXPECT_EQ(run(tiny(), "vma").report.runs[0].rounds, 1u);
}

TEST_F(Plan, NoisyMetricsCarryAnIntervalOfTheirMedian) {
  options_.clock = ClockChoice::wall;
  options_.repeat = {.fixed = 7};
  const Report report = run(tiny(), "vma").report;
  const MetricValue* median = report.runs[0].metric("time.create_buffer_ns.p50");
  ASSERT_NE(median, nullptr);
  ASSERT_TRUE(median->low && median->high);
  EXPECT_LE(*median->low, *as_number(*median));
  EXPECT_GE(*median->high, *as_number(*median));
  EXPECT_EQ(median->n, 7u);
  EXPECT_EQ(report.runs[0].metric("time.create_buffer_ns.p99")->needs_n, 1000u);
  EXPECT_FALSE(report.runs[0].metric("mem.reserved_peak_bytes")->low);
}

TEST_F(Plan, CountsModelledTimeOnSimulatedDevicesUnlessAskedOtherwise) {
  const auto codes = [](const Report& report) {
    std::vector<std::string> found;
    for (const auto& [code, text] : report.warnings) found.push_back(code);
    return found;
  };
  const Report modelled = run(tiny(), "vma").report;
  EXPECT_EQ(modelled.runs[0].clock, "model");
  EXPECT_THAT(codes(modelled), testing::Not(Contains("wall_clock_simulated")));
  for (const MetricValue& metric : modelled.runs[0].metrics)
    EXPECT_NE(class_of(metric), MetricClass::noisy) << metric.id;
  options_.clock = ClockChoice::wall;
  const Report wall = run(tiny(), "vma").report;
  EXPECT_EQ(wall.runs[0].clock, "wall");
  EXPECT_THAT(codes(wall), Contains("wall_clock_simulated"));
  options_.clock = ClockChoice::automatic;
  options_.settings.concurrent = true;
  const Report concurrent = run(tiny(), "vma").report;
  EXPECT_EQ(concurrent.runs[0].clock, "wall");
  EXPECT_THAT(codes(concurrent), Contains("wall_clock_simulated"));
}

TEST_F(Plan, SaysWhatWasRun) {
  options_.argv = {"vkmembench", "run", "tiny.json"};
  options_.clock = ClockChoice::model;
  options_.settings.check = true;
  const LoadedScenario loaded = tiny();
  const Report report = run(loaded, "core-default{min_block_bytes=1MiB},null").report;
  EXPECT_EQ(report.argv, options_.argv);
  EXPECT_EQ(report.seed, 7u);
  EXPECT_EQ(report.device.name, "test");
  EXPECT_EQ(report.scenario.name, "tiny");
  EXPECT_EQ(report.scenario.file_hash, 99u);
  EXPECT_EQ(report.scenario.trace_hash, loaded.trace.hash);
  EXPECT_EQ(report.scenario.event_count, loaded.trace.events.size());
  EXPECT_EQ(report.scenario.frame_count, 2u);
  EXPECT_EQ(report.scenario.substitutions.size(), 1u);
  EXPECT_NE(report.requirements_hash, 0u);
  EXPECT_FALSE(report.created_utc.empty());
  EXPECT_EQ(report.runs[0].strategy, "core-default{min_block_bytes=1MiB}");
  EXPECT_FALSE(report.runs[0].parameters.empty());
  EXPECT_EQ(report.runs[0].clock, "model");
  EXPECT_EQ(report.runs[0].replay, "ordered");
  EXPECT_THAT(report.runs[0].checks.done, ElementsAre("placement", "contents"));
  std::vector<std::string> codes;
  for (const auto& [code, text] : report.warnings) codes.push_back(code);
  EXPECT_THAT(codes, Contains("checked"));
}

// Every preset of the table at once, twice: the same bytes.
TEST_F(Plan, SaysHowManyHostCategoriesItFolds) {
  options_.settings.host_tracking = true;
  options_.clock = ClockChoice::wall;
  Story story(1);
  story.frame();
  for (std::uint64_t i = 0; i < 1200; ++i) static_cast<void>(story.host_alloc(10 + i, 16, std::to_string(i)));
  static_cast<void>(story.make(1000, MemoryUse::upload));
  const Report report = run(load(std::move(story)), "vma,core-default").report;
  EXPECT_EQ(
      std::ranges::count(report.warnings, "host_categories_folded", [](const auto& warning) { return warning.first; }),
      1);
  EXPECT_THAT(report.warnings, Contains(Pair("host_categories_folded", HasSubstr("177 categories"))));
}

TEST_F(Plan, UnderTheModelClockRunsAreTheSameEachTime) {
  options_.clock = ClockChoice::model;
  options_.repeat = {.fixed = 2};
  LoadedScenario loaded = tiny();
  loaded.trace = random_trace(21, 400);
  const auto once = [&] {
    Report report = run(loaded, "all").report;
    report.created_utc.clear();
    report.host = {};
    return report;
  };
  const Report first = once();
  EXPECT_EQ(to_json(first), to_json(once()));
  for (const auto& [code, text] : first.warnings) EXPECT_NE(code, "not_repeatable") << text;
  EXPECT_EQ(first.runs.size(), strategy_presets().size());
}

TEST_F(Plan, NamesStrategiesThatMustFitAndDoNot) {
  Story story;
  story.make(kGiB);
  LoadedScenario loaded = load(std::move(story));
  loaded.scenario.must_fit = {"core-*", "vma"};
  const RunOutcome outcome = run(loaded, "null,dedicated,vma,core-default");
  EXPECT_THAT(outcome.out_of_memory, ElementsAre(testing::Field(&LackOfMemory::strategy, "vma"),
                                                 testing::Field(&LackOfMemory::strategy, "core-default")));
  EXPECT_EQ(outcome.report.status, Status::ok);  // all strategies still run
  EXPECT_EQ(outcome.report.runs.size(), 4u);
}

TEST_F(Plan, ListsUnmetExpectations) {
  LoadedScenario loaded = tiny();
  Expectation expected;
  expected.metric = "alloc.count";
  expected.max = 1;
  loaded.scenario.expect = {expected};
  const RunOutcome outcome = run(loaded, "null,dedicated,vma");
  EXPECT_THAT(outcome.unmet, ElementsAre("dedicated: alloc.count is 2, at most 1 is expected",
                                         "vma: alloc.count is 2, at most 1 is expected"));
}

TEST_F(Plan, FindsViolations) {
  profile_.limits.bufferImageGranularity = 64 * kKiB;
  options_.settings.check = true;
  Story story;
  std::vector<ObjectIndex> gaps;
  for (int i = 0; i < 20; ++i) {
    story.make(32 * kKiB);
    gaps.push_back(story.make(48 * kKiB));
    story.make(48 * kKiB);
  }
  for (const ObjectIndex gap : gaps) story.free(gap);
  profile_.images.back().answer.prefers_dedicated = false;
  for (int i = 0; i < 20; ++i) story.make_image(32);
  const LoadedScenario loaded = load(std::move(story));
  EXPECT_FALSE(run(loaded, "core-default,dedicated,null").violated);
  EXPECT_TRUE(run(loaded, "vma").violated);
}

TEST_F(Plan, StopsAtASignalEvenBetweenShortRuns) {
  StopFlag stop;
  options_.stop = &stop;
  options_.strategies = parse_strategies("null,dedicated,vma");
  const RunOutcome outcome = run_scenario(
      tiny(), device_of(profile_), options_, [&](const Report& report) { statuses_.push_back(report.status); },
      [&](const RunProgress& now) {
        if (now.strategy == "dedicated") stop.raise_signal(2);
      });
  EXPECT_EQ(outcome.report.status, Status::interrupted);
  ASSERT_EQ(outcome.report.runs.size(), 2u);
  EXPECT_EQ(outcome.report.runs[0].status, Status::ok);
  EXPECT_EQ(outcome.report.runs[1].status, Status::interrupted);
  EXPECT_THAT(statuses_, ElementsAre(Status::incomplete, Status::interrupted));
}

TEST_F(Plan, StopsWhenItsTimeIsOver) {
  StopFlag stop;
  stop.raise(StopReason::timeout);
  options_.stop = &stop;
  for (const bool concurrent : {false, true}) {
    options_.settings.concurrent = concurrent;
    const RunOutcome outcome = run(tiny(), "dedicated,vma");
    EXPECT_EQ(outcome.report.status, Status::timeout);
    EXPECT_TRUE(outcome.report.runs.empty());
  }
  options_.stop = nullptr;
  EXPECT_EQ(run(tiny(), "dedicated,vma").report.status, Status::ok);
}

// A strategy that takes too long does not hold up the others.
TEST_F(Plan, EndsAStrategyWhoseTimeIsUpAndRunsTheNext) {
  Story story(1);
  for (int frame = 0; frame < 20; ++frame) {
    story.frame();
    for (int i = 0; i < 10; ++i) story.make(1000);
  }
  const LoadedScenario loaded = load(std::move(story));
  options_.driver_sleep = std::chrono::milliseconds(1);
  options_.strategy_timeout = std::chrono::milliseconds(100);
  options_.repeat = {.fixed = 2};
  const RunOutcome outcome = run(loaded, "dedicated,null");
  EXPECT_THAT(outcome.timed_out, ElementsAre("dedicated"));
  EXPECT_EQ(outcome.report.status, Status::ok);
  ASSERT_EQ(outcome.report.runs.size(), 2u);
  EXPECT_EQ(outcome.report.runs[1].rounds, 2u);
  const vkmembench::Run& cut = outcome.report.runs[0];
  EXPECT_EQ(cut.status, Status::timeout);
  ASSERT_TRUE(cut.events_done);
  EXPECT_GT(*cut.events_done, 0u);
  EXPECT_LT(*cut.events_done, loaded.trace.events.size());
  EXPECT_EQ(count_of(cut, "alloc.count") + (*cut.events_done + 10) / 11, *cut.events_done) << "all but the frames";
  EXPECT_EQ(count_of(cut, "alloc.failed_count"), 0u) << "what was refused for the time is no refusal";
  EXPECT_EQ(count_of(cut, "leak.count"), 0u) << "it cleaned up";
  EXPECT_EQ(count_of(cut, "free.count"), 0u) << "which is not measured";
  EXPECT_GE(cut.clean_up_ns.value_or(0), count_of(cut, "alloc.count") * 2'000'000u);
  EXPECT_EQ(outcome.report.runs[1].status, Status::ok);
  EXPECT_FALSE(outcome.report.runs[1].events_done);
  EXPECT_FALSE(outcome.violated);
}

TEST_F(Plan, RefusesABudgetOfAMissingHeapBeforeTheFirstRun) {
  Story story;
  story.make(100);
  story.budget({"7", false, 1000, 0});
  const LoadedScenario loaded = load(std::move(story));
  EXPECT_THAT(error_of([&] { (void)run(loaded, "null,dedicated"); }), HasSubstr("the device has heaps 0 to 1"));
  EXPECT_THAT(statuses_, IsEmpty());
  EXPECT_THAT(shown_, IsEmpty());
}

TEST_F(Plan, LeavesTimesOutWithoutTiming) {
  options_.settings.timing = false;
  const Report report = run(tiny(), "dedicated").report;
  for (const MetricValue& metric : report.runs[0].metrics) {
    EXPECT_FALSE(metric.id.starts_with("time.create")) << metric.id;
    EXPECT_FALSE(metric.id.ends_with("_ns") && metric.id.starts_with("api.")) << metric.id;
  }
  EXPECT_EQ(count_of(report.runs[0], "alloc.count"), 2u);
}

// A simulated device begins afresh with every strategy: no run depends on the one before.
TEST_F(Plan, GivesEachStrategyAFreshSimulatedDevice) {
  options_.clock = ClockChoice::model;
  const LoadedScenario loaded = tiny();
  const Report together = run(loaded, "dedicated,vma,core-default").report;
  const Report alone = run(loaded, "core-default").report;
  for (const MetricValue& metric : alone.runs[0].metrics) {
    const MetricValue* other = together.runs[2].metric(metric.id, metric.scope);
    ASSERT_NE(other, nullptr) << metric.id;
    EXPECT_EQ(other->value, metric.value) << metric.id;
  }
}

TEST_F(Plan, OpensARealDeviceOnceARound) {
  options_.repeat = {.fixed = 3};
  options_.strategies = parse_strategies("dedicated,core-default");
  DeviceChoice choice = device_of(profile_);
  choice.info.simulated = false;
  int opened = 0;
  choice.open = [&, open = choice.open](const OpenOptions& options) {
    ++opened;
    return std::make_unique<RealDevice>(open(options));
  };
  const LoadedScenario loaded = tiny();
  const RunOutcome outcome = run_scenario(
      loaded, choice, options_, [](const Report&) {}, [](const RunProgress&) {});
  EXPECT_EQ(opened, 3);
  EXPECT_EQ(outcome.report.status, Status::ok);
  EXPECT_EQ(outcome.report.runs.size(), 2u);
}

}  // namespace
}  // namespace vkmembench
