#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/importers/formats/json_events.h"

namespace vkmembench {

// What a line of a replay log of Umpire tells, in whichever of its four formats.
struct UmpireLine {
  enum class Event : std::uint8_t { other, header, make_resource, make_allocator, allocate, deallocate };
  enum class State : std::uint8_t { untold, begun, done };  // v2 also tells of calls before they return

  Event event = Event::other;
  State state = State::untold;
  std::string schema;              // of a header
  std::string name;                // of the resource or allocator that is made
  std::string allocator;           // how other lines name it
  std::vector<std::string> above;  // words of which one may name what an allocator takes its memory from
  std::string pointer;             // what a free names; empty: not told
  std::optional<std::uint64_t> size;
};

// Reads lines. Throws Error for what is none of a log.
class UmpireLineReader {
 public:
  [[nodiscard]] UmpireLine read(std::string_view text);

 private:
  JsonLineParser parser_;
};

}  // namespace vkmembench
