#include "scenarios/trace/trace_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "allocator/base/error.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/line_reader.h"
#include "scenarios/json/schema_id.h"
#include "scenarios/trace/event_list.h"
#include "scenarios/trace/recorded_json.h"
#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/trace_builder.h"
#include "scenarios/trace/trace_hash.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 6> kHeaderKeys = {"schema", "frames_in_flight", "measure_from_frame",
                                                         "events", "recorder",         "device"};

// nullopt when the line is an event. Only the first line may be a header.
std::optional<TraceHeader> parse_header(std::string_view line, const std::filesystem::path& file) {
  refuse_other_kind(line, file.string(), schema_name(kTraceSchema));
  if (line.find("\"schema\"") == std::string_view::npos) return std::nullopt;
  const JsonDocument document = JsonDocument::parse(line, file.string());
  const JsonValue root = document.root();
  if (!root.is_object() || !root.find("schema")) return std::nullopt;
  check_schema(root, kTraceSchema);
  root.only_keys(kHeaderKeys);
  constexpr std::uint64_t kAny = ~std::uint64_t{0};
  TraceHeader header;
  if (const auto value = root.find("frames_in_flight")) {
    header.frames_in_flight = static_cast<std::uint32_t>(value->integer(0, kMaxFramesInFlight));
  }
  if (const auto value = root.find("measure_from_frame")) header.measure_from_frame = value->integer(0, kAny);
  if (const auto value = root.find("events")) header.events = value->integer(1, kAny);
  if (const auto value = root.find("recorder")) header.recorder = value->text();
  if (const auto value = root.find("device")) header.device = read_recorded_device(*value);
  return header;
}

// Whether its recorder could not know how long it would be: then it ends where its program was killed.
bool is_unfinished(const TraceHeader& header) { return !header.recorder.empty() && !header.events; }

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// Memory for as many events as a text of that many bytes holds at least; what is not used is never touched.
void reserve(TraceBuilder& builder, std::uint64_t text_bytes) {
  constexpr std::uint64_t kShortLine = 48;
  constexpr std::uint64_t kMost = 1u << 26;
  const auto events = static_cast<std::size_t>(std::min(text_bytes / kShortLine, kMost));
  builder.reserve(events, events / 2);
}

void read_repeat(std::string_view line, const std::filesystem::path& file, std::uint64_t number, EventList& events,
                 Problems& problems) {
  problems.of([&] {
    const JsonDocument document = JsonDocument::parse(line, file.string(), static_cast<std::uint32_t>(number));
    events.read_repeat(document.root());
  });
}

}  // namespace

bool is_trace_file(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return name.ends_with(".jsonl") || name.ends_with(".jsonl.zst");
}

TraceHeader read_trace_header(const std::filesystem::path& file) {
  LineReader lines(file);
  std::string_view line;
  if (!lines.next(line)) return {};
  return parse_header(line, file).value_or(TraceHeader{});
}

Trace read_trace(const std::filesystem::path& file, std::uint32_t frames_in_flight, const TraceLimits& limits) {
  LineReader lines(file);
  TraceBuilder builder(frames_in_flight, limits);
  reserve(builder, lines.text_bytes());
  const auto place = [&] { return fmt::format("{}:{}", file.string(), lines.line_number()); };
  Problems problems;
  WrittenPlacements placements;
  EventList events(builder, limits, problems, place);
  TraceHeader header;
  std::string_view line;
  while (lines.next(line)) {
    if (is_blank(line)) continue;
    if (lines.line_number() == 1) {
      if (const std::optional<TraceHeader> stated = parse_header(line, file)) {
        header = *stated;
        if (is_unfinished(header)) lines.end_with_whole_frame();
        continue;
      }
    }
    if (WrittenPlacements::is_line(line)) {
      problems.of([&] { placements.read(line, file.string(), static_cast<std::uint32_t>(lines.line_number())); });
      continue;
    }
    bool is_event = true;
    try {
      is_event = events.read(line);
    } catch (const Error& error) {
      const auto* malformed = dynamic_cast<const MalformedEvent*>(&error);
      const std::string column = malformed == nullptr ? "" : fmt::format(":{}", malformed->column());
      events.note(error, line,
                  fmt::format("{}{}: {}{}", place(), column, error.what(),
                              lines.ended_by_newline() ? "" : "; the file ends in this line: it may be cut"));
    }
    if (!is_event) read_repeat(line, file, lines.line_number(), events, problems);
  }
  problems.finish();
  const std::size_t count = builder.trace().events.size();
  if (count == 0) throw Error(fmt::format("{}: has no events; give at least one", file.string()));
  if (header.events && *header.events != count) {
    throw Error(fmt::format("{}: has {} events where its first line states {}; the file was cut or edited",
                            file.string(), count, *header.events));
  }
  Trace trace = builder.finish();
  trace.recorded.recorder = header.recorder;
  trace.recorded.device = header.device;
  placements.resolve(trace, file.string());
  if (is_unfinished(header) && !placements.has_end()) {
    LeftOut& end = trace.recorded.left_out.emplace_back();
    end.what = "the end, where it was cut";
    end.count = 1;
  }
  if (header.measure_from_frame != 0) {
    trace.measure_from_frame = header.measure_from_frame;
    if (trace.measure_from_frame >= trace.frame_count) {
      throw Error(fmt::format("{}:1: measure_from_frame {} is beyond the {} frames of the trace", file.string(),
                              trace.measure_from_frame, trace.frame_count));
    }
    trace.hash = hash_trace(trace);
  }
  return trace;
}

}  // namespace vkmembench
