#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "scenarios/json/json_reader.h"
#include "scenarios/json/problems.h"
#include "scenarios/trace/event_reader.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {

// Reads events one after the other, those of repeats turn by turn, and goes on after a bad one, whose error is one of
// the problems. What follows from an error is not told: an id that a bad event names counts as unknown from there on.
class EventList {
 public:
  // `place` says where the text stands that is read, unless it is a JsonValue.
  EventList(TraceBuilder& builder, const TraceLimits& limits, Problems& problems,
            std::function<std::string()> place = {});
  EventList(const EventList&) = delete;
  EventList& operator=(const EventList&) = delete;

  // Appends the event or repeat.
  void read(const JsonValue& json);
  // Appends the event of a text; false for a repeat, which read_repeat() takes. Throws Error for a bad one, to be
  // noted.
  [[nodiscard]] bool read(std::string_view json) { return reader_.read(json); }
  void read_repeat(const JsonValue& json);
  // Of an error that is being handled, and comes of this text: keeps the message as a problem, unless it follows from
  // another. Rethrows what is no bad input.
  void note(const Error& error, std::string_view json, const std::string& message);

 private:
  struct Step {  // an event, or a repeat when it has steps
    JsonValue json;
    EventFields fields{};
    std::uint64_t times = 1;
    std::vector<Step> steps{};
  };
  Step parse_repeat(const JsonValue& json);
  Step parse_step(const JsonValue& json);
  bool run(const Step& repeat, bool renews);
  bool append(const Step& step, std::uint64_t turn, std::uint64_t times);

  TraceBuilder& builder_;
  TraceLimits limits_;
  Problems& problems_;
  std::function<std::string()> place_;
  std::optional<JsonValue> at_;  // what is read, where it is one
  EventReader reader_;
  std::unordered_set<std::string> bad_ids_;  // as JSON
};

}  // namespace vkmembench
