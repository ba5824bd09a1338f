#include "scenarios/importers/formats/umpire_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "allocator/base/error.h"
#include "scenarios/importers/formats/columns.h"

namespace vkmembench {
namespace {

using Event = UmpireLine::Event;

struct EventName {
  std::string_view name;
  Event event;
};
constexpr auto kEvents = std::to_array<EventName>({
    {"makeMemoryResource", Event::make_resource},
    {"make_memory_resource", Event::make_resource},
    {"makeAllocator", Event::make_allocator},
    {"make_allocator", Event::make_allocator},
    {"allocate", Event::allocate},
    {"named_allocate", Event::allocate},
    {"allocate_resource", Event::allocate},
    {"deallocate", Event::deallocate},
    {"deallocate_resource", Event::deallocate},
});
Event event_of(std::string_view name) {
  const auto row = std::ranges::find(kEvents, name, &EventName::name);
  return row == kEvents.end() ? Event::other : row->event;
}

// "REPLAY,allocate,SIZE,ALLOCATOR,POINTER", "REPLAY,deallocate,POINTER,ALLOCATOR",
// "REPLAY,makeMemoryResource,NAME,ALLOCATOR" and "REPLAY,makeAllocator,TYPE,TRACKED,NAME,ABOVE...,ALLOCATOR".
UmpireLine read_columns(std::string_view text) {
  UmpireLine line;
  Columns columns(text);
  columns.skip(1);
  line.event = event_of(columns.text("event"));
  switch (line.event) {
    case Event::allocate:
      line.size = columns.number("size");
      line.allocator = columns.text("allocator");
      line.pointer = columns.text("pointer");
      break;
    case Event::deallocate:
      line.pointer = columns.text("pointer");
      break;
    case Event::make_resource:
      line.name = columns.text("name");
      if (!columns.done()) line.allocator = columns.text("allocator");
      break;
    case Event::make_allocator:
      columns.skip(2);
      line.name = columns.text("name");
      while (!columns.done()) line.above.emplace_back(columns.text("argument"));
      if (!line.above.empty()) line.allocator = line.above.back();
      break;
    case Event::header:
    case Event::other:
      break;
  }
  return line;
}

// The formats in JSON:
//   until 2022, {"event", "payload": {...}, "result"} of which a result alone is a new resource's address;
//   from then on, {"name": the event, "numeric_args", "string_args", "tags"};
//   v2, {"op", "seq", "allocator_id", "allocation_id", "name": of what is made, "args", "status"}.
class LineSax {
 public:
  explicit LineSax(UmpireLine& line) : line_(line) {}
  bool begin(const JsonPath& /*path*/) { return true; }
  bool end(const JsonPath& /*path*/) { return true; }
  bool value(const JsonPath& path, const JsonScalar& scalar) {
    const std::string_view key = path.last();
    if (path.depth() == 1)
      of_line(key, scalar);
    else if (path.depth() == 2)
      of_part(path.key(0), key, scalar);
    else if (path.depth() == 3 && path.is_in(0, "payload") && path.is_in(1, "args"))
      line_.above.emplace_back(scalar.text);
    return true;
  }

  void finish() {
    if (is_header_) {
      line_.event = Event::header;
      return;
    }
    const bool is_v2 = !op_.empty();
    const std::string& event = is_v2 ? op_ : event_.empty() ? name_ : event_;
    if (event.empty()) throw Error("has no event; it is no line of Umpire's log");
    line_.event = event_of(event);
    if (!is_v2) return;
    line_.name = name_;
    if (status_ != "committed" && status_ != "pending")
      throw Error(fmt::format("status '{}' is neither 'pending' nor 'committed'", status_));
    line_.state = status_ == "pending" ? UmpireLine::State::begun : UmpireLine::State::done;
  }

 private:
  void of_line(std::string_view key, const JsonScalar& scalar) {
    if (key == "kind") is_header_ = scalar.text == "umpire_replay";
    if (key == "schema") line_.schema = scalar.text;
    if (key == "op") op_ = scalar.text;
    if (key == "event") event_ = scalar.text;
    if (key == "name") name_ = scalar.text;
    if (key == "status") status_ = scalar.text;
    if (key == "size" && scalar.kind == JsonScalar::Kind::number) line_.size = scalar.number;
    if (key == "allocator_id" || key == "result") line_.allocator = scalar.text;
    if (key == "allocation_id") line_.pointer = scalar.text;
  }
  void of_part(std::string_view part, std::string_view key, const JsonScalar& scalar) {
    const bool is_told = part == "payload" || part == "args" || part == "numeric_args" || part == "string_args";
    if (is_told && key == "size" && scalar.kind == JsonScalar::Kind::number) line_.size = scalar.number;
    if (is_told || part == "result") {
      if (key == "memory_ptr" || key == "pointer") line_.pointer = scalar.text;
      if (key == "allocator_ref") line_.allocator = scalar.text;
    }
    if (key == "allocator_name" || (part == "payload" && key == "name")) line_.name = scalar.text;
    const bool is_above = key == "parent_allocator" || key == "resource_name" || key.starts_with("arg");
    if (is_told && is_above && !scalar.text.empty()) line_.above.emplace_back(scalar.text);
  }

  UmpireLine& line_;
  bool is_header_ = false;
  std::string op_, event_, name_, status_;
};

}  // namespace

UmpireLine UmpireLineReader::read(std::string_view text) {
  if (text.starts_with("REPLAY,")) return read_columns(text);
  UmpireLine line;
  LineSax sax(line);
  parser_.parse(text, sax);
  sax.finish();
  return line;
}

}  // namespace vkmembench
