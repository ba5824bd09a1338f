#include "scenarios/workload/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "allocator/base/error.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/line_reader.h"
#include "scenarios/json/problems.h"
#include "scenarios/json/schema_id.h"
#include "scenarios/names/name.h"
#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/trace_hash.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/workload/workload.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kDefaultFramesInFlight = 2;

std::vector<std::string> read_globs(const JsonValue& value) {
  std::vector<std::string> globs;
  for (const JsonValue& item : value.items()) {
    globs.push_back(item.text());
    if (globs.back().empty()) item.fail("is empty; name a strategy, or several with '*'");
  }
  return globs;
}

Expectation read_expectation(const JsonValue& value) {
  constexpr std::array<std::string_view, 6> kKeys = {"metric", "min", "max", "scope", "strategies", "comment"};
  constexpr double kMax = std::numeric_limits<double>::max();
  value.only_keys(kKeys);
  read_comment(value);
  Expectation expectation;
  expectation.metric = value.at("metric").text();
  if (const auto min = value.find("min")) expectation.min = min->number(-kMax, kMax);
  if (const auto max = value.find("max")) expectation.max = max->number(-kMax, kMax);
  if (!expectation.min && !expectation.max) value.fail("bounds nothing; give 'min', 'max' or both");
  if (expectation.min && expectation.max && *expectation.min > *expectation.max) value.fail("'min' is above 'max'");
  if (const auto scope = value.find("scope")) expectation.scope = scope->text();
  if (const auto strategies = value.find("strategies")) {
    expectation.strategies = read_globs(*strategies);
    if (expectation.strategies.empty()) strategies->fail("names no strategy; leave it out for all");
  }
  return expectation;
}

std::uint32_t read_frames_in_flight(const JsonValue& root, const std::filesystem::path& folder) {
  if (const auto value = root.find("frames_in_flight")) {
    return static_cast<std::uint32_t>(value->integer(0, kMaxFramesInFlight));
  }
  const std::filesystem::path trace = trace_file_of(root.at("workload"), folder);
  if (trace.empty()) return kDefaultFramesInFlight;
  return read_trace_header(trace).frames_in_flight.value_or(kDefaultFramesInFlight);
}

// The members of a scenario's root but its workload; what is wrong becomes problems.
void read_members(const JsonValue& root, Scenario& scenario, Problems& problems) {
  constexpr std::array<std::string_view, 10> kKeys = {
      "$schema", "schema",   "name",     "description", "comment",
      "seed",    "must_fit", "workload", "expect",      "frames_in_flight"};
  root.only_keys(kKeys, problems);
  const auto read = [&](std::string_view key, auto action) {
    if (const auto value = root.find(key)) problems.of([&] { action(*value); });
  };
  problems.of([&] { read_comment(root); });
  problems.of([&] { scenario.name = read_name(root.at("name")); });  // of its reports and snapshots, which are files
  read("$schema", [](const JsonValue& value) { static_cast<void>(value.text()); });
  read("description", [&](const JsonValue& value) { scenario.description = value.text(); });
  read("seed", [&](const JsonValue& value) { scenario.seed = value.integer(0, ~std::uint64_t{0}); });
  read("must_fit", [&](const JsonValue& value) { scenario.must_fit = read_globs(value); });
  read("expect", [&](const JsonValue& value) {
    for (const JsonValue& item : value.items()) problems.of([&] { scenario.expect.push_back(read_expectation(item)); });
  });
}

Scenario read_scenario(const std::filesystem::path& file) {
  const std::string text = read_text_file(file);
  refuse_other_kind(text, file.string(), schema_name(kScenarioSchema));
  const JsonDocument document = JsonDocument::parse(text, file.string());
  const JsonValue root = document.root();
  check_schema(root, kScenarioSchema);

  Scenario scenario;
  scenario.file = file;
  Hash64 hash;
  hash.text(text);
  scenario.file_hash = hash.value();
  Problems problems;
  read_members(root, scenario, problems);
  const std::filesystem::path folder = file.parent_path();
  problems.of([&] {
    const JsonValue workload = root.at("workload");
    problems.of([&] { scenario.frames_in_flight = read_frames_in_flight(root, folder); });
    scenario.workload = read_workload(workload, {folder, scenario.frames_in_flight, scenario.seed}, problems);
  });
  problems.finish();
  return scenario;
}

Scenario scenario_of_trace(const std::filesystem::path& file) {
  Scenario scenario;
  scenario.file = file;
  scenario.name = file.filename().string();
  scenario.name.erase(scenario.name.rfind(".jsonl"));
  if (scenario.name.empty()) throw Error(fmt::format("{}: a trace needs a name before '.jsonl'", file.string()));
  scenario.frames_in_flight = read_trace_header(file).frames_in_flight.value_or(kDefaultFramesInFlight);
  scenario.workload = TraceFile{file};
  const FileHandle input = open_input(file);
  std::string chunk(1u << 20, '\0');
  Hash64 hash;
  for (std::size_t got = chunk.size(); got == chunk.size();) {
    got = read_input(input.get(), file, chunk.data(), chunk.size());
    hash.text({chunk.data(), got});
  }
  scenario.file_hash = hash.value();
  return scenario;
}

}  // namespace

bool uses_seed(const Scenario& scenario) { return has_generator(scenario.workload); }

std::vector<std::filesystem::path> input_files(const Scenario& scenario) {
  std::vector<std::filesystem::path> files = trace_files_of(scenario.workload);
  files.insert(files.begin(), scenario.file);
  return files;
}

Scenario load_scenario(const std::filesystem::path& file, const ScenarioOverrides& overrides) {
  Scenario scenario = is_trace_file(file) ? scenario_of_trace(file) : read_scenario(file);
  if (overrides.seed) scenario.seed = *overrides.seed;
  apply_overrides(scenario.workload, overrides.set);
  return scenario;
}

}  // namespace vkmembench
