#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "scenarios/trace/trace.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {

// What the first line of a trace file may state; `vkmembench schema trace` says how:
// {"schema":"vkmembench.trace/1","frames_in_flight":2,"measure_from_frame":0,"events":1000,"recorder":"X 1.0"}.
struct TraceHeader {
  std::optional<std::uint32_t> frames_in_flight;
  std::uint64_t measure_from_frame = 0;
  std::optional<std::uint64_t> events;  // a file with fewer or more is refused: it was cut or edited
  std::string recorder{};
  std::optional<RecordedDevice> device{};
};

// A file that is read as a trace by its name: `.jsonl` or `.jsonl.zst`.
[[nodiscard]] bool is_trace_file(const std::filesystem::path& file);

// The header, empty when the file has none. Throws Error.
[[nodiscard]] TraceHeader read_trace_header(const std::filesystem::path& file);

// The trace of a file of one event a line; blank lines are skipped. Throws Error naming file and line.
[[nodiscard]] Trace read_trace(const std::filesystem::path& file, std::uint32_t frames_in_flight,
                               const TraceLimits& limits = {});

}  // namespace vkmembench
