#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json/json_reader.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// How trace files spell what is recorded: recorder and device in their first line, placements in lines of their own,
// some thousand each, {"placements":[[event,block,offset],...],"blocks":[[size,type],...],"freed":[[block,event],...]}.
// Events are numbered from 0 in the order of the file; of an event that names several objects, a fourth number says
// which. Blocks are numbered in the order in which they are listed; one that was not there from the begin has as third
// number the event before which it was allocated. `freed` says before which event blocks were given back, and as third
// number, where others were allocated before that event, how many had been by then. An object `left_out` says how often
// what came that the trace does not say.

[[nodiscard]] RecordedDevice read_recorded_device(const JsonValue& json);
// The fields of the first line, each after a comma; empty where nothing is recorded.
[[nodiscard]] std::string recorded_fields(const Recorded& recorded);

// The field of a placement line.
[[nodiscard]] std::string left_out_field(std::span<const LeftOut> left_out);

// Appends a line of the placements from the nth on, all else with the first, and returns how many placements are
// written then. Requires n below their number, or 0.
[[nodiscard]] std::size_t add_placement_line(const Trace& trace, std::size_t n, fmt::memory_buffer& out);

// The placements of a file, whose events may come after them.
class WrittenPlacements {
 public:
  [[nodiscard]] static bool is_line(std::string_view line) {
    return line.starts_with(R"({"placements")") || line.starts_with(R"({ "placements")");
  }
  // Throws Error.
  void read(std::string_view line, const std::string& file, std::uint32_t line_number);
  // Whether a line said what is left out, with which recordings end.
  [[nodiscard]] bool has_end() const { return has_end_; }
  // Adds them to the trace of the file. Throws Error where there is no such event, object or block.
  void resolve(Trace& trace, const std::string& file);

 private:
  struct Row {
    std::uint32_t event = 0;
    std::uint32_t block = 0;
    Offset offset = 0;
    std::uint32_t nth = 0;  // of the event's objects
  };
  std::vector<Row> rows_;
  std::vector<RecordedBlock> blocks_;
  std::vector<LeftOut> left_out_;
  bool has_end_ = false;
};

}  // namespace vkmembench
