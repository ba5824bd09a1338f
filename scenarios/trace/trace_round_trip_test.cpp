#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "scenarios/generators/random.h"
#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

class RoundTrip : public testing::TestWithParam<std::uint64_t> {
 protected:
  TemporaryFolder folder_;
};

TEST_P(RoundTrip, AWrittenTraceLoadsToTheSameHash) {
  const Trace trace = random_trace(GetParam());
  for (const char* name : {"t.jsonl", "t.jsonl.zst"}) {
    const std::filesystem::path file = folder_.path() / name;
    write_trace(trace, file);
    const Trace direct = expand(load_scenario(file, {}), {});
    EXPECT_EQ(direct.hash, trace.hash) << name;
    EXPECT_EQ(direct.events.size(), trace.events.size());
    EXPECT_EQ(direct.lane_count, trace.lane_count);
    EXPECT_EQ(direct.frames_in_flight, trace.frames_in_flight);

    const auto scenario = folder_.write(
        "s.json", fmt::format(R"({{"schema":"vkmembench.scenario/1","name":"s","workload":{{"trace":"{}"}}}})", name));
    EXPECT_EQ(expand(load_scenario(scenario, {}), {}).hash, trace.hash) << name;
  }
}

TEST_P(RoundTrip, InlineEventsAreTheSameEvents) {
  const Trace trace = random_trace(GetParam(), 300);
  const std::filesystem::path file = folder_.path() / "t.jsonl";
  write_trace(trace, file);
  std::string lines = file_text(file);
  lines.erase(0, lines.find('\n') + 1);
  lines.pop_back();
  for (char& c : lines) c = c == '\n' ? ',' : c;  // a line break inside a text is spelt \n
  const auto scenario = folder_.write(
      "s.json",
      fmt::format(
          R"({{"schema":"vkmembench.scenario/1","name":"s","frames_in_flight":{},"workload":{{"events":[{}]}}}})",
          trace.frames_in_flight, lines));
  EXPECT_EQ(expand(load_scenario(scenario, {}), {}).hash, trace.hash);
}

TEST_P(RoundTrip, AMeasuredCutKeepsItsBounds) {
  write_trace(random_trace(GetParam(), 4000), folder_.path() / "t.jsonl");
  ScenarioOverrides overrides;
  overrides.frames = {3, 20};
  const Scenario scenario = load_scenario(folder_.path() / "t.jsonl", overrides);
  const Trace cut = expand(scenario, overrides);
  EXPECT_EQ(cut.frame_count, 21u);
  EXPECT_EQ(cut.measure_from_frame, 3u);
  write_trace(cut, folder_.path() / "cut.jsonl.zst");
  const Trace again = expand(load_scenario(folder_.path() / "cut.jsonl.zst", {}), {});
  EXPECT_EQ(again.hash, cut.hash);
  EXPECT_EQ(again.measure_from_frame, 3u);
}

