#include "scenarios/trace/event_list.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class EventLists : public testing::Test {
 protected:
  std::filesystem::path scenario(std::string_view events) {
    return folder_.write("s.json", fmt::format("{{\"schema\":\"vkmembench.scenario/1\",\"name\":\"s\",\"workload\":{{"
                                               "\"events\":[\n{}\n]}}}}",
                                               events));
  }
  static Trace load(const std::filesystem::path& file) { return expand(load_scenario(file, {}), {}); }
  Trace trace(std::string_view events) { return load(scenario(events)); }
  // Of a trace file, an event a line.
  Trace lines(std::string_view events) { return load(folder_.write("t.jsonl", std::string(events))); }

  // The lines of all errors in the events.
  std::vector<std::string> errors(std::string_view events) { return errors_of(scenario(events)); }
  std::vector<std::string> errors_of(const std::filesystem::path& file) {
    try {
      static_cast<void>(load(file));
    } catch (const SeveralErrors& errors) {
      return {errors.lines().begin(), errors.lines().end()};
    } catch (const Error& error) {
      return {error.what()};
    }
    return {};
  }

  TemporaryFolder folder_;
};

std::string buffer(std::string_view id, std::string_view size = "8") {
  return fmt::format(R"({{"op":"buffer","id":{},"size":{},"usage":"vertex_buffer","memory":"upload"}})", id, size);
}
std::string use(std::string_view op, std::string_view id) { return fmt::format(R"({{"op":"{}","id":{}}})", op, id); }
constexpr std::string_view kFrame = R"({"op":"frame"})";
std::string repeat(int times, std::string_view events) {
  return fmt::format(R"({{"op":"repeat","times":{},"events":[{}]}})", times, events);
}

// The long form spells the numbers that texts and turns are given.
TEST_F(EventLists, ShortFormsAreTheLongOnes) {
  const std::string image =
      R"({"op":"image","id":ID,"format":"R8G8B8A8_UNORM","extent":[64,32],"usage":"sampled","memory":"device"})";
  const std::string short_form = fmt::format(
      "{0},{1},{2},{3},{4}", kFrame, buffer("\"mesh\"", "\"1.5 KiB\""),
      std::string(image).replace(image.find("ID"), 2, "\"sky\""),
      R"({"op":"write","id":"mesh","offset":"1 KiB","size":"512B","comment":"the rest"})",
      repeat(3, fmt::format("{},{},{},{}", kFrame, buffer("7"), use("touch", "\"mesh\""), use("free", "7"))));
  std::string long_form = fmt::format(
      "{},{},{},{}", kFrame, buffer("1000000000000", "1536"),
      R"({"op":"image","id":1000000000001,"format":["R8G8B8A8_UNORM"],"extent":[64,32,1],"mips":1,"layers":1,"samples":1,"tiling":"optimal","usage":["sampled"],"memory":"device"})",
      R"({"op":"write","id":1000000000000,"offset":1024,"size":512})");
  for (const char* id : {"7", "1000000000002", "1000000000003"})
    long_form += fmt::format(",{},{},{},{}", kFrame, buffer(id), use("touch", "1000000000000"), use("free", id));
  const Trace trace = this->trace(short_form);
  EXPECT_EQ(trace.hash, this->trace(long_form).hash);
  EXPECT_EQ(trace.events.size(), 16u);
  EXPECT_EQ(id_text(trace, trace.objects[3].id), "7") << "of the second turn";
  EXPECT_EQ(id_text(trace, trace.objects[0].id), "mesh");
  write_trace(trace, folder_.path() / "w.jsonl");
  EXPECT_EQ(load(folder_.path() / "w.jsonl").hash, trace.hash);
}

