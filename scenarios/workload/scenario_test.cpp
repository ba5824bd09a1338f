#include "scenarios/workload/scenario.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cmake/source_dir.h"
#include "scenarios/generators/generators.h"
#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario_schema.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::string with_workload(std::string_view workload, std::string_view more = "") {
  return fmt::format("{{\n\"schema\":\"vkmembench.scenario/1\",\n\"name\":\"s\",{}\n\"workload\":{}}}", more, workload);
}
std::string with(std::string_view more) { return with_workload(R"({"events":[{"op":"frame"}]})", more); }
std::string with_events(std::string_view events) { return with_workload(fmt::format("{{\"events\":[{}]}}", events)); }
// Of whichever generator comes first in the table.
std::string with_generator(std::string_view more) {
  return with_workload(fmt::format(R"({{"generator":"{}"{}}})", generators().front().name, more));
}

struct BadScenario {
  std::string text;
  std::string message;
};
class BadScenarios : public testing::TestWithParam<BadScenario> {};

TEST_P(BadScenarios, AreRefusedWithPlaceAndRemedy) {
  const TemporaryFolder folder;
  const auto file = folder.write("s.json", GetParam().text);
  const std::string message = error_of([&] { static_cast<void>(expand(load_scenario(file, {}), {})); });
  EXPECT_THAT(message, HasSubstr(GetParam().message)) << GetParam().text;
  EXPECT_THAT(message, HasSubstr("s.json"));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadScenarios,
    testing::Values(
        BadScenario{"[]", "s.json:1: /: is an array, not an object"}, BadScenario{"{}", "/: 'schema' is missing"},
        BadScenario{"", "is empty"}, BadScenario{"{", "s.json:1:1: "},
        BadScenario{R"({"schema":1})", "/schema: is an integer, not a string"},
        BadScenario{R"({"schema":"vkmembench.scenario/2"})",
                    "is another version of the format; this tool reads 'vkmembench.scenario/1'"},
        BadScenario{R"({"schema":"vkmembench.report/1"})", "is a report, not a scenario"},
        BadScenario{with("\"frame_in_flight\":2,"),
                    "s.json:3: /frame_in_flight: unknown key 'frame_in_flight' (did you mean 'frames_in_flight'?)"},
        BadScenario{R"({"schema":"vkmembench.scenario/1","workload":{}})", "'name' is missing"},
        BadScenario{R"({"schema":"vkmembench.scenario/1","name":"s"})", "'workload' is missing"},
        BadScenario{R"({"schema":"vkmembench.scenario/1","name":"","workload":{"trace":"t"}})",
                    "/name: \"\" is no name"},
        BadScenario{R"({"schema":"vkmembench.scenario/1","name":"../s","workload":{"trace":"t"}})", "is no name"},
        BadScenario{R"({"schema":"vkmembench.scenario/1","name":"a/b","workload":{"trace":"t"}})", "is no name"},
        BadScenario{with("\"seed\":-1,"), "/seed: -1 is not from 0 to 18446744073709551615"},
        BadScenario{with("\"seed\":\"7\","), "/seed: is a string, not an integer"},
        BadScenario{with("\"seed\":1.5,"), "/seed: is a number, not an integer"},
        BadScenario{with("\"frames_in_flight\":17,"), "/frames_in_flight: 17 is not from 0 to 16"},
        BadScenario{with("\"description\":7,"), "/description: is an integer, not a string"},
        BadScenario{with("\"must_fit\":\"core\","), "/must_fit: is a string, not an array"},
        BadScenario{with("\"must_fit\":[7],"), "/must_fit/0: is an integer, not a string"},
        BadScenario{with("\"must_fit\":[\"\"],"), "/must_fit/0: is empty"},
        BadScenario{with("\"expect\":{},"), "/expect: is an object, not an array"},
        BadScenario{with("\"expect\":[{}],"), "/expect/0: 'metric' is missing"},
        BadScenario{with("\"expect\":[{\"metric\":\"m\"}],"), "bounds nothing"},
        BadScenario{with("\"expect\":[{\"metric\":\"m\",\"max\":1,\"min\":2}],"), "'min' is above 'max'"},
        BadScenario{with("\"expect\":[{\"metric\":\"m\",\"maximum\":1}],"), "/expect/0/maximum: unknown key"},
        BadScenario{with("\"expect\":[{\"metric\":\"m\",\"max\":1,\"strategies\":[]}],"), "names no strategy"},
        BadScenario{with("\"seed\":1,\"seed\":2,"), "/seed: the key is there twice"},
        BadScenario{with_workload("{}"), "/workload: has none of generator, events, trace, mix"},
        BadScenario{with_workload(R"({"generatr":"x"})"), "(did you mean 'generator'?)"},
        BadScenario{with_workload("7"), "/workload: is an integer, not an object"},
        BadScenario{with_workload(R"({"events":[],"trace":"t"})"), "has 'events' and 'trace'; keep one"},
        BadScenario{with_workload(R"({"events":[{"op":"frame"}],"frames":1})"),
                    "/workload/frames: unknown key 'frames'"},
        BadScenario{with_workload(R"({"events":[]})"), "/workload/events: has no events"},
        BadScenario{with_workload(R"({"events":{}})"), "/workload/events: is an object, not an array"},
        BadScenario{with_events("{\"op\":\"frame\"},\n{\"op\":\"free\",\"id\":3}"),
                    "s.json:5: /workload/events/1: object 3 is not live"},
        BadScenario{with_events("7"), "/workload/events/0: an event is an object"},
        BadScenario{with_workload(R"({"trace":""})"), "/workload/trace: is empty"},
        BadScenario{with_workload(R"({"trace":"no.jsonl"})"), "no.jsonl: no such file"},
        BadScenario{with_workload(R"({"trace":7})"), "/workload/trace: is an integer"},
        BadScenario{with_workload(R"({"generator":"no_such_generator_here"})"),
                    "unknown generator 'no_such_generator_here'; there are "},
        BadScenario{with_workload(R"({"generator":7})"), "/workload/generator: is an integer, not a string"},
        BadScenario{with_generator(R"(,"scal":1)"), "unknown key 'scal' (did you mean 'scale'?)"},
        BadScenario{with_generator(R"(,"scale":0)"), "/workload/scale: 0 is not from 0.01 to 100"},
        BadScenario{with_generator(R"(,"scale":"1")"), "/workload/scale: is a string, not a number"},
        BadScenario{with_generator(R"(,"max_live_bytes":-1)"), "/workload/max_live_bytes: -1 is not from 0"},
        BadScenario{with_generator(R"(,"max_live_bytes":0.5)"), "is a number, not an integer"},
        BadScenario{with_workload(R"({"mix":[]})"), "/workload/mix: has no parts"},
        BadScenario{with_workload(R"({"mix":[{"lane":0}]})"), "/workload/mix/0: 'workload' is missing"},
        BadScenario{with_workload(R"({"mix":[{"lanes":0,"workload":{}}]})"),
                    "unknown key 'lanes' (did you mean 'lane'?)"},
        BadScenario{with_workload(R"({"mix":[{"lane":65536,"workload":{"trace":"t"}}]})"),
                    "/workload/mix/0/lane: 65536 is not"},
        BadScenario{with_workload(R"({"mix":[{"start_frame":10000001,"workload":{"trace":"t"}}]})"),
                    "start_frame: 10000001 is not"},
        BadScenario{with_workload(R"({"mix":[{"workload":{"mix":[{"workload":{"events":[]}}]}}]})"),
                    "/workload/mix/0/workload/mix/0/workload/events: has no events"}));

