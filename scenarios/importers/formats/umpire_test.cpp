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
                                           UmpireSample{"umpire-before-0.3.csv", 5, 134 + 774, 774 + 100},
                                           UmpireSample{"umpire-v2.stats", 5, 4096 + 256, 256 + 1024}));

// Of a pool on a device, and of the host; a call that the program did not survive is told.
TEST(Umpire, KnowsTheMemoryOfAllocators) {
  const Imported imported = import_sample("umpire-v2.stats");
  const auto memory = [&](ObjectIndex object) { return imported.trace.shape_of(object).memory; };
  EXPECT_EQ(memory(0), MemoryUse::device);
  EXPECT_EQ(memory(1), MemoryUse::host);
  EXPECT_EQ(memory(2), MemoryUse::device);
  EXPECT_EQ(left_out_of(imported).at("calls that did not return"), 1u);
}

TEST(Umpire, KnowsTheMemoryOfAllocatorsInOlderLogs) {
  const auto memory = [](const std::string& text) { return import_text(text).trace.shape_of(0).memory; };
  EXPECT_EQ(memory("REPLAY,makeMemoryResource,PINNED,0x1\nREPLAY,makeAllocator,umpire::strategy::DynamicPool,true,pool,"
                   "PINNED,0x2\n"
                   "REPLAY,allocate,134,0x2,0x116076000\n"),
            MemoryUse::host);
  EXPECT_EQ(memory(R"({"kind":"replay","event":"makeMemoryResource","payload":{"name":"UM"},"result":"0x1"}
{"kind":"replay","event":"makeAllocator","payload":{"type":"QuickPool","allocator_name":"pool","args":["UM",64]},"result":{"allocator_ref":"0x2"}}
{"kind":"replay","event":"allocate","payload":{"allocator_ref":"0x2","size":64},"result":{"memory_ptr":"0x10"}})"),
            MemoryUse::dynamic);
  EXPECT_EQ(
      memory(
          R"({"category":"operation","name":"make_memory_resource","numeric_args":{"introspection":1},"string_args":{"allocator_ref":"0x1"},"tags":{"allocator_name":"HOST"}}
{"category":"operation","name":"make_allocator","numeric_args":{},"string_args":{"allocator_ref":"0x2","arg0":"HOST","type":"P"},"tags":{"allocator_name":"pool"}}
{"category":"operation","name":"allocate","numeric_args":{"size":64},"string_args":{"allocator_ref":"0x2","pointer":"0x10"},"tags":{}})"),
      MemoryUse::host);
  EXPECT_EQ(memory("REPLAY,allocate,134,0x2,0x116076000\n"), MemoryUse::device) << "of an allocator that nothing made";
}

TEST(Umpire, RefusesWhatIsNoLog) {
  const std::string good = "REPLAY,allocate,4,0x1,0x2\n";
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(good + "REPLAY,allocate,x,0x1,0x2\n")); }),
              HasSubstr("recording:2: size 'x' is not a whole number"));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(good + "REPLAY,deallocate,0x9,0x1\n")); }),
              HasSubstr("recording:2: free of object 0x9"));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(good + "{\"x\": 1}\n")); }), HasSubstr("has no event"));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(good + "{\"event\": ")); }),
              HasSubstr("recording:2: malformed JSON"));
  const auto said = [](const std::string& lines) {
    return error_of(
        [&] { static_cast<void>(import_text("{\"kind\":\"umpire_replay\",\"schema\":\"v2\"}\n" + lines)); });
  };
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text("{\"kind\": \"umpire_replay\", \"schema\": \"v3\"}\n")); }),
              HasSubstr("the replay format 'v3'; v2 is the newest"));
  EXPECT_THAT(said(R"({"op":"allocate","allocation_id":"m1","size":4,"status":"done"})"),
              HasSubstr("recording:2: status 'done' is neither"));
  EXPECT_THAT(said(R"({"op":"allocate","allocation_id":"first","size":4,"status":"committed"})"),
              HasSubstr("allocation_id 'first' does not end in a number"));
  EXPECT_THAT(said(R"({"op":"allocate","allocation_id":"m1","status":"committed"})"),
              HasSubstr("allocates without a size"));
  EXPECT_THAT(said(R"({"op":"deallocate","allocation_id":"m9","status":"committed"})"),
              HasSubstr("free of object 0x9"));
}

}  // namespace
}  // namespace vkmembench::testing
