#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/importers/formats/import_testing.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench::testing {
namespace {

using ::testing::HasSubstr;

TEST(Minimalloc, SaysWhatTheSampleDoes) {
  const Trace trace = import_sample("minimalloc.csv").trace;
  const TraceSummary summary = summarize(trace);
  EXPECT_EQ(trace.frame_count, 4u);  // at 0, 3, 9 and 21
  EXPECT_EQ(summary.count(Op::buffer), 5u);
  EXPECT_EQ(summary.count(Op::free), 5u);
  EXPECT_EQ(trace.events.size(), 14u);
  EXPECT_EQ(summary.live_peak_bytes, 12u);
  EXPECT_EQ(summary.end.bytes, 0u);
  EXPECT_EQ(trace.shape_of(1).alignment, 4u);
  ASSERT_EQ(trace.recorded.blocks.size(), 1u);
  EXPECT_EQ(trace.recorded.blocks.front().size, 12u);
  std::vector<Offset> offsets;
  for (const RecordedPlacement& placement : trace.recorded.placements) {
    EXPECT_EQ(trace.events[placement.event].object, placement.object);
    offsets.push_back(placement.offset);
  }
  EXPECT_THAT(offsets, ::testing::ElementsAre(8, 4, 0, 8, 4));
}

TEST(Minimalloc, TakesOtherNamesOfColumnsInAnyOrder) {
  const Imported imported = import_text("size,buffer,start,end,hint\n4,x,0,2,9\n8,y,3,3,9\n");
  const TraceSummary summary = summarize(imported.trace);
  EXPECT_EQ(summary.live_peak_bytes, 8u) << "an end is the last time at which a buffer lives";
  EXPECT_EQ(left_out_of(imported).at("column hint"), 1u);
}

TEST(Minimalloc, RefusesWhatIsNoProblem) {
  const auto said = [](std::string_view lines) {
    return error_of([&] { static_cast<void>(import_text(fmt::format("{}{}", "id,lower,upper,size\n", lines))); });
  };
  EXPECT_THAT(said("a,0,3,4\nb,3,3,4\n"), HasSubstr("recording:3: lives from 3 to before 3"));
  EXPECT_THAT(said("a,0,3\n"), HasSubstr("recording:2: the line ends before the column of size"));
  EXPECT_THAT(said("a,0,3,4,5\n"), HasSubstr("recording:2: has more than the 4 columns"));
  EXPECT_THAT(said("a,0,3,4.5\n"), HasSubstr("recording:2: size '4.5' is not a whole number"));
  EXPECT_THAT(said("7,0,3,4\n7,2,5,4\n"), HasSubstr("object 0x7 is created, but was not freed before"));
  EXPECT_THAT(error_of([] { static_cast<void>(import_text("id,lower,upper,size,lower\na,0,3,4,0\n")); }),
              HasSubstr("no column 'lower', or several"));
}

}  // namespace
}  // namespace vkmembench::testing