TEST(Scenario, HoldsWhatItsFileStates) {
  const TemporaryFolder folder;
  const std::string text =
      with(R"("description":"d","seed":18446744073709551615,"frames_in_flight":3,"must_fit":["core-*"],
      "expect":[{"metric":"leak.count","max":0},{"metric":"m","min":0.5,"scope":"end","strategies":["vma*"]}],)");
  const Scenario scenario = load_scenario(folder.write("s.json", text), {});
  EXPECT_EQ(scenario.name, "s");
  EXPECT_EQ(scenario.description, "d");
  EXPECT_EQ(scenario.seed, ~std::uint64_t{0});
  EXPECT_EQ(scenario.frames_in_flight, 3u);
  EXPECT_THAT(scenario.must_fit, testing::ElementsAre("core-*"));
  ASSERT_EQ(scenario.expect.size(), 2u);
  EXPECT_EQ(scenario.expect[0].max, 0.0);
  EXPECT_EQ(scenario.expect[0].min, std::nullopt);
  EXPECT_EQ(scenario.expect[1].scope, "end");
  EXPECT_THAT(scenario.expect[1].strategies, testing::ElementsAre("vma*"));
  EXPECT_EQ(expand(scenario, {}).frames_in_flight, 3u);
  EXPECT_NE(load_scenario(folder.write("s2.json", with("")), {}).file_hash, scenario.file_hash);
  EXPECT_EQ(load_scenario(folder.path() / "s2.json", {}).frames_in_flight, 2u);
}

