#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

std::string_view pool_of(const Trace& trace, ObjectIndex object) { return trace.strings[trace.shape_of(object).pool]; }

TEST(FrameTransient, AttachmentsLiveWithinTheirFrame) {
  const Trace trace = generate("frame_transient");
  std::set<ObjectIndex> live;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) {
      EXPECT_TRUE(live.empty()) << "frame " << event.frame();
    }
    if (event.op == Op::image && tag_of(trace, event.object).starts_with("frame/")) live.insert(event.object);
    if (event.op == Op::free) live.erase(event.object);
  }
}

TEST(FrameTransient, AliasesTakeMemoryOfTheirKindAndGoFirst) {
  const Trace trace = generate("frame_transient");
  std::map<ObjectIndex, ObjectIndex> live;  // alias and its target
  std::size_t aliases = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::image && event.is_alias()) {
      const auto target = event.alias();
      live[event.object] = target;
      ++aliases;
      const Shape& own = trace.shape_of(event.object);
      const Shape& owner = trace.shape_of(target);
      EXPECT_EQ(own.memory, MemoryUse::device);
      EXPECT_EQ(owner.memory, MemoryUse::device);
      constexpr std::uint32_t kDepth = VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
      EXPECT_EQ(own.usage & kDepth, owner.usage & kDepth);
      EXPECT_LE(trace.objects[event.object].size, trace.objects[target].size);
    }
    if (event.op == Op::free) {
      live.erase(event.object);
      for (const auto& [alias, target] : live) EXPECT_NE(target, event.object);
    }
  }
  EXPECT_EQ(aliases, 3u * 480);
}

TEST(FrameTransient, TheMultiSampledPairIsTransient) {
  const Trace trace = generate("frame_transient");
  std::size_t pairs = 0;
  for (const Shape& shape : trace.shapes) {
    if (!shape.image) continue;
    EXPECT_EQ(shape.samples > 1, shape.memory == MemoryUse::transient);
    pairs += shape.samples > 1 ? 1u : 0u;
  }
  EXPECT_EQ(pairs, 4u) << "colour and depth at two resolutions";
}

TEST(FrameTransient, RgbaHalfFloatIsSixteenMegabytesUntilTheResolutionChanges) {
  const Trace trace = generate("frame_transient", {{"second_percent", 200}});
  std::set<Bytes> sizes;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
    if (tag_of(trace, i) == "frame/light") sizes.insert(trace.objects[i].size);
  }
  EXPECT_EQ(sizes, (std::set<Bytes>{1920u * 1080 * 8, 3840u * 2160 * 8}));
}

TEST(FrameTransient, RingDataIsFreedInTheOrderOfCreation) {
  const Trace trace = generate("frame_transient");
  std::vector<ObjectIndex> created;
  std::vector<ObjectIndex> freed;
  for (const Event& event : trace.events) {
    if (event.object == kNoObject || pool_of(trace, event.object) != "ring") continue;
    if (event.op == Op::buffer) created.push_back(event.object);
    if (event.op == Op::free) freed.push_back(event.object);
  }
  EXPECT_EQ(created.size(), 4800u);
  EXPECT_EQ(created, freed);
}

TEST(FrameTransient, ScratchIsAStackAlsoWithFramesInFlight) {
  for (const std::uint32_t frames_in_flight : {0u, 2u, 3u}) {
    const Trace trace = generate("frame_transient", {}, 7, frames_in_flight);
    std::vector<ObjectIndex> stack;
    std::deque<std::pair<std::uint64_t, ObjectIndex>> pending;  // frame of completion, object
    std::uint64_t frame = 0;
    std::size_t pushed = 0;
    for (const Event& event : trace.events) {
      if (event.op == Op::frame) frame = event.frame();
      for (; !pending.empty() && pending.front().first <= frame; pending.pop_front()) {
        ASSERT_EQ(stack.back(), pending.front().second) << "what completes is on top";
        stack.pop_back();
      }
      if (event.object == kNoObject || pool_of(trace, event.object) != "stack") continue;
      if (event.op == Op::buffer) {
        stack.push_back(event.object);
        ++pushed;
      }
      if (event.op == Op::free) pending.emplace_back(frame + frames_in_flight, event.object);
    }
    EXPECT_GT(pushed, 500u);
  }
}

}  // namespace
}  // namespace vkmembench::testing