TEST_F(EventLists, TraceFilesTakeTheShortFormsToo) {
  const std::string turn = fmt::format("{},{},{}", kFrame, buffer("\"a\"", "\"4 KiB\""), use("free", "\"a\""));
  EXPECT_EQ(lines(fmt::format("{}\n{}\n{}\n", kFrame, repeat(2, turn), kFrame)).hash,
            trace(fmt::format("{},{},{}", kFrame, repeat(2, turn), kFrame)).hash);
  EXPECT_THAT(errors_of(folder_.write("u.jsonl", fmt::format("{}\n{}\n", kFrame, repeat(2, use("free", "3"))))),
              ElementsAre(HasSubstr("u.jsonl:2: /events/0: object 3 is not live")));
}

// An id means the latest object of its name, so that a turn may free what the one before it made.
TEST_F(EventLists, ATurnFreesWhatTheOneBeforeCreated) {
  const std::string turn = fmt::format("{},{},{}", kFrame, use("free", "1"), buffer("1"));
  const Trace trace = this->trace(fmt::format("{},{},{}", buffer("1"), repeat(3, turn), use("free", "1")));
  EXPECT_EQ(trace.objects.size(), 4u);
  EXPECT_EQ(trace.events.back().object, 3u);
  EXPECT_EQ(trace.objects[1].id, 1u) << "the first turn says what it says";
  EXPECT_EQ(trace.objects[3].id, kFirstGivenId + 1);
  // After the repeat the number is of its own event again.
  const std::string again = fmt::format("{},{},{},{}", buffer("1"), repeat(3, turn), use("free", "1"), buffer("1"));
  EXPECT_EQ(this->trace(again).objects.back().id, 1u);
}

TEST_F(EventLists, RepeatsNest) {
  const std::string inner = repeat(3, fmt::format("{},{}", buffer("1"), use("free", "1")));
  const Trace trace = this->trace(repeat(4, fmt::format("{},{}", kFrame, inner)));
  EXPECT_EQ(trace.events.size(), 4u * (1 + 3 * 2));
  EXPECT_EQ(trace.frame_count, 4u);
  std::set<std::uint64_t> ids;
  for (const TraceObject& object : trace.objects) ids.insert(object.id);
  EXPECT_EQ(ids.size(), 12u) << "every creation has an id of its own";
}

TEST_F(EventLists, ARepeatThatMakesNoSenseIsRefusedWhereItStands) {
  EXPECT_THAT(
      errors(repeat(2, buffer("1"))),
      ElementsAre(HasSubstr("s.json:2: /workload/events/0/events/0: object 1 is live already; free it before its "
                            "id is used again in turn 2 of 2")));
  EXPECT_THAT(
      errors(buffer("1") + "," + repeat(2, use("free", "1"))),
      ElementsAre(HasSubstr("/workload/events/1/events/0: object 1 is not live: never created, or freed already; "
                            "name one that is in turn 2 of 2")));
  EXPECT_THAT(errors(repeat(0, kFrame)), ElementsAre(HasSubstr("/workload/events/0/times: 0 is not from 1")));
  EXPECT_THAT(errors(repeat(2, "")), ElementsAre(HasSubstr("/workload/events/0/events: has no events")));
  EXPECT_THAT(errors(R"({"op":"repeat","times":2})"), ElementsAre(HasSubstr("'events' is missing")));
  EXPECT_THAT(errors(R"({"op":"repeat","events":[{"op":"frame"}]})"), ElementsAre(HasSubstr("'times' is missing")));
  EXPECT_THAT(errors(R"({"op":"repeat","times":2,"lane":1,"events":[{"op":"frame"}]})"),
              ElementsAre(HasSubstr("unknown key 'lane'")));
  EXPECT_THAT(errors(R"({"op":"frame","times":2})"),
              ElementsAre(HasSubstr("'times' belongs to 'repeat'; leave it out")));
  EXPECT_THAT(errors(R"({"times":2,"events":[]})"), ElementsAre(HasSubstr("/workload/events/0: 'op' is missing")));
  EXPECT_THAT(
      errors(repeat(100'000'000, repeat(100'000'000, repeat(100'000'000, kFrame)))),
      ElementsAre(HasSubstr("/workload/events/0: makes the trace longer than 100000000 events; repeat less often")));
}

