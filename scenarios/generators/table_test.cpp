// What holds for every generator of the table.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

class EveryGenerator : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const Generator& row() const { return *find_generator(GetParam()); }
};

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const Generator& generator : generators()) names.emplace_back(generator.name);
  return names;
}

bool is_snake_case(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (std::islower(static_cast<unsigned char>(c)) != 0) || (std::isdigit(static_cast<unsigned char>(c)) != 0) ||
           c == '_';
  });
}

INSTANTIATE_TEST_SUITE_P(Table, EveryGenerator, ::testing::ValuesIn(names()),
                         [](const auto& row) { return row.param; });

TEST(GeneratorTable, NamesAreDistinct) {
  const std::vector<std::string> all = names();
  EXPECT_GE(all.size(), 5u);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
}

TEST_P(EveryGenerator, DescribesItselfAndItsParameters) {
  EXPECT_TRUE(is_snake_case(row().name));
  EXPECT_NE(row().description.find("scale"), std::string_view::npos) << "a row says what scale multiplies";
  EXPECT_FALSE(row().parameters.empty());
  std::set<std::string_view> seen = {"scale", "max_live_bytes"};
  for (const Parameter& parameter : row().parameters) {
    SCOPED_TRACE(parameter.name);
    EXPECT_TRUE(is_snake_case(parameter.name));
    EXPECT_TRUE(seen.insert(parameter.name).second) << "named twice";
    EXPECT_FALSE(parameter.description.empty());
    EXPECT_EQ(parameter.description.find('\n'), std::string_view::npos);
    EXPECT_LT(parameter.min, parameter.max);
    EXPECT_GE(parameter.default_value, parameter.min);
    EXPECT_LE(parameter.default_value, parameter.max);
    const bool is_choice = parameter.kind == ParameterKind::choice;
    EXPECT_EQ(is_choice, !parameter.choices.empty());
    if (is_choice) {
      EXPECT_EQ(parameter.max + 1, static_cast<double>(parameter.choices.size()));
    }
    if (parameter.kind == ParameterKind::bytes) {
      EXPECT_NE(parameter.name.find("bytes"), std::string_view::npos);
    }
  }
}

TEST_P(EveryGenerator, EqualSeedsGiveEqualTraces) {
  const Trace one = generate(GetParam(), {{"scale", 0.1}}, 7);
  const Trace same = generate(GetParam(), {{"scale", 0.1}}, 7);
  const Trace other = generate(GetParam(), {{"scale", 0.1}}, 8);
  EXPECT_EQ(one.hash, same.hash);
  EXPECT_EQ(one.events.size(), same.events.size());
  EXPECT_NE(one.hash, other.hash);
}

TEST_P(EveryGenerator, BeginsWithAFrameAndEndsWithNothingLive) {
  for (const double scale : {0.01, 0.3, 1.0, 3.0}) {
    SCOPED_TRACE(scale);
    const Trace trace = generate(GetParam(), {{"scale", scale}});
    EXPECT_EQ(trace.events.front().op, Op::frame);
    const TraceSummary summary = summarize(trace);
    EXPECT_TRUE(summary.end.objects.empty());
    EXPECT_EQ(summary.end.bytes, 0u);
    ASSERT_TRUE(summary.snapshots.contains("end"));
    // The end of off_by_a_bit is its mixed, full state.
    const char* last = GetParam() == "off_by_a_bit" ? "empty" : "end";
    ASSERT_TRUE(summary.snapshots.contains(last));
    EXPECT_TRUE(summary.snapshots.at(last).objects.empty());
    EXPECT_GE(summary.snapshots.size(), 3u);
  }
}

TEST_P(EveryGenerator, UsesTheSameOpsAtEveryScale) {
  const std::set<Op> ops = summarize(generate(GetParam())).used_ops();
  for (const double scale : {0.01, 0.1, 3.0}) {
    EXPECT_EQ(summarize(generate(GetParam(), {{"scale", scale}})).used_ops(), ops) << "scale " << scale;
  }
}

TEST_P(EveryGenerator, ScaleMultipliesBytes) {
  const TraceSummary small = summarize(generate(GetParam(), {{"scale", 0.1}}));
  const TraceSummary one = summarize(generate(GetParam()));
  const TraceSummary four = summarize(generate(GetParam(), {{"scale", 4.0}}));
  EXPECT_GT(small.created_bytes, 0u);
  EXPECT_LT(small.live_peak_bytes, one.live_peak_bytes / 2);
  EXPECT_GT(four.live_peak_bytes, 2 * one.live_peak_bytes);
  EXPECT_LT(four.live_peak_bytes, 8 * one.live_peak_bytes);
  EXPECT_GT(four.live_peak_count, 2 * one.live_peak_count);
}

