#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

template <typename Value>
Value median(std::vector<Value> values) {
  std::ranges::sort(values);
  return values.at(values.size() / 2);
}

struct Outline {
  std::vector<Bytes> buffers;
  std::vector<std::uint64_t> texels;
  std::vector<std::uint64_t> lives;  // of what comes after loading and goes before the end
  std::map<std::uint64_t, std::uint64_t> created;
};
Outline outline(const Trace& trace, const TraceSummary& summary) {
  Outline out;
  std::map<ObjectIndex, std::uint64_t> born;
  std::uint64_t frame = 0;
  const std::uint64_t first = summary.snapshots.at("loaded").frame;
  const std::uint64_t last = summary.snapshots.at("last_frame").frame;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.op == Op::frame && frame > first && frame <= last) out.created[frame] = 0;
    if (event.op == Op::buffer) out.buffers.push_back(event.size());
    if (event.op == Op::image) {
      const VkExtent3D extent = trace.shape_of(event.object).extent;
      out.texels.push_back(std::uint64_t{extent.width} * extent.height);
    }
    if (is_creation(event.op)) born[event.object] = frame;
    if (is_creation(event.op) && frame > first) ++out.created[frame];
    if (event.op == Op::free && born[event.object] > first && frame <= last)
      out.lives.push_back(frame - born[event.object]);
  }
  return out;
}

// Between the quartiles of the medians of the recorded programs, which reports/samples/traces.csv has.
TEST(DesktopApp, IsLikeTheRecordedPrograms) {
  const Trace trace = generate("desktop_app");
  const TraceSummary summary = summarize(trace);
  const Outline made = outline(trace, summary);
  EXPECT_GE(median(made.buffers), 512u);
  EXPECT_LE(median(made.buffers), 65536u);
  EXPECT_GE(median(made.texels), 16384u);
  EXPECT_LE(median(made.texels), 131072u);
  EXPECT_GE(median(made.lives), 1u);
  EXPECT_LE(median(made.lives), 8u);
  ASSERT_EQ(made.created.size(), 1800u);
  const auto idle = std::ranges::count_if(made.created, [](const auto& row) { return row.second == 0; });
  EXPECT_NEAR(static_cast<double>(idle) / 1800, 0.68, 0.04);
  std::uint64_t most = 0;
  for (const auto& [frame, created] : made.created) most = std::max(most, created);
  EXPECT_GE(most, 128u);
  EXPECT_LT(most, 256u);
}

TEST(DesktopApp, KeepsWhatItLoads) {
  const Trace trace = generate("desktop_app", {{"loaded", 100}, {"idle_percent", 100}});
  const TraceSummary summary = summarize(trace);
  EXPECT_EQ(summary.snapshots.at("loaded").objects.size(), 100u);
  EXPECT_EQ(summary.snapshots.at("last_frame").objects, summary.snapshots.at("loaded").objects);
  EXPECT_TRUE(summary.end.objects.empty());
}

TEST(DesktopApp, FillsWhatIsSmallOrLoaded) {
  const Trace trace = generate("desktop_app", {{"idle_percent", 0}});
  std::set<ObjectIndex> filled;
  for (const Event& event : trace.events)
    if (event.op == Op::write || event.op == Op::upload) filled.insert(event.object);
  const std::set<ObjectIndex> loaded = summarize(trace).snapshots.at("loaded").objects;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i)
    ASSERT_EQ(filled.contains(i), loaded.contains(i) || trace.objects[i].size <= 64 * kKiB) << i;
}

TEST(DesktopApp, HasImagesOrNone) {
  EXPECT_EQ(summarize(generate("desktop_app", {{"image_percent", 0}})).count(Op::image), 0u);
  EXPECT_EQ(summarize(generate("desktop_app", {{"image_percent", 100}})).count(Op::buffer), 0u);
}

}  // namespace
}  // namespace vkmembench::testing
