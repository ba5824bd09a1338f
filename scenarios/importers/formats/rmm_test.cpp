#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/importers/formats/import_testing.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench::testing {
namespace {

using ::testing::HasSubstr;

TEST(Rmm, SaysWhatTheSampleDoes) {
  const Imported imported = import_sample("rmm.csv");
  const TraceSummary summary = summarize(imported.trace);
  EXPECT_EQ(summary.count(Op::buffer), 4u);
  EXPECT_EQ(summary.count(Op::free), 2u);
  EXPECT_EQ(imported.trace.events.size(), 7u);
  EXPECT_EQ(summary.live_peak_bytes, 1048576u + 256 + 2097152);
  EXPECT_EQ(summary.end.bytes, 2097152u + 512);
  EXPECT_EQ(imported.trace.lane_count, 2u);
  EXPECT_EQ(left_out_of(imported).at("allocations that failed"), 1u);
}

TEST(Rmm, ReadsTheLogsOfOldVersions) {
  const Trace trace = import_sample("rmm-before-0.15.csv").trace;
  const TraceSummary summary = summarize(trace);
  EXPECT_EQ(trace.events.size(), 5u);
  EXPECT_EQ(summary.live_peak_bytes, 4096u);
  EXPECT_EQ(summary.end.bytes, 0u);
}

TEST(Rmm, RefusesWhatIsNoLog) {
  const auto said = [](std::string_view lines) {
    return error_of([&] {
      static_cast<void>(import_text(fmt::format("{}{}", "Thread,Time,Action,Pointer,Size,Stream\n", lines)));
    });
  };
  EXPECT_THAT(said("1,0,alocate,0x1,4,0\n"), HasSubstr("recording:2: action 'alocate' is not allocate"));
  EXPECT_THAT(said("1,0,allocate,0x1,4\n"), HasSubstr("recording:2: the line ends before"));
  EXPECT_THAT(said("1,0,allocate,0x1,many,0\n"), HasSubstr("recording:2: Size 'many' is not a whole number"));
  EXPECT_THAT(said("1,0,allocate,0x1,4,0\n1,0,free,0x1,4,0\n1,0,free,0x1,4,0\n"), HasSubstr(":4: free of object 0x1"));
  EXPECT_EQ(said("1,0,allocate,0x0,0,0\n1,0,free,0x0,0,0\n1,0,allocate,0x1,4,0\n"), "no error");
  EXPECT_THAT(
      error_of([] {
        static_cast<void>(import_text("Event Type,Device ID,Address,Size (bytes)\nAlloc,0,0x1,4\nAlloc,1,0x2,4\n"));
      }),
      HasSubstr(":3: is of device 1 in a log of device 0"));
}

}  // namespace
}  // namespace vkmembench::testing
