#include "scenarios/workload/mix.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A buffer before the first frame, then one a frame, each freed at once; ids count from `first_id`.
Trace pulse(std::uint64_t frames, std::uint64_t first_id, Bytes size) {
  TraceBuilder out(2);
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_INDEX_BUFFER_BIT;
  shape.tag = out.string("pulse");
  const std::uint32_t index = out.shape(shape);
  for (std::uint64_t frame = 0; frame <= frames; ++frame) {
    if (frame > 0) out.frame();
    out.free(out.buffer(first_id + frame, size, index));
  }
  return out.finish();
}

std::string spelled(const Trace& trace) {
  std::string text;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) text += fmt::format("|{}", event.frame());
    if (event.op != Op::buffer) continue;
    const std::uint64_t id = trace.objects[event.object].id;
    text += fmt::format(" {}:{}@{}", id >> 48, id & 0xffffffffffff, event.lane);
  }
  return text;
}

TEST(Mix, MergesByFrameWithLanesAndIdsOfEachPart) {
  const MixPart parts[] = {{pulse(2, 5, 10), 0, 0}, {pulse(2, 5, 20), 3, 1}};
  const Trace mix = merge_traces(parts, 1);
  EXPECT_EQ(spelled(mix), " 0:5@0|0 0:6@0 1:5@3|1 0:7@0 1:6@3|2 1:7@3");
  EXPECT_EQ(mix.lane_count, 4u);
  EXPECT_EQ(mix.frame_count, 3u);
  EXPECT_EQ(mix.frames_in_flight, 1u);
}

TEST(Mix, FramesGoOnBeyondTheEndOfAPart) {
  const MixPart parts[] = {{pulse(1, 0, 10), 0, 3}, {pulse(0, 0, 10), 1, 5}};
  EXPECT_EQ(spelled(merge_traces(parts, 2)), "|0|1|2 0:0@0|3 0:1@0|4 1:0@1");
}

TEST(Mix, ASinglePartIsTheTraceItself) {
  for (std::uint64_t seed = 1; seed < 6; ++seed) {
    Trace trace = random_trace(seed);
    const std::uint32_t frames_in_flight = trace.frames_in_flight;
    const bool small = std::ranges::all_of(trace.objects, [](const TraceObject& o) { return o.id >> 48 == 0; });
    const std::uint64_t hash = trace.hash;
    const std::size_t events = trace.events.size();
    const MixPart parts[] = {{std::move(trace), 0, 0}};
    const Trace mix = merge_traces(parts, frames_in_flight);
    EXPECT_EQ(mix.events.size(), events);
    EXPECT_EQ(mix.hash == hash, small) << "ids of 2^48 and above are replaced";
  }
}

TEST(Mix, EveryOpOfEveryPartIsThere) {
  const Trace a = random_trace(1), b = random_trace(2);
  const MixPart parts[] = {{a, 0, 0}, {b, 4, 7}, {a, 8, 2}};
  const Trace mix = merge_traces(parts, 0);  // with more, a resize may come too soon after the free of an alias
  const auto count = [](const Trace& trace, Op op) { return std::ranges::count(trace.events, op, &Event::op); };
  for (std::size_t op = 1; op < static_cast<std::size_t>(Op::count); ++op) {
    EXPECT_EQ(count(mix, static_cast<Op>(op)), 2 * count(a, static_cast<Op>(op)) + count(b, static_cast<Op>(op)));
  }
  EXPECT_EQ(mix.objects.size(), 2 * a.objects.size() + b.objects.size());
  EXPECT_EQ(mix.frame_count, std::max(a.frame_count + 2, b.frame_count + 7));
  EXPECT_EQ(mix.lane_count, 8 + a.lane_count);
}

TEST(Mix, RefusesLanesBeyond16Bits) {
  EXPECT_THAT(error_of([] {
                TraceBuilder out(0);
                out.lane(1);
                out.barrier();
                const MixPart parts[] = {{out.finish(), 65535, 0}};
                static_cast<void>(merge_traces(parts, 0));
              }),
              HasSubstr("lane 65536 of part 0 is above 65535"));
}

}  // namespace
}  // namespace vkmembench
