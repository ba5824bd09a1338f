#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

TEST(Raytracing, StructuresAndScratchAreAlignedInTheirPool) {
  const Trace trace = generate("raytracing");
  std::set<std::string_view> tags;
  for (const Shape& shape : trace.shapes) {
    if (trace.strings[shape.pool] != "ray_tracing") continue;
    tags.insert(trace.strings[shape.tag]);
    EXPECT_EQ(shape.alignment, 256u);
    EXPECT_EQ(trace.strings[shape.kind], "storage");
    EXPECT_EQ(shape.memory, MemoryUse::device);
  }
  EXPECT_EQ(tags,
            (std::set<std::string_view>{"rays/bottom_level", "rays/compacted", "rays/scratch", "rays/top_level"}));
}

class CompactPercents : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Shares, CompactPercents, ::testing::Values(30u, 50u, 90u));

// A copy is the compaction: from the worst size to about the share, when the build is over, and the source goes.
TEST_P(CompactPercents, AreMetWhenTheBuildIsOver) {
  const Trace trace = generate("raytracing", {{"compact_percent", static_cast<double>(GetParam())}});
  std::map<ObjectIndex, std::uint64_t> built;  // frame
  std::uint64_t frame = 0;
  double share = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (event.op == Op::frame) frame = event.frame();
    if (event.op == Op::buffer && tag_of(trace, event.object) == "rays/bottom_level") built[event.object] = frame;
    if (event.op != Op::copy || !built.contains(event.object)) continue;
    const auto target = event.target();
    EXPECT_EQ(tag_of(trace, target), "rays/compacted");
    EXPECT_GT(frame, built[event.object] + trace.frames_in_flight);
    EXPECT_EQ(trace.events[i + 1].op, Op::free);
    EXPECT_EQ(trace.events[i + 1].object, event.object);
    share += static_cast<double>(trace.objects[target].size) / static_cast<double>(trace.objects[event.object].size);
    ++count;
  }
  ASSERT_GT(count, 1500u);
  EXPECT_NEAR(share / static_cast<double>(count) * 100, static_cast<double>(GetParam()), 2);
}

TEST(Raytracing, ScratchLivesForItsFrame) {
  const Trace trace = generate("raytracing");
  std::set<ObjectIndex> live;
  std::size_t count = 0;
  for (const Event& event : trace.events) {
    // What is created before the first frame of the load is freed in it.
    if (event.op == Op::frame && event.frame() > 1) {
      EXPECT_TRUE(live.empty());
    }
    if (event.object == kNoObject || tag_of(trace, event.object) != "rays/scratch") continue;
    if (event.op == Op::buffer) {
      ++count;
      live.insert(event.object);
    }
    if (event.op == Op::free) live.erase(event.object);
  }
  EXPECT_GT(count, 2000u);
}

TEST(Raytracing, LoadsEveryGeometryThenExchangesThem) {
  const Trace trace = generate("raytracing");
  const TraceSummary summary = summarize(trace);
  const auto structures = [&](const std::string& label) {
    std::size_t count = 0;
    for (const ObjectIndex object : summary.snapshots.at(label).objects) {
      const std::string_view tag = tag_of(trace, object);
      count += tag == "rays/bottom_level" || tag == "rays/compacted" ? 1u : 0u;
    }
    return count;
  };
  EXPECT_EQ(structures("loaded"), 1500u + 16);
  EXPECT_EQ(structures("traced"), 1500u + 16);
  std::size_t stayed = 0;
  for (const ObjectIndex object : summary.snapshots.at("traced").objects) {
    stayed += summary.snapshots.at("loaded").objects.contains(object) ? 1u : 0u;
  }
  EXPECT_GT(stayed, 1000u);
  EXPECT_LT(summary.snapshots.at("traced").bytes, summary.snapshots.at("loaded").bytes) << "compacted";
}

}  // namespace
}  // namespace vkmembench::testing