TEST_P(EveryGenerator, StaysWithinMaxLiveBytes) {
  for (const std::uint64_t seed : {1u, 2u}) {
    for (const Bytes bound : {Bytes{1}, 5 * kKiB, kMiB, 20 * kMiB + 17, 90 * kMiB}) {
      for (const double scale : {0.05, 1.0, 2.0}) {
        SCOPED_TRACE(::testing::Message() << "bound " << bound << " scale " << scale << " seed " << seed);
        const Overrides overrides = {{"scale", scale}, {"max_live_bytes", static_cast<double>(bound)}};
        const TraceSummary summary = summarize(generate(GetParam(), overrides, seed));
        EXPECT_LE(summary.live_peak_bytes, bound);
        EXPECT_EQ(summary.end.bytes, 0u);
        if (scale >= 1 && bound >= 20 * kMiB) {
          EXPECT_GT(summary.live_peak_bytes, bound / 2) << "the bound's room is used";
        }
      }
    }
  }
}

TEST_P(EveryGenerator, ZeroMaxLiveBytesIsNoBound) {
  EXPECT_EQ(generate(GetParam(), {{"max_live_bytes", 0}}).hash, generate(GetParam(), {{"max_live_bytes", 1e15}}).hash);
}

TEST_P(EveryGenerator, IdsAreSmallAndReusedOnlyAfterTheirFree) {
  const TraceSummary summary = summarize(generate(GetParam()));
  EXPECT_FALSE(summary.id_reused_while_live);
  EXPECT_LE(summary.id_peak, summary.live_peak_count);
}

TEST_P(EveryGenerator, ReachesMemoryOnlyAsItsUseAllows) {
  const Trace trace = generate(GetParam());
  for (const Event& event : trace.events) {
    if (event.op == Op::write || event.op == Op::read) {
      ASSERT_TRUE(is_mappable(trace.shape_of(event.object).memory)) << tag_of(trace, event.object);
    }
    if (event.op == Op::upload) {
      ASSERT_EQ(trace.shape_of(event.object).memory, MemoryUse::device) << tag_of(trace, event.object);
    }
  }
  for (const Shape& shape : trace.shapes) {
    EXPECT_NE(shape.tag, 0u) << "every shape has a tag";
    EXPECT_EQ(shape.kind == 0, shape.image) << "every buffer has a kind";
    constexpr std::uint32_t kAttachments = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT |
                                           VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT |
                                           VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT;
    if (shape.image && shape.memory == MemoryUse::transient) {
      EXPECT_EQ(shape.usage & ~kAttachments, 0u);
    }
  }
}

TEST_P(EveryGenerator, TakesEveryParameterAtItsLeast) {
  for (const Parameter& parameter : row().parameters) {
    SCOPED_TRACE(parameter.name);
    const double other = parameter.default_value == parameter.min ? parameter.max : parameter.default_value;
    const Trace trace = generate(GetParam(), {{"scale", 0.5}, {parameter.name, parameter.min}});
    EXPECT_GT(trace.objects.size(), 0u);
    EXPECT_TRUE(summarize(trace).end.objects.empty());
    EXPECT_NE(trace.hash, generate(GetParam(), {{"scale", 0.5}, {parameter.name, other}}).hash)
        << "the parameter changes nothing";
  }
}

TEST_P(EveryGenerator, ServesEveryFramesInFlight) {
  for (const std::uint32_t frames_in_flight : {0u, 1u, 3u}) {
    SCOPED_TRACE(frames_in_flight);
    const Trace trace = generate(GetParam(), {{"scale", 0.1}}, 7, frames_in_flight);
    EXPECT_TRUE(summarize(trace).end.objects.empty());
    // The last frees are completed by the trace itself: no strategy is measured with frees that it has not seen.
    std::uint64_t last_free = 0;
    std::uint64_t frame = 0;
    for (const Event& event : trace.events) {
      if (event.op == Op::frame) frame = event.frame();
      if (event.op == Op::free) last_free = frame;
    }
    EXPECT_GE(frame, last_free + frames_in_flight);
  }
}

}  // namespace
}  // namespace vkmembench::testing