// Whatever happens to a file, it loads or it is refused with one line that names it.
TEST_P(RoundTrip, DamagedFilesAreRefusedOrLoad) {
  Random random(GetParam());
  for (const char* name : {"t.jsonl", "t.jsonl.zst"}) {
    write_trace(random_trace(GetParam(), 120), folder_.path() / name);
    const std::string whole = file_text(folder_.path() / name);
    for (int i = 0; i < 150; ++i) {
      std::string damaged = whole;
      if (random.chance(0.5)) {
        damaged.resize(random.below(whole.size()));
      } else {
        for (std::uint64_t flips = random.between(1, 4); flips > 0; --flips) {
          damaged[random.below(damaged.size())] ^= static_cast<char>(1u << random.below(8));
        }
      }
      const std::filesystem::path file = folder_.write(fmt::format("d-{}", name), damaged);
      try {
        EXPECT_NE(expand(load_scenario(file, {}), {}).events.size(), 0u);
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("d-t.jsonl"));
        EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoundTrip, testing::Range<std::uint64_t>(1, 9));

TEST(TraceFile, ACutFileIsRefused) {
  const TemporaryFolder folder;
  for (const char* name : {"t.jsonl", "t.jsonl.zst"}) {
    write_trace(random_trace(3, 400), folder.path() / name);
    const std::string whole = file_text(folder.path() / name);
    for (std::size_t size = 1; size + 1 < whole.size(); size += 1 + whole.size() / 97) {
      const auto file = folder.write(fmt::format("cut-{}", name), whole.substr(0, size));
      EXPECT_NE(error_of([&] { static_cast<void>(read_trace(file, 2)); }), "no error") << name << " cut at " << size;
    }
  }
  const auto file = folder.write("cut.jsonl.zst", file_text(folder.path() / "t.jsonl.zst").substr(0, 300));
  EXPECT_THAT(error_of([&] { static_cast<void>(read_trace(file, 2)); }), HasSubstr("ends in the middle"));
}

struct BadTrace {
  const char* text;
  const char* message;
};
class BadTraceFile : public testing::TestWithParam<BadTrace> {};

TEST_P(BadTraceFile, IsRefusedWithItsLine) {
  const TemporaryFolder folder;
  const auto file = folder.write("t.jsonl", GetParam().text);
  EXPECT_THAT(error_of([&] { static_cast<void>(expand(load_scenario(file, {}), {})); }), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadTraceFile,
    testing::Values(
        BadTrace{"", "t.jsonl: is empty"}, BadTrace{"\n \n", "t.jsonl: has no events"},
        BadTrace{"{\"op\":\"frame\"}\n\n{\"op\":\"fram\"}\n", "t.jsonl:3: unknown op 'fram' (did you mean 'frame'?)"},
        BadTrace{"{\"op\":\"frame\"}\n{\"op\":\"fra", "t.jsonl:2:11: malformed JSON"},
        BadTrace{"{\"op\":\"frame\"}\n{\"op\":\"fra", "may be cut"},
        BadTrace{"{\"op\":\"frame\"} {\"op\":\"frame\"}\n", "t.jsonl:1:16: malformed JSON"},
        BadTrace{"[]\n", "t.jsonl:1: an event is an object, not a list"},
        BadTrace{"7\n", "t.jsonl:1: an event is an object, not an integer"},
        BadTrace{"{}\n", "t.jsonl:1: 'op' is missing"},
        BadTrace{"{\"op\":\"frame\"}\n{\"schema\":\"vkmembench.trace/1\"}\n", "t.jsonl:2: unknown key 'schema'"},
        BadTrace{"{\"schema\":\"vkmembench.trace/2\"}\n{\"op\":\"frame\"}\n", "another version of the format"},
        BadTrace{"{\"schema\":\"vkmembench.report/1\"}\n{\"op\":\"frame\"}\n", "is a report, not a trace"},
        BadTrace{"{\"schema\":\"vkmembench.trace/1\",\"event\":1}\n", "did you mean 'events'?"},
        BadTrace{"{\"schema\":\"vkmembench.trace/1\",\"events\":2}\n{\"op\":\"frame\"}\n",
                 "has 1 events where its first line states 2"},
        BadTrace{"{\"schema\":\"vkmembench.trace/1\",\"measure_from_frame\":1}\n{\"op\":\"frame\"}\n",
                 "is beyond the 1 frames"}));

TEST(TraceFile, BlankLinesAndCarriageReturnsAreAllowed) {
  const TemporaryFolder folder;
  const auto plain = folder.write("a.jsonl", "{\"op\":\"frame\"}\n{\"op\":\"barrier\"}\n");
  const auto spaced = folder.write("b.jsonl", "\r\n{\"op\":\"frame\"}\r\n\n  \n{\"op\":\"barrier\"}");
  EXPECT_EQ(read_trace(plain, 2).hash, read_trace(spaced, 2).hash);
}

TEST(TraceFile, LongLinesCrossChunks) {
  const TemporaryFolder folder;
  std::string ids, sizes;
  for (int i = 0; i < 100'000; ++i) {
    ids += fmt::format("{}{}", i == 0 ? "" : ",", i);
    sizes += fmt::format("{}{}", i == 0 ? "" : ",", i + 1);
  }
  const auto file =
      folder.write("t.jsonl", fmt::format("{{\"op\":\"frame\"}}\n{{\"op\":\"batch\",\"ids\":[{}],\"sizes\":[{}],"
                                          "\"usage\":\"index_buffer\",\"memory\":\"device\"}}\n{{\"op\":\"barrier\"}}",
                                          ids, sizes));
  const Trace trace = read_trace(file, 2);
  ASSERT_EQ(trace.events.size(), 3u);
  EXPECT_EQ(trace.events[1].count(), 100'000u);
  EXPECT_EQ(trace.objects.back().size, 100'000u);
}

TEST(TraceFile, MissingFilesAndFoldersAreNamed) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { static_cast<void>(load_scenario(folder.path() / "no.jsonl", {})); }),
              HasSubstr("no.jsonl: no such file"));
  std::filesystem::create_directory(folder.path() / "d.jsonl");
  EXPECT_THAT(error_of([&] { static_cast<void>(load_scenario(folder.path() / "d.jsonl", {})); }),
              HasSubstr("d.jsonl: is a folder"));
  const auto text = folder.write("plain.jsonl.zst", "{\"op\":\"frame\"}\n");
  EXPECT_THAT(error_of([&] { static_cast<void>(read_trace(text, 2)); }), HasSubstr("not zstd data or damaged"));
}

TEST(WriteTrace, LeavesTheOldFileWhenItFails) {
  const TemporaryFolder folder;
  EXPECT_THROW(write_trace(random_trace(1, 50), folder.path() / "no" / "t.jsonl"), Error);
  EXPECT_THROW(write_trace(random_trace(1, 50), folder.path()), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace vkmembench
