#include "scenarios/trace/event_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

// The ids that an event names, as JSON; none of what is no JSON.
// (From a string: of a lexer of plain characters the linker would keep this file's instance, not the event reader's,
// which is compiled for speed.)
std::vector<std::string> ids_in(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  std::vector<std::string> ids;
  if (!json.is_object()) return ids;
  for (const char* key : {"id", "from", "to"}) {
    if (json.contains(key)) ids.push_back(json[key].dump());
  }
  if (const auto list = json.find("ids"); list != json.end()) {
    for (const nlohmann::json& id : *list) ids.push_back(id.dump());
  }
  return ids;
}

// Events of a repeat in all its turns, at least; `most` + 1 when it has more.
template <typename Step>
std::uint64_t count_events(const Step& step, std::uint64_t most) {
  if (step.steps.empty()) return 1;
  std::uint64_t events = 0;
  for (const Step& inner : step.steps) events = std::min(events + count_events(inner, most), most + 1);
  return events > most / step.times ? most + 1 : events * step.times;
}

void require_op(const JsonValue& json) {
  const JsonValue op = json.at("op");
  if (op.text() == kRepeat) return;
  for (const auto& [key, value] : json.members()) {
    if (is_key_of_repeat(key)) value.fail(fmt::format("'{}' belongs to '{}'; leave it out", key, kRepeat));
  }
  op.fail(fmt::format("'{}' is not '{}'", op.text(), kRepeat));
}

}  // namespace

EventList::EventList(TraceBuilder& builder, const TraceLimits& limits, Problems& problems,
                     std::function<std::string()> place)
    : builder_(builder), limits_(limits), problems_(problems), place_(std::move(place)), reader_(builder, [this] {
        return at_ ? at_->place() : place_();
      }) {}

void EventList::read(const JsonValue& json) {
  at_ = json;
  const std::string text = json.json().dump();
  try {
    if (reader_.read(text)) return;
  } catch (const Error& error) {
    return note(error, text, fmt::format("{}: {}", json.place(), error.what()));
  }
  read_repeat(json);
}

void EventList::read_repeat(const JsonValue& json) {
  const std::size_t before = problems_.count();
  problems_.of([&] {
    const Step repeat = parse_repeat(json);
    const std::uint64_t room = limits_.events - std::min<std::uint64_t>(limits_.events, builder_.trace().events.size());
    if (count_events(repeat, limits_.events) > room)
      json.fail(fmt::format("makes the trace longer than {} events; repeat less often", limits_.events));
    if (problems_.count() == before) run(repeat, false);
  });
  reader_.renew_ids(false);
  at_.reset();
}

EventList::Step EventList::parse_repeat(const JsonValue& json) {
  constexpr std::array<std::string_view, 4> kKeys = {"op", "times", "events", "comment"};
  require_op(json);
  json.only_keys(kKeys);
  read_comment(json);
  Step repeat{.json = json};
  repeat.times = json.at("times").integer(1, kMaxTraceEvents);
  const JsonValue events = json.at("events");
  for (const JsonValue& item : events.items()) repeat.steps.push_back(parse_step(item));
  if (repeat.steps.empty()) events.fail("has no events; give at least one");
  return repeat;
}

EventList::Step EventList::parse_step(const JsonValue& json) {
  Step step{.json = json};
  const std::string text = json.json().dump();
  bool is_event = true;
  try {
    is_event = reader_.parse(text, step.fields);
  } catch (const Error& error) {
    note(error, text, fmt::format("{}: {}", json.place(), error.what()));
  }
  if (!is_event) problems_.of([&] { step = parse_repeat(json); });
  return step;
}

// Runs the turns; false after one with a problem, which the others would have too.
bool EventList::run(const Step& repeat, bool renews) {
  for (std::uint64_t turn = 1; turn <= repeat.times; ++turn) {
    const bool renews_in_turn = renews || turn > 1;
    bool good = true;
    for (const Step& step : repeat.steps) {
      reader_.renew_ids(renews_in_turn);
      if (!(step.steps.empty() ? append(step, turn, repeat.times) : run(step, renews_in_turn))) good = false;
    }
    if (!good) return false;
  }
  return true;
}

bool EventList::append(const Step& step, std::uint64_t turn, std::uint64_t times) {
  at_ = step.json;
  try {
    reader_.append(step.fields);
    return true;
  } catch (const Error& error) {
    const std::string where = turn == 1 ? "" : fmt::format(" in turn {} of {}", turn, times);
    note(error, step.json.json().dump(), fmt::format("{}: {}{}", step.json.place(), error.what(), where));
    return false;
  }
}

void EventList::note(const Error& error, std::string_view json, const std::string& message) {
  if (error.kind() != ErrorKind::bad_input) throw;
  const std::vector<std::string> ids = ids_in(std::string(json));
  const bool follows = std::ranges::any_of(ids, [&](const std::string& id) { return bad_ids_.contains(id); });
  bad_ids_.insert(ids.begin(), ids.end());
  if (follows && reader_.was_parsed()) return;
  problems_.add(message);
  if (builder_.trace().events.size() >= limits_.events) problems_.finish();  // nothing fits any more
}

}  // namespace vkmembench