TEST_F(EventLists, NumbersThatWereGivenAreRefused) {
  EXPECT_THAT(errors(buffer("\"a\"") + "," + use("free", "1000000000000")),
              ElementsAre(HasSubstr("id 1000000000000 is the number of object a")));
  EXPECT_THAT(errors(buffer("1000000000000") + "," + use("free", "1000000000000")), ElementsAre());
}

TEST_F(EventLists, SeveralErrorsAreToldAtOnceEachWithItsPlace) {
  EXPECT_THAT(errors(fmt::format("{},\n{},\n{},\n{}", kFrame, R"({"op":"bufer"})", buffer("1", "0"),
                                 repeat(5, use("free", "9")))),
              ElementsAre(HasSubstr("s.json:3: /workload/events/1: unknown op 'bufer'"),
                          HasSubstr("s.json:4: /workload/events/2: object 1: size is 0"),
                          HasSubstr("s.json:5: /workload/events/3/events/0: object 9 is not live")));
  EXPECT_THAT(errors_of(folder_.write("t.jsonl",
                                      "{\"op\":\"x\"}\n{\"op\":,}\n{\"op\":\"frame\"}\n{\"op\":\"free\",\"id\":3}\n")),
              ElementsAre(HasSubstr("t.jsonl:1: unknown op"), HasSubstr("t.jsonl:2:7: malformed"),
                          HasSubstr("t.jsonl:4: object 3 is not live")));
}

TEST_F(EventLists, WhatFollowsFromAnErrorIsNotTold) {
  const std::string bad = R"({"op":"buffer","id":"a","size":8,"usage":"vertx_buffer","memory":"upload"})";
  EXPECT_THAT(
      errors(fmt::format("{},{},{},{}", bad, use("touch", "\"a\""), use("free", "\"a\""), use("free", "\"b\""))),
      ElementsAre(HasSubstr("unknown usage 'vertx_buffer'"), HasSubstr("object b is not live")));
  // What is wrong by itself is.
  EXPECT_EQ(errors(bad + "," + bad).size(), 2u);
}

TEST_F(EventLists, NoMoreThanTenErrorsAreTold) {
  std::string events(kFrame);
  for (int i = 0; i < 25; ++i) events += fmt::format(",\n{{\"op\":\"free\",\"id\":{}}}", i);
  EXPECT_EQ(errors(events).size(), 10u);
  EXPECT_EQ(errors(repeat(3, events)).size(), 10u);
  EXPECT_THAT(error_of([&] { static_cast<void>(load(scenario(events))); }),
              HasSubstr("10 errors, and none is looked for after them, the first: "));
}

TEST_F(EventLists, ErrorsOfEveryPartOfAScenarioAreToldTogether) {
  const auto file = folder_.write("s.json", R"({"schema":"vkmembench.scenario/1","nmae":"s","seed":-1,
    "expect":[{"metric":"m"},{"max":1}],"workload":{"mix":[{"workload":{"generator":"churn","scale":0,"scael":1}},
    {"workload":{"events":[{"op":"x"}]}}]}})");
  EXPECT_THAT(
      errors_of(file),
      ElementsAre(HasSubstr("/nmae: unknown key 'nmae'"), HasSubstr("'name' is missing"), HasSubstr("/seed: -1"),
                  HasSubstr("/expect/0: bounds nothing"), HasSubstr("/expect/1: 'metric' is missing"),
                  HasSubstr("/workload/mix/0/workload/scael"), HasSubstr("/workload/mix/0/workload/scale: 0"),
                  HasSubstr("/workload/mix/1/workload/events/0: unknown op")));
}

}  // namespace
}  // namespace vkmembench
