#include "scenarios/workload/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "scenarios/trace/event_list.h"
#include "scenarios/trace/trace_builder.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/workload/mix.h"

namespace vkmembench {
namespace {

enum class Kind : std::uint8_t { generator, events, trace, mix };
constexpr std::array<std::string_view, 4> kWorkloadKinds = {"generator", "events", "trace", "mix"};

// Which of the four a `workload` object is. Throws Error when it is none, or several.
Kind kind_of(const JsonValue& workload) {
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
  return static_cast<Kind>(kind);
}

// What `make` gives. An Error of bad input that it throws gets the place before its message.
template <typename Make>
auto placed(const std::string& place, Make make) {
  try {
    return make();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_input) throw;
    throw Error(fmt::format("{}: {}", place, error.what()));
  }
}

Events read_events(const JsonValue& events, const WorkloadContext& context, Problems& problems) {
  const std::size_t before = problems.count();
  TraceBuilder builder(context.frames_in_flight, context.limits);
  EventList list(builder, context.limits, problems);
  const std::vector<JsonValue> items = events.items();
  if (items.empty()) events.fail("has no events; give at least one");
  for (const JsonValue& item : items) list.read(item);
  if (problems.count() != before) return {};
  return {std::make_shared<const Trace>(builder.finish()), events.place()};
}

std::filesystem::path read_trace_file(const JsonValue& name, const std::filesystem::path& folder) {
  if (name.text().empty()) name.fail("is empty; name a .jsonl or .jsonl.zst file");
  std::filesystem::path file = folder / name.text();
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    name.fail(fmt::format("{}: no such file; the name starts from the scenario's folder", file.string()));
  }
  return file;
}

// Requires a workload that is no mix. Result is a Workload or what stands in a Mix::Part.
template <typename Result>
Result read_one(Kind kind, const JsonValue& workload, const WorkloadContext& context, Problems& problems) {
  if (kind == Kind::generator) return GeneratorCall{GeneratorArguments(workload, problems), workload.place()};
  if (kind == Kind::events) return read_events(workload.at("events"), context, problems);
  return TraceFile{read_trace_file(workload.at("trace"), context.folder)};
}

// One part of a mix as it is written, mixes inside it resolved.
struct WrittenPart {
  JsonValue workload;
  Kind kind;
  std::uint32_t lane;
  std::uint64_t start_frame;
};

void collect_parts(const JsonValue& workload, std::uint32_t lane, std::uint64_t start_frame,
                   std::vector<WrittenPart>& parts) {
  constexpr std::array<std::string_view, 4> kPartKeys = {"lane", "start_frame", "workload", "comment"};
  if (const Kind kind = kind_of(workload); kind != Kind::mix) {
    if (parts.size() == kMaxMixParts) workload.fail(fmt::format("more than {} parts in a mix", kMaxMixParts));
    parts.push_back({workload, kind, lane, start_frame});
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

Mix read_mix(const JsonValue& workload, const WorkloadContext& context, Problems& problems) {
  std::vector<WrittenPart> written;
  collect_parts(workload, 0, 0, written);
  Mix mix{{}, workload.place()};
  for (const WrittenPart& part : written) {
    problems.of([&] {
      mix.parts.push_back({read_one<decltype(Mix::Part::workload)>(part.kind, part.workload, context, problems),
                           part.lane, part.start_frame});
    });
  }
  return mix;
}

WorkloadContext context_of_part(WorkloadContext context, std::size_t part) {
  context.seed += part * 0x9e3779b97f4a7c15u;  // equal generators in one mix do different things
  return context;
}

// Makes the trace of each kind of workload.
struct TraceMaker {
  const WorkloadContext& context;

  Trace operator()(const GeneratorCall& call) const {
    const Generator& generator = call.arguments.generator();
    return placed(fmt::format("{}: generator '{}'", call.place, generator.name), [&] {
      TraceBuilder builder(context.frames_in_flight, context.limits);
      generator.generate(call.arguments.values(), context.seed, builder);
      return builder.finish();
    });
  }
  Trace operator()(const Events& events) const {
    placed(events.place, [&] { context.limits.check(events.trace->events.size()); });
    return *events.trace;
  }
  Trace operator()(const TraceFile& trace) const {
    return read_trace(trace.file, context.frames_in_flight, context.limits);
  }
  Trace operator()(const Mix& mix) const {
    std::vector<MixPart> parts;
    std::uint64_t events = 0;
    for (const Mix::Part& part : mix.parts) {
      const WorkloadContext of_part = context_of_part(context, parts.size());
      parts.push_back({std::visit(TraceMaker{of_part}, part.workload), part.lane, part.start_frame});
      events += parts.back().trace.events.size();
      placed(mix.place, [&] { context.limits.check(events); });
    }
    return placed(mix.place, [&] { return merge_traces(parts, context.frames_in_flight, context.limits); });
  }
};

// Calls action(part) for the workload, or for the parts of the mix that it is.
template <typename AnyWorkload, typename Action>
void for_each_part(AnyWorkload& workload, Action action) {
  if (auto* mix = std::get_if<Mix>(&workload)) {
    for (auto& part : mix->parts) action(part.workload);
  } else {
    action(workload);
  }
}

// Its generator; of a mix those of its parts.
template <typename AnyWorkload>
auto generators_of(AnyWorkload& workload) {
  std::vector<decltype(std::get_if<GeneratorCall>(&workload))> found;
  for_each_part(workload, [&](auto& part) {
    if (auto* call = std::get_if<GeneratorCall>(&part)) found.push_back(call);
  });
  return found;
}

}  // namespace

std::filesystem::path trace_file_of(const JsonValue& workload, const std::filesystem::path& folder) {
  if (kind_of(workload) != Kind::trace) return {};
  return read_trace_file(workload.at("trace"), folder);
}

Workload read_workload(const JsonValue& workload, const WorkloadContext& context, Problems& problems) {
  const Kind kind = kind_of(workload);
  if (kind == Kind::mix) return read_mix(workload, context, problems);
  return read_one<Workload>(kind, workload, context, problems);
}

Trace make_trace(const Workload& workload, const WorkloadContext& context) {
  return std::visit(TraceMaker{context}, workload);
}

bool has_generator(const Workload& workload) { return !generators_of(workload).empty(); }

std::vector<std::filesystem::path> trace_files_of(const Workload& workload) {
  std::vector<std::filesystem::path> files;
  for_each_part(workload, [&](const auto& part) {
    if (const auto* trace = std::get_if<TraceFile>(&part)) files.push_back(trace->file);
  });
  return files;
}

void apply_overrides(Workload& workload, const std::vector<std::pair<std::string, std::string>>& set) {
  const std::vector<GeneratorCall*> found = generators_of(workload);
  for (const auto& [key, text] : set) {
    bool applied = false;
    std::vector<std::string_view> names;
    for (GeneratorCall* call : found) {
      applied = call->arguments.set(key, text) || applied;
      for (const Parameter& info : call->arguments.parameters()) names.push_back(info.name);
    }
    if (applied) continue;
    if (found.empty())
      throw Error(fmt::format("--set {}={}: the scenario has no generator, so nothing to set", key, text));
    throw Error(fmt::format("--set {}={}: the scenario's generator has no parameter of that name{}", key, text,
                            known_words(key, names)));
  }
}

}  // namespace vkmembench
