#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

TEST(DynamicBuffers, SlicesAreRenamedEveryFrame) {
  const Trace trace = generate("dynamic_buffers");
  std::set<ObjectIndex> live;
  std::set<std::string> kinds;
  std::size_t count = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) {
      EXPECT_TRUE(live.empty());
    }
    if (event.object == kNoObject || !tag_of(trace, event.object).starts_with("slice/")) continue;
    if (event.op == Op::buffer) {
      ++count;
      live.insert(event.object);
      kinds.insert(trace.strings[trace.shape_of(event.object).kind]);
      EXPECT_GE(event.size(), 256u);
      EXPECT_LE(event.size(), 128 * kKiB);
    }
    if (event.op == Op::write) {
      EXPECT_EQ(event.size(), trace.objects[event.object].size);
    }
    if (event.op == Op::free) live.erase(event.object);
  }
  EXPECT_EQ(count, 5u * 1800);
  EXPECT_EQ(kinds, (std::set<std::string>{"storage", "uniform", "vertex"}));
}

TEST(DynamicBuffers, AdaptivesGrowShrinkAndAreFilledAgain) {
  const Trace trace = generate("dynamic_buffers");
  std::map<ObjectIndex, Bytes> size;
  std::size_t grown = 0;
  std::size_t shrunk = 0;
  std::set<MemoryUse> memory;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (event.op == Op::buffer) size[event.object] = event.size();
    if (event.op != Op::resize) continue;
    EXPECT_GE(event.size(), kKiB);
    EXPECT_LE(event.size(), 256 * kKiB);
    const bool grew = event.size() > size[event.object];
    (grew ? grown : shrunk)++;
    const MemoryUse use = trace.shape_of(event.object).memory.use;
    memory.insert(use);
    const Event& next = trace.events[i + 1];
    EXPECT_EQ(next.object, event.object);
    if (use == MemoryUse::device) {
      EXPECT_EQ(next.op, Op::upload);
    } else if (grew) {
      EXPECT_EQ(next.op, Op::write);
      EXPECT_EQ(next.offset(), size[event.object]) << "what was there survives";
    } else {
      EXPECT_EQ(next.op, Op::read);
    }
    size[event.object] = event.size();
  }
  EXPECT_GT(grown, 300u);
  EXPECT_GT(shrunk, 300u);
  EXPECT_EQ(memory.size(), 2u);
}

TEST(DynamicBuffers, BindsAsManyStorageBuffersAsAStageMayHave) {
  const Trace trace = generate("dynamic_buffers");
  std::set<ObjectIndex> bound;
  std::size_t peak = 0;
  std::size_t exchanged = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::bind) bound.insert(event.object);
    if (event.op == Op::unbind) exchanged += bound.erase(event.object);
    if (event.op == Op::free) {
      EXPECT_FALSE(bound.contains(event.object));
    }
    peak = std::max(peak, bound.size());
  }
  EXPECT_EQ(peak, 24u);
  EXPECT_GT(exchanged, 150u);
  EXPECT_TRUE(bound.empty());
}

// Hot is above 0.10 uses a frame, warm above 0.01, cold is idle for more than 1000 frames.
TEST(DynamicBuffers, SomeAreUsedAllTheTimeSomeNowAndThenSomeNever) {
  const Trace trace = generate("dynamic_buffers");
  std::map<ObjectIndex, std::vector<std::uint64_t>> uses;
  std::uint64_t frame = 0;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
    if (tag_of(trace, i).starts_with("tier/")) uses[i] = {};
  }
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frame = event.frame();
    if (event.op == Op::touch) uses.at(event.object).push_back(frame);
  }
  std::size_t hot_then_cold = 0;
  std::size_t cold_then_hot = 0;
  std::size_t warm = 0;
  std::size_t never = 0;
  for (const auto& [object, frames] : uses) {
    if (frames.empty()) {
      ++never;
      EXPECT_TRUE(trace.shape_of(object).evictable);
      continue;
    }
    const std::uint64_t span = frames.back() - frames.front() + 1;
    if (frames.size() < span / 10) {
      ++warm;
      EXPECT_GT(frames.size(), trace.frame_count / 100);
    } else if (frames.front() < 10) {
      hot_then_cold += trace.frame_count - frames.back() > 1000 ? 1u : 0u;
    } else {
      ++cold_then_hot;
    }
  }
  EXPECT_EQ(hot_then_cold, 3u);
  EXPECT_EQ(cold_then_hot, 3u);
  EXPECT_EQ(warm, 12u);
  EXPECT_EQ(never, 9u);
}

TEST(DynamicBuffers, UsesThePoolsMadeForItsKinds) {
  const Trace trace = generate("dynamic_buffers");
  std::map<std::string, std::set<std::string>> kinds;  // by pool
  for (const Shape& shape : trace.shapes) {
    if (shape.pool != 0) kinds[trace.strings[shape.pool]].insert(trace.strings[shape.kind]);
  }
  const std::map<std::string, std::set<std::string>> expected = {
      {"storage", {"storage"}}, {"uniform", {"uniform"}}, {"vertex", {"vertex"}}};
  EXPECT_EQ(kinds, expected);
}

}  // namespace
}  // namespace vkmembench::testing
