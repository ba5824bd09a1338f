#include "scenarios/random/random_trace_test.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>
#include <vector>

#include "allocator/base/error.h"
#include "scenarios/generators/random.h"
#include "scenarios/random/random_trace.h"
#include "scenarios/trace/event_fields.h"
#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/trace_copy.h"

namespace vkmembench {
Trace random_trace(std::uint64_t seed, std::size_t events) { return random_trace({.seed = seed, .events = events}); }

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    return error.what();
  }
  return "no error";
}

std::string file_text(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

TEST(RandomEvents, HoldEveryOp) {
  std::vector<int> counts(static_cast<std::size_t>(Op::count));
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const Event& event : random_trace({.seed = seed}).events) ++counts[static_cast<std::size_t>(event.op)];
  }
  for (std::size_t op = 0; op < counts.size(); ++op) EXPECT_GT(counts[op], 0) << op_name(static_cast<Op>(op));
}

// Between buffers, from and to images, and between images.
TEST(RandomEvents, CopyEveryWay) {
  int counts[2][2] = {};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Trace trace = random_trace({.seed = seed});
    for (const Event& event : trace.events) {
      if (event.op != Op::copy) continue;
      ++counts[trace.shape_of(event.object).image ? 1 : 0][trace.shape_of(event.target()).image ? 1 : 0];
    }
  }
  for (const auto& to : counts)
    for (const int count : to) EXPECT_GT(count, 5);
}

TEST(RandomEvents, StateEveryFieldOfRequests) {
  FieldSet stated = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    for (const Shape& shape : random_trace({.seed = seed}).shapes) {
      visit_shape_fields([&](auto field) {
        if (!field.equal(shape, kStandardShape)) stated |= bit(field.kField);
      });
    }
  }
  visit_shape_fields([&](auto field) {
    EXPECT_TRUE((stated & bit(field.kField)) != 0) << field_infos()[static_cast<std::size_t>(field.kField)].key;
  });
}

TEST(RandomEvents, AreTheSameForEqualOptions) {
  const RandomTraceOptions options{.seed = 5, .events = 700, .lanes = 3};
  EXPECT_EQ(random_trace(options).hash, random_trace(options).hash);
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    EXPECT_EQ(random_trace({.seed = seed, .events = 700}).events.size(), 700u) << seed;
  EXPECT_NE(random_trace(options).hash, random_trace({.seed = 6, .events = 700, .lanes = 3}).hash);
}

TEST(RandomEvents, AreTheSameWithEveryCompiler) {
  std::uint64_t hashes = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed)
    hashes = hashes * 31 + random_trace({.seed = seed, .events = 2000}).hash;
  EXPECT_EQ(hashes, 3946639041847383603u);
}

TEST(RandomEvents, UseLanesAndKeepToTheirBytes) {
  std::uint32_t lanes = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RandomTraceOptions options{.seed = seed, .events = 1500, .lanes = 4, .max_live_bytes = 8 * kMiB};
    const Trace trace = random_trace(options);
    lanes = std::max(lanes, trace.lane_count);
    EXPECT_LE(trace.lane_count, 4u);
    Bytes peak = 0;
    std::vector<Bytes> sizes(trace.objects.size());
    for (const Event& event : trace.events) {
      const bool alias = event.is_alias();
      const bool whole = event.op == Op::buffer || event.op == Op::image;
      if ((whole && !alias && !is_bound_in_parts(trace.shape_of(event.object))) || makes_part(event.op))
        sizes[event.object] = trace.objects[event.object].size;
      if (event.op == Op::batch) {
        for (ObjectIndex i = 0; i < event.count(); ++i) sizes[event.object + i] = trace.objects[event.object + i].size;
      }
      if (event.op == Op::resize) sizes[event.object] = event.size();
      if (event.op == Op::free) sizes[event.object] = 0;
      const Bytes live = std::accumulate(sizes.begin(), sizes.end(), Bytes{0});
      ASSERT_LE(live, options.max_live_bytes);
      peak = std::max(peak, live);
    }
    EXPECT_GT(peak, 0u);
  }
  EXPECT_EQ(lanes, 4u);
}

TEST(RepairedTrace, LeavesOutWhatAnEditMadeInvalid) {
  const Trace whole = random_trace({.seed = 9, .events = 1000});
  EXPECT_EQ(repaired(whole).events.size(), whole.events.size());
  EXPECT_EQ(repaired(repaired(whole)).hash, repaired(whole).hash);
  Random random(1);
  for (int i = 0; i < 50; ++i) {
    Trace edited = whole;
    std::erase_if(edited.events, [&](const Event&) { return random.chance(0.5); });
    const Trace left = repaired(edited);
    EXPECT_GT(left.events.size(), 100u);
    EXPECT_LE(left.events.size(), edited.events.size());
    EXPECT_LT(left.objects.size(), whole.objects.size());
  }
  Trace nothing = whole;
  std::erase_if(nothing.events, [](const Event& event) { return event.op != Op::free; });
  EXPECT_TRUE(repaired(nothing).events.empty());
}

}  // namespace vkmembench
