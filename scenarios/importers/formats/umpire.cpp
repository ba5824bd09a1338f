// Replay logs of Umpire (github.com/LLNL/Umpire), of which each version has its own: "REPLAY,allocate,..." before 0.3,
// a JSON object a line with kind, event, payload and result since then, and the operations of its events since 2022.
// What a log tells before a call, without a result, is passed over. There are no frames; all is frame 0.

#include <fmt/format.h>

#include <unordered_set>

#include "allocator/base/error.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/formats/columns.h"
#include "scenarios/importers/formats/json_events.h"

namespace vkmembench {
namespace {

// A line of the log.
struct UmpireLine {
  std::string event;    // "allocate", "deallocate" or another
  std::string pointer;  // empty: not told
  std::optional<std::uint64_t> size;
};

class UmpireLineSax {
 public:
  explicit UmpireLineSax(UmpireLine& line) : line_(line) {}
  bool begin(const JsonPath& /*path*/) { return true; }
  bool end(const JsonPath& /*path*/) { return true; }
  bool value(const JsonPath& path, const JsonScalar& scalar) {
    const std::string_view key = path.last();
    if (path.depth() == 1 && key == "kind" && scalar.text == "umpire_replay")
      throw Error("a log of the replay format v2, which is not read; write one with an Umpire before 2026");
    if (path.depth() == 1 && (key == "event" || key == "name")) line_.event = scalar.text;
    if (path.depth() != 2) return true;
    const std::string_view in = path.key(0);
    const bool is_payload = in == "payload" || in == "args" || in == "numeric_args" || in == "string_args";
    if (is_payload && key == "size" && scalar.kind == JsonScalar::Kind::number) line_.size = scalar.number;
    if ((is_payload || in == "result") && (key == "memory_ptr" || key == "pointer")) line_.pointer = scalar.text;
    return true;
  }

 private:
  UmpireLine& line_;
};

bool starts_a_comment(std::string_view line) { return line.starts_with('#'); }

// "REPLAY,allocate,SIZE,ALLOCATOR,POINTER" and "REPLAY,deallocate,POINTER,ALLOCATOR".
UmpireLine parse_old_line(std::string_view text) {
  UmpireLine line;
  Columns columns(text);
  columns.skip(1);
  line.event = columns.text("event");
  if (line.event == "allocate") {
    line.size = columns.number("size");
    columns.skip(1);
    line.pointer = columns.text("pointer");
  } else if (line.event == "deallocate") {
    line.pointer = columns.text("pointer");
  }
  return line;
}

UmpireLine parse_umpire_line(std::string_view text, JsonLineParser& parser) {
  if (text.starts_with("REPLAY,")) return parse_old_line(text);
  UmpireLine line;
  UmpireLineSax sax(line);
  parser.parse(text, sax);
  return line;
}

class UmpireReader {
 public:
  explicit UmpireReader(Import& import) : import_(import) { import_.frame(); }

  void read() {
    std::string_view text;
    while (import_.next_line(text)) {
      if (starts_a_comment(text)) continue;
      const UmpireLine line = parse_umpire_line(text, parser_);
      const bool allocates = line.event.ends_with("allocate") && line.event != "deallocate";
      if (allocates)
        allocate(line);
      else if (line.event == "deallocate")
        free(line);
      else if (line.event.empty())
        throw Error("has no event; it is no line of Umpire's log");
    }
  }

 private:
  void allocate(const UmpireLine& line) {
    if (!line.size) throw Error("allocates without a size");
    if (line.pointer.empty()) return;  // told before the call
    const std::uint64_t pointer = pointer_of(line.pointer, "pointer");
    if (*line.size == 0) {
      import_.leave_out("allocations of 0 bytes");
      ++empty_[pointer];
      return;
    }
    import_.buffer(pointer, *line.size, import_.plain_shape());
  }

  // Of a pointer that several allocations of nothing gave too, the last free is that of the one which lives.
  void free(const UmpireLine& line) {
    if (line.pointer.empty()) return;
    const std::uint64_t pointer = pointer_of(line.pointer, "pointer");
    const auto empty = empty_.find(pointer);
    if (empty == empty_.end()) return import_.free(pointer);
    if (--empty->second == 0) empty_.erase(empty);
  }

  Import& import_;
  JsonLineParser parser_;
  std::unordered_map<std::uint64_t, std::uint32_t> empty_;
};

}  // namespace

bool is_umpire(std::string_view head) {
  return has(head, "\"umpire_replay\"") || head.starts_with("REPLAY,") ||
         (has_all(head, "\"replay\"", "\"event\"", "\"payload\"") && !has(head, "\"segments\"")) ||
         has_all(first_line(head), "\"category\"", "\"numeric_args\"", "\"string_args\"");
}

void import_umpire(Import& import) { UmpireReader(import).read(); }

}  // namespace vkmembench
