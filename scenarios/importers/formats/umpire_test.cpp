#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/importers/formats/import_testing.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench::testing {
namespace {

using ::testing::HasSubstr;

struct UmpireSample {
  const char* file;
  std::size_t events;
  Bytes peak;
  Bytes end;
};
class UmpireSamples : public ::testing::TestWithParam<UmpireSample> {};

TEST_P(UmpireSamples, SayWhatTheyDo) {
  const Trace trace = import_sample(GetParam().file).trace;
  const TraceSummary summary = summarize(trace);
  EXPECT_EQ(trace.events.size(), GetParam().events);
  EXPECT_EQ(summary.live_peak_bytes, GetParam().peak);
  EXPECT_EQ(summary.end.bytes, GetParam().end);
}

INSTANTIATE_TEST_SUITE_P(Versions, UmpireSamples,
                         ::testing::Values(UmpireSample{"umpire.json", 4, 4096 + 774, 774},
                                           UmpireSample{"umpire-events.json", 4, 512 + 64, 64},
                                           UmpireSample{"umpire-before-0.3.csv", 5, 134 + 774, 774 + 100}));

TEST(Umpire, RefusesWhatIsNoLog) {
  const std::string good = "REPLAY,allocate,4,0x1,0x2\n";
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(good + "REPLAY,allocate,x,0x1,0x2\n")); }),
              HasSubstr("recording:2: size 'x' is not a whole number"));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(good + "REPLAY,deallocate,0x9,0x1\n")); }),
              HasSubstr("recording:2: free of object 0x9"));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(good + "{\"x\": 1}\n")); }), HasSubstr("has no event"));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(good + "{\"event\": ")); }),
              HasSubstr("recording:2: malformed JSON"));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text("{\"kind\": \"umpire_replay\", \"schema\": \"v2\"}\n")); }),
              HasSubstr("the replay format v2, which is not read"));
}

}  // namespace
}  // namespace vkmembench::testing