TEST(Scenario, NamesTheFilesThatItIsReadFrom) {
  const TemporaryFolder folder;
  const auto trace = folder.write("t.jsonl", "{\"op\":\"frame\"}\n");
  const auto file = folder.write(
      "s.json",
      with_workload(R"({"mix":[{"workload":{"events":[{"op":"frame"}]}},{"workload":{"trace":"t.jsonl"}}]})"));
  EXPECT_EQ(input_files(load_scenario(file, {})), (std::vector<std::filesystem::path>{file, trace}));
  EXPECT_EQ(input_files(load_scenario(trace, {})).back(), trace);
}

// What is found out of a budget comes late, of a generator with an override too.
TEST(Scenario, KeepsThePlacesOfItsFileWhenItIsExpanded) {
  const TemporaryFolder folder;
  const auto file = folder.write(
      "s.json",
      with_workload(fmt::format("{{\"mix\":[{{\"workload\":{{\"generator\":\"{}\"}}}},\n\n{{\"workload\":{{\"events\":"
                                "[{{\"op\":\"frame\"}},\n{{\"op\":\"budget\",\"heap\":15,\"ratio\":0.5}}]}}}}]}}",
                                generators().front().name)));
  const ScenarioOverrides overrides{std::nullopt, {{"scale", "0.05"}}, std::nullopt};
  const Trace trace = expand(load_scenario(file, overrides), overrides);
  EXPECT_EQ(trace.budgets.back().place, file.string() + ":7: /workload/mix/1/workload/events/1");
  const auto lines = folder.write("t.jsonl", "{\"op\":\"frame\"}\n{\"op\":\"budget\",\"heap\":15,\"ratio\":0.5}\n");
  EXPECT_EQ(expand(load_scenario(lines, {}), {}).budgets.back().place, lines.string() + ":2");
}

TEST(Scenario, FramesInFlightOfATraceHoldUnlessTheScenarioStatesOthers) {
  const TemporaryFolder folder;
  folder.write("t.jsonl", "{\"schema\":\"vkmembench.trace/1\",\"frames_in_flight\":5}\n{\"op\":\"frame\"}\n");
  const auto plain = folder.write("a.json", with_workload(R"({"trace":"t.jsonl"})"));
  const auto stated = folder.write("b.json", with_workload(R"({"trace":"t.jsonl"})", "\"frames_in_flight\":1,"));
  EXPECT_EQ(expand(load_scenario(plain, {}), {}).frames_in_flight, 5u);
  EXPECT_EQ(expand(load_scenario(stated, {}), {}).frames_in_flight, 1u);
  const Scenario direct = load_scenario(folder.path() / "t.jsonl", {});
  EXPECT_EQ(direct.name, "t");
  EXPECT_EQ(direct.frames_in_flight, 5u);
}

