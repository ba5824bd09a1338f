// Every fault of small traces: whatever fails, nothing leaks, overlaps or gets lost, and nothing aborts.
#include "bench/stress/fault_loop.h"

#include <algorithm>

#include "bench/replay/testing/replay_fixture.h"
#include "scenarios/generators/generators.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

DeviceChoice choice_of(const DeviceProfile& profile) {
  DeviceChoice choice;
  choice.selector = "sim:test";
  choice.open = [profile](const OpenOptions& options) {
    return open_simulated_device(profile, {.verify_contents = options.verify_contents});
  };
  return choice;
}

// Whatever a strategy does with a driver: batches, aliases, writes, uploads, copies, resizes, descriptors, marks,
// defragmentations, budgets.
Trace course() {
  Story story(1);
  std::vector<ObjectIndex> objects;
  const ObjectIndex kept = story.make(90 * kKiB);
  const ObjectIndex image = story.make_image(64, {VK_FORMAT_R8G8B8A8_UNORM}, 2);
  for (int frame = 0; frame < 5; ++frame) {
    story.frame();
    if (frame % 2 == 1) {
      DefragmentRequest request;
      request.algorithm = frame == 1 ? DefragmentAlgorithm::full : DefragmentAlgorithm::extensive;
      request.passes_per_frame = 2;
      story.defragment(request);
    }
    for (Bytes i = 0; i < 6; ++i) objects.push_back(story.make(Bytes{20} * kKiB * (1 + i % 5)));
    const ObjectIndex host = story.make(5000, MemoryUse::upload);
    const ObjectIndex back = story.make(3000, MemoryUse::readback);
    const ObjectIndex batch = story.make_batch({64, 300 * kKiB, 4096}, MemoryUse::upload);
    story.write(host, 0, 5000);
    story.upload(objects.back(), 20 * kKiB);
    story.upload(kept, 1000 + static_cast<Bytes>(frame));
    story.upload(image, 1000);
    story.copy(objects.back(), back, 500);
    story.copy(host, objects.front(), 4000);
    story.read(back, 0, 3000);
    story.resize(objects.back(), 130 * kKiB);
    story.bind(objects.back());
    for (std::size_t i = static_cast<std::size_t>(frame) % 2; i < objects.size(); i += 2)
      if (story.is_live(objects[i])) story.free(objects[i]);
    story.free(batch + 1);
    objects = {story.make(50 * kKiB)};
  }
  return story.finish();
}

DeviceProfile course_profile() {
  DeviceProfile profile = replay_profile();
  profile.limits.maxMemoryAllocationCount = 4096;
  profile.memory.memoryTypes[1].propertyFlags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  return profile;
}

std::string told(const FaultLoopResult& result) {
  std::string text;
  for (const FaultFinding& finding : result.findings)
    text += finding.fault + ": " + finding.kind + ": " + finding.text + "\n";
  return text;
}

// Half of many blocks is freed, and what is left moves together.
Trace emptied_blocks() {
  Story story(1);
  std::vector<ObjectIndex> objects;
  for (Bytes i = 0; i < 60; ++i) objects.push_back(story.make(Bytes{90} * kKiB + i * 256));
  story.frame();
  for (std::size_t i = 0; i < objects.size(); i += 2) story.free(objects[i]);
  DefragmentRequest request;
  request.algorithm = DefragmentAlgorithm::full;
  request.max_moves_per_pass = 4;
  story.defragment(request);
  for (int frame = 0; frame < 8; ++frame) story.frame();
  return story.finish();
}

// Each fault until none is reached, host memory that runs out at the end of a pass among them.
TEST(FaultLoops, WithoutABoundKeepWhatMoved) {
  for (const char* strategy : {"core-default", "core-pools", "vma"}) {
    const FaultLoopResult result =
        fault_loop(emptied_blocks(), parse_strategy(strategy), choice_of(course_profile()), FaultLoopOptions{});
    EXPECT_EQ(told(result), "") << strategy;
    EXPECT_GT(result.reached, 100u) << strategy;
  }
}

class FaultLoopsThreaded : public testing::TestWithParam<std::tuple<std::string, bool>> {};
INSTANTIATE_TEST_SUITE_P(Table, FaultLoopsThreaded,
                         testing::Combine(testing::ValuesIn(preset_names()), testing::Bool()), [](const auto& row) {
                           return test_name(std::get<0>(row.param)) + (std::get<1>(row.param) ? "_concurrent" : "");
                         });
TEST_P(FaultLoopsThreaded, LoseNothingOnACourseOfEverything) {
  const auto& [strategy, concurrent] = GetParam();
  FaultLoopOptions options{.max_faults = 6};
  options.settings.concurrent = concurrent;
  std::string last;
  options.begin = [&](const std::string& fault) { last = fault; };
  const FaultLoopResult result = fault_loop(course(), parse_strategy(strategy), choice_of(course_profile()), options);
  EXPECT_EQ(told(result), "");
  EXPECT_EQ(result.reached, result.refused + result.failed + result.ended + result.served);
  if (strategy == "null") return;
  EXPECT_GT(result.calls, 100u);
  EXPECT_GT(result.ended, 5u);    // uploads are submitted and waited for
  EXPECT_GT(result.refused, 5u);  // VMA finds other memory for most
  EXPECT_GT(result.failed, 20u);
}

// Every generator, small, under a strategy each in turn.
class FaultLoopsOfGenerators : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Table, FaultLoopsOfGenerators, testing::Range(std::size_t{0}, generators().size()),
                         [](const auto& row) { return std::string(generators()[row.param].name); });
TEST_P(FaultLoopsOfGenerators, LoseNothing) {
  const std::vector<std::string> presets = preset_names();
  const std::string& strategy = presets[1 + GetParam() % (presets.size() - 1)];
  SCOPED_TRACE(strategy);
  Scenario scenario;
  scenario.file = "small.json";
  scenario.name = "small";
  scenario.seed = 7;
  scenario.workload = GeneratorCall{GeneratorArguments(generators()[GetParam()]), "small.json"};
  apply_overrides(scenario.workload, {{"scale", "0.01"}});
  ScenarioOverrides overrides;
  overrides.frames = {0, std::min<std::uint64_t>(20, expand(scenario, {}).frame_count - 1)};
  FaultLoopResult result = fault_loop(expand(scenario, overrides), parse_strategy(strategy),
                                      choice_of(shipped_profile("nvidia-rtx-3090.json")), {.max_faults = 1});
  if (strategy.starts_with("vma"))  // may place an optimal image on a page with a buffer
    std::erase_if(result.findings, [](const FaultFinding& finding) { return finding.kind == "granularity"; });
  EXPECT_EQ(told(result), "");
  EXPECT_GT(result.reached, 0u);
}

}  // namespace
}  // namespace vkmembench
