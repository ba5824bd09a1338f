#include "scenarios/workload/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "scenarios/generators/generator_arguments.h"
#include "scenarios/trace/event_list.h"
#include "scenarios/trace/trace_builder.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/workload/mix.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 4> kWorkloadKinds = {"generator", "events", "trace", "mix"};

// One part of a mix, mixes inside a mix resolved.
struct Part {
  JsonValue workload;
  std::uint32_t lane;
  std::uint64_t start_frame;
};

void collect_parts(const JsonValue& workload, std::uint32_t lane, std::uint64_t start_frame, std::vector<Part>& parts) {
  constexpr std::array<std::string_view, 4> kPartKeys = {"lane", "start_frame", "workload", "comment"};
  if (workload_kind(workload) != WorkloadKind::mix) {
    if (parts.size() == kMaxMixParts) workload.fail(fmt::format("more than {} parts in a mix", kMaxMixParts));
    parts.push_back({workload, lane, start_frame});
    return;
  }
  const std::vector<JsonValue> items = workload.at("mix").items();
  if (items.empty()) workload.at("mix").fail("has no parts; give at least one");
  for (const JsonValue& item : items) {
    item.only_keys(kPartKeys);
    read_comment(item);
    const auto offset = [&](std::string_view key, std::uint64_t max) {
      const std::optional<JsonValue> value = item.find(key);
      return value ? value->integer(0, max) : 0;
    };
    const auto lane_offset = static_cast<std::uint32_t>(offset("lane", 0xffff));
    collect_parts(item.at("workload"), lane + lane_offset, start_frame + offset("start_frame", kMaxStartFrame), parts);
  }
}

std::vector<Part> parts_of(const JsonValue& workload) {
  std::vector<Part> parts;
  collect_parts(workload, 0, 0, parts);
  return parts;
}

WorkloadContext context_of_part(WorkloadContext context, std::size_t part) {
  context.seed += part * 0x9e3779b97f4a7c15u;  // equal generators in one mix do different things
  return context;
}

// A builder with the events; unusable once there are problems.
TraceBuilder read_events(const JsonValue& events, const WorkloadContext& context, Problems& problems) {
  TraceBuilder builder(context.frames_in_flight, context.limits);
  EventList list(builder, context.limits, problems);
  const std::vector<JsonValue> items = events.items();
  if (items.empty()) events.fail("has no events; give at least one");
  for (const JsonValue& item : items) list.read(item);
  return builder;
}

Trace generate(const JsonValue& workload, const WorkloadContext& context) {
  Problems problems;
  const GeneratorArguments arguments(workload, problems);
  problems.finish();
  TraceBuilder builder(context.frames_in_flight, context.limits);
  try {
    arguments.generator().generate(arguments.values(), context.seed, builder);
    return builder.finish();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_input) throw;
    workload.fail(fmt::format("generator '{}': {}", arguments.generator().name, error.what()));
  }
}

void collect_generators(nlohmann::ordered_json& workload, std::vector<nlohmann::ordered_json*>& found) {
  if (workload.contains("generator")) found.push_back(&workload);
  if (!workload.contains("mix")) return;
  for (nlohmann::ordered_json& part : workload["mix"]) collect_generators(part["workload"], found);
}

}  // namespace

WorkloadKind workload_kind(const JsonValue& workload) {
  std::size_t kind = kWorkloadKinds.size();
  for (std::size_t i = 0; i < kWorkloadKinds.size(); ++i) {
    if (!workload.find(kWorkloadKinds[i])) continue;
    if (kind != kWorkloadKinds.size())
      workload.fail(fmt::format("has '{}' and '{}'; keep one", kWorkloadKinds[kind], kWorkloadKinds[i]));
    kind = i;
  }
  if (kind == kWorkloadKinds.size()) {
    const auto members = workload.members();
    workload.fail(fmt::format("has none of {}{}", fmt::join(kWorkloadKinds, ", "),
                              members.empty() ? "" : did_you_mean(members.front().first, kWorkloadKinds)));
  }
  if (kWorkloadKinds[kind] != "generator") {
    workload.only_keys(std::array{kWorkloadKinds[kind], std::string_view("comment")});
    read_comment(workload);
  }
  return static_cast<WorkloadKind>(kind);
}

std::filesystem::path trace_file(const JsonValue& workload, const std::filesystem::path& folder) {
  const JsonValue name = workload.at("trace");
  if (name.text().empty()) name.fail("is empty; name a .jsonl or .jsonl.zst file");
  std::filesystem::path file = folder / name.text();
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    name.fail(fmt::format("{}: no such file; the name starts from the scenario's folder", file.string()));
  }
  return file;
}

void check_workload(const JsonValue& workload, const WorkloadContext& context, Problems& problems) {
  problems.of([&] {
    switch (workload_kind(workload)) {
      case WorkloadKind::generator:
        static_cast<void>(GeneratorArguments(workload, problems));
        break;
      case WorkloadKind::events:
        static_cast<void>(read_events(workload.at("events"), context, problems));
        break;
      case WorkloadKind::trace:
        static_cast<void>(trace_file(workload, context.folder));
        break;
      case WorkloadKind::mix:
        for (const Part& part : parts_of(workload)) check_workload(part.workload, context, problems);
        break;
    }
  });
}

Trace make_trace(const JsonValue& workload, const WorkloadContext& context) {
  switch (workload_kind(workload)) {
    case WorkloadKind::generator:
      return generate(workload, context);
    case WorkloadKind::events: {
      Problems problems;
      TraceBuilder builder = read_events(workload.at("events"), context, problems);
      problems.finish();
      return builder.finish();
    }
    case WorkloadKind::trace:
      return read_trace(trace_file(workload, context.folder), context.frames_in_flight, context.limits);
    case WorkloadKind::mix:
      break;
  }
  std::vector<MixPart> parts;
  std::uint64_t events = 0;
  for (const Part& part : parts_of(workload)) {
    const WorkloadContext of_part = context_of_part(context, parts.size());
    parts.push_back({make_trace(part.workload, of_part), part.lane, part.start_frame});
    events += parts.back().trace.events.size();
    at_place(workload, [&] { context.limits.check(events); });
  }
  return at_place(workload, [&] { return merge_traces(parts, context.frames_in_flight, context.limits); });
}

void apply_overrides(nlohmann::ordered_json& workload, const std::vector<std::pair<std::string, std::string>>& set) {
  std::vector<nlohmann::ordered_json*> found;
  collect_generators(workload, found);
  for (const auto& [key, text] : set) {
    bool applied = false;
    std::vector<GeneratorParameter> all;
    for (nlohmann::ordered_json* generator : found) {
      const auto infos = parameters_of(*find_generator(generator->at("generator").get<std::string>()));
      all.insert(all.end(), infos.begin(), infos.end());
      const auto info = std::ranges::find(infos, key, &GeneratorParameter::name);
      if (info == infos.end()) continue;
      (*generator)[key] = parse_override(*info, text);
      applied = true;
    }
    if (applied) continue;
    if (all.empty())
      throw Error(fmt::format("--set {}={}: the scenario has no generator, so nothing to set", key, text));
    std::vector<std::string_view> names;
    names.reserve(all.size());
    for (const GeneratorParameter& info : all) names.push_back(info.name);
    throw Error(fmt::format("--set {}={}: the scenario's generator has no parameter of that name{}", key, text,
                            known_words(key, names)));
  }
}

}  // namespace vkmembench