class Frames : public testing::Test {
 protected:
  Trace cut(std::uint64_t first, std::uint64_t last) {
    ScenarioOverrides overrides;
    overrides.frames = {first, last};
    const auto file = folder_.write(
        "s.json", with_events(R"({"op":"buffer","id":1,"size":8,"usage":"vertex_buffer","memory":"device"},
        {"op":"frame"},{"op":"barrier","lane":2},{"op":"frame"},{"op":"free","id":1},{"op":"frame"},
        {"op":"buffer","id":2,"size":8,"usage":"vertex_buffer","memory":"device","lane":7})"));
    return expand(load_scenario(file, overrides), overrides);
  }
  TemporaryFolder folder_;
};

TEST_F(Frames, TheTraceEndsAfterTheLast) {
  const Trace trace = cut(1, 1);
  EXPECT_EQ(trace.events.size(), 5u);
  EXPECT_EQ(trace.objects.size(), 1u);
  EXPECT_EQ(trace.frame_count, 2u);
  EXPECT_THAT(trace.lanes, testing::ElementsAre(0, 2));
  EXPECT_EQ(trace.lane_count, 3u);
  EXPECT_EQ(trace.measure_from_frame, 1u);
  EXPECT_EQ(cut(0, 2).events.size(), 7u);
}
TEST_F(Frames, BothBoundsEnterTheHash) {
  EXPECT_NE(cut(0, 1).hash, cut(1, 1).hash);
  EXPECT_NE(cut(0, 1).hash, cut(0, 2).hash);
  EXPECT_EQ(cut(1, 2).hash, cut(1, 2).hash);
}
TEST_F(Frames, BoundsOutsideTheTraceAreRefused) {
  EXPECT_THAT(error_of([&] { static_cast<void>(cut(2, 1)); }), HasSubstr("--frames 2-1: the first is after the last"));
  EXPECT_THAT(error_of([&] { static_cast<void>(cut(0, 3)); }), HasSubstr("has frames 0 to 2"));
}

// Over every generator of the table.
class GeneratorScenario : public testing::TestWithParam<std::size_t> {
 protected:
  const Generator& row() const { return generators()[GetParam()]; }
  Trace trace_of(std::string_view more, const ScenarioOverrides& overrides = {}) {
    const auto file =
        folder_.write("s.json", with_workload(fmt::format(R"({{"generator":"{}"{}}})", row().name, more)));
    return expand(load_scenario(file, overrides), overrides);
  }
  TemporaryFolder folder_;
};

TEST_P(GeneratorScenario, DefaultsAreWhatLeavingOutMeans) {
  std::string all;
  for (const Parameter& parameter : row().parameters) {
    const std::string value = to_text(default_of(parameter));
    all += fmt::format(",\"{}\":", parameter.name);
    all += parameter.kind == ParameterKind::choice ? '"' + value + '"' : value;
  }
  EXPECT_EQ(trace_of(",\"scale\":0.05").hash, trace_of(all + ",\"scale\":0.05").hash);
}

TEST_P(GeneratorScenario, OverridesAreTheSameAsEditingTheFile) {
  ScenarioOverrides overrides;
  overrides.set = {{"scale", "0.1"}, {"scale", "0.05"}, {"max_live_bytes", "64 MiB"}};
  EXPECT_EQ(trace_of("", overrides).hash, trace_of(",\"scale\":0.05,\"max_live_bytes\":67108864").hash);
}

TEST_P(GeneratorScenario, ParametersAreBounded) {
  for (const Parameter& parameter : row().parameters) {
    if (parameter.kind == ParameterKind::choice) {
      EXPECT_THAT(error_of([&] { static_cast<void>(trace_of(fmt::format(",\"{}\":\"?\"", parameter.name))); }),
                  HasSubstr(fmt::format("/workload/{}: '?' is not one of its choices; there are", parameter.name)));
      continue;
    }
    const std::string above = fmt::format("{:.0f}", parameter.max * 2 + 1);
    EXPECT_THAT(error_of([&] { static_cast<void>(trace_of(fmt::format(",\"{}\":{}", parameter.name, above))); }),
                HasSubstr(fmt::format("/workload/{}: ", parameter.name)));
    ScenarioOverrides overrides;
    overrides.set = {{std::string(parameter.name), above}};
    EXPECT_THAT(error_of([&] { static_cast<void>(trace_of("", overrides)); }), HasSubstr("--set"));
  }
}

TEST_P(GeneratorScenario, RoundTripsThroughAFile) {
  const Trace trace = trace_of(",\"scale\":0.05");
  write_trace(trace, folder_.path() / "t.jsonl.zst");
  EXPECT_EQ(expand(load_scenario(folder_.path() / "t.jsonl.zst", {}), {}).hash, trace.hash);
}

TEST_P(GeneratorScenario, ASeedOverridesTheFile) {
  ScenarioOverrides overrides;
  overrides.seed = 99;
  const auto file = folder_.write("s.json", with_generator(""));
  EXPECT_EQ(load_scenario(file, overrides).seed, 99u);
}

INSTANTIATE_TEST_SUITE_P(Table, GeneratorScenario, testing::Range<std::size_t>(0, generators().size()));

TEST(Overrides, OfUnknownKeysOrBadValuesAreRefused) {
  const TemporaryFolder folder;
  const auto file = folder.write("s.json", with_generator(""));
  const auto events = folder.write("e.json", with_events(R"({"op":"frame"})"));
  const auto error = [&](const std::filesystem::path& scenario, const char* key, const char* value) {
    ScenarioOverrides overrides;
    overrides.set = {{key, value}};
    return error_of([&] { static_cast<void>(load_scenario(scenario, overrides)); });
  };
  EXPECT_THAT(
      error(file, "scal", "1"),
      HasSubstr("--set scal=1: the scenario's generator has no parameter of that name (did you mean 'scale'?)"));
  EXPECT_THAT(error(file, "name", "x"), HasSubstr("has no parameter of that name"));
  EXPECT_THAT(error(file, "generator", "x"), HasSubstr("has no parameter of that name"));
  EXPECT_THAT(error(events, "scale", "1"), HasSubstr("has no generator, so nothing to set"));
  for (const char* value : {"", "x", "0", "101", "1x", "nan", "inf", "1e400", "-1"}) {
    EXPECT_THAT(error(file, "scale", value), HasSubstr("is not a number from 0.01 to 100")) << value;
  }
  for (const char* value : {"", "-1", "1.5", "MiB", "99999999999GiB", "99999999999999999999", "0.3 KiB", "1MB"}) {
    EXPECT_THAT(error(file, "max_live_bytes", value), HasSubstr("is not a number of bytes")) << value;
  }
}

TEST(MixScenario, OverridesReachGeneratorScenarioAndSeedsDiffer) {
  const TemporaryFolder folder;
  const std::string_view generator = generators().front().name;
  const auto mix = [&](std::string_view more) {
    return folder.write(
        "s.json",
        with_workload(fmt::format(
            R"({{"mix":[{{"workload":{{"generator":"{0}"{1}}}}},{{"lane":2,"start_frame":3,"workload":{{"mix":[
                      {{"lane":1,"start_frame":1,"workload":{{"generator":"{0}"{1}}}}}]}}}},
                      {{"lane":9,"workload":{{"events":[{{"op":"barrier","lane":1}}]}}}}]}})",
            generator, more)));
  };
  ScenarioOverrides overrides;
  overrides.set = {{"scale", "0.05"}};
  const Trace set = expand(load_scenario(mix(""), overrides), overrides);
  const Trace edited = expand(load_scenario(mix(",\"scale\":0.05"), {}), {});
  EXPECT_EQ(set.hash, edited.hash);
  EXPECT_EQ(edited.lane_count, 11u);
  const auto alone = folder.write("a.json", with_generator(",\"scale\":0.05"));
  EXPECT_EQ(edited.frame_count, expand(load_scenario(alone, {}), {}).frame_count + 4);
}

TEST(ScenarioSchema, HasADefinitionForEachGenerator) {
  const std::string base = file_text(std::filesystem::path(source_dir()) / "reports/schema/scenario.schema.json");
  const auto schema = nlohmann::ordered_json::parse(scenario_schema(base));
  EXPECT_EQ(schema.begin().key(), "$schema");
  EXPECT_EQ(schema["$defs"]["generator_workload"]["oneOf"].size(), generators().size());
  for (const Generator& row : generators()) {
    const auto& definition = schema["$defs"]["generator_" + std::string(row.name)];
    EXPECT_EQ(definition["required"].dump(), "[\"generator\"]");
    EXPECT_EQ(definition["properties"].size(), row.parameters.size() + 4);
    EXPECT_EQ(definition["properties"]["scale"]["maximum"], 100.0);
    for (const Parameter& parameter : row.parameters) {
      EXPECT_TRUE(definition["properties"].contains(std::string(parameter.name))) << parameter.name;
    }
  }
}

}  // namespace
}  // namespace vkmembench
