// Stops replays at driver calls all over their course: whatever a strategy, VMA or the harness is in the middle of, it
// ends without another call, and what was recorded until then can be summed up.
#include <gtest/gtest.h>

#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

// Raises the flag in the n-th call from now on; counts those that come later.
class StoppingDriver : public Layer<StoppingDriver> {
 public:
  StoppingDriver(const Device& next, StopFlag& stop, StopReason reason) : Layer(next), stop_(stop), reason_(reason) {}
  void stop_at(std::uint64_t call) {
    calls_ = 0;
    call_ = call;
  }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    if (++calls_ == call_) stop_.raise(reason_);
    return call();
  }

 private:
  StopFlag& stop_;
  StopReason reason_;
  std::atomic<std::uint64_t> calls_{0};
  std::uint64_t call_ = 0;
};

// Everything that makes driver calls: batches, frees, copies, resizes, descriptors, defragmentation, evictions.
Trace course() {
  Story story(1);
  const auto defragment = [&](DefragmentAlgorithm algorithm) {
    DefragmentRequest request;
    request.algorithm = algorithm;
    request.passes_per_frame = 3;
    story.defragment(request);
  };
  std::vector<ObjectIndex> objects;
  for (int frame = 0; frame < 6; ++frame) {
    story.frame();
    if (frame == 2) defragment(DefragmentAlgorithm::full);
    if (frame == 4) defragment(DefragmentAlgorithm::extensive);
    for (Bytes i = 0; i < 12; ++i) objects.push_back(story.make(Bytes{20} * kKiB * (1 + i % 5)));
    const ObjectIndex host = story.make(5000, MemoryUse::upload);
    const ObjectIndex back = story.make(3000, MemoryUse::readback);
    const ObjectIndex image = story.make_image(64, {VK_FORMAT_R8G8B8A8_UNORM}, 3);
    const ObjectIndex batch = story.make_batch({64, 300 * kKiB, 4096, 2 * kMiB}, MemoryUse::upload);
    story.write(host, 0, 5000);
    story.upload(objects.back(), 20 * kKiB);
    story.upload(image, 1000);
    story.copy(objects.back(), back, 500);
    story.read(back, 0, 3000);
    story.resize(objects.back(), 100 * kKiB);
    for (std::size_t i = static_cast<std::size_t>(frame) % 2; i < objects.size(); i += 2)
      if (story.is_live(objects[i])) story.free(objects[i]);
    story.free(batch + 1);
    story.free(image);
  }
  return story.finish();
}

class StopsThreaded : public testing::TestWithParam<std::tuple<std::string, StopReason, bool>> {};
INSTANTIATE_TEST_SUITE_P(Table, StopsThreaded,
                         testing::Combine(testing::ValuesIn(preset_names()),
                                          testing::Values(StopReason::strategy_timeout, StopReason::timeout),
                                          testing::Bool()),
                         [](const auto& row) {
                           return test_name(std::get<0>(row.param)) +
                                  (std::get<1>(row.param) == StopReason::timeout ? "_abandoned" : "_cleaned_up") +
                                  (std::get<2>(row.param) ? "_concurrent" : "");
                         });
TEST_P(StopsThreaded, AtCallsAllOverTheCourse) {
  const auto& [strategy, reason, concurrent] = GetParam();
  const Trace trace = course();
  DeviceProfile profile = replay_profile();
  profile.limits.maxMemoryAllocationCount = 4096;  // nothing is refused but by the stop
  constexpr std::uint64_t kMoments = 40;
  std::uint64_t all_calls = 0;
  for (std::uint64_t moment = 0; moment <= kMoments; ++moment) {
    SCOPED_TRACE(moment);
    const auto owner = open_simulated_device(profile, {.verify_contents = true});
    const Device raw = owner->device();
    const Requests requests = resolve_requests(trace, raw);
    StopFlag stop;
    StoppingDriver driver(raw, stop, reason);
    LimitsLayer limits(driver.device());
    ReplayOptions options = replay_options(concurrent);
    options.stop = &stop;
    const StrategySpec spec = parse_strategy(strategy);
    if (moment > 0) driver.stop_at(all_calls * moment / kMoments);
    const Recording recording = replay(
        trace, requests, limits, driver.device(), [&](const Device& device) { return spec.make(device); }, options);
    if (moment == 0) all_calls = driver.calls();
    if (!stop.raised()) continue;  // lanes at once make a few calls more or less
    EXPECT_TRUE(recording.violation_counts.empty()) << testing::PrintToString(recording.violations);
    if (!concurrent && reason == StopReason::timeout) {
      EXPECT_EQ(driver.calls(), all_calls * moment / kMoments) << "a call after the stop";
    }
    if (reason == StopReason::strategy_timeout) {
      EXPECT_EQ(simulated_leaks(*owner).total(), 0u);
      EXPECT_TRUE(recording.leaked.empty());
      EXPECT_EQ(recording.leaked_resource_count, 0u);
    }
    EXPECT_LE(recording.events_done, trace.events.size());
    SummaryOptions summary;
    summary.settings.concurrent = concurrent;
    summary.settings.check = true;
    const vkmembench::Run run = summarize(trace, requests, recording, *raw.info, summary);
    EXPECT_EQ(count_of(run, "alloc.failed_count"), 0u);
    EXPECT_EQ(run.events_done.has_value(), run.status != Status::ok);
  }
}

}  // namespace
}  // namespace vkmembench
