#include "bench/replay/measured/turns.h"

#include <algorithm>

namespace vkmembench {
namespace {

// Who uses an object between its creation and its free.
struct Users {
  bool any = false;
  bool several = false;
  bool change = false;  // not all of them only touch it
  std::uint16_t lane = 0;

  void add(const Event& event) {
    several = several || (any && event.lane != lane);
    change = change || effect_of(event.op) != Effect::touches;
    any = true;
    lane = event.lane;
  }
};

// By object: whether its events take place one at a time.
std::vector<bool> in_order(const Trace& trace) {
  std::vector<Users> users(trace.objects.size());
  for (const Event& event : trace.events) {
    if (event.object == kNoObject || is_creation(event.op) || is_free(event.op)) continue;
    users[event.object].add(event);
    if (event.target() != kNoObject) users[event.target()].add(event);
  }
  std::vector<bool> ordered(users.size());
  for (ObjectIndex object = 0; object < users.size(); ++object)
    ordered[object] = users[object].several && (users[object].change || trace.shape_of(object).evictable);
  return ordered;
}

}  // namespace

std::vector<Turn> turns_of(const Trace& trace) {
  const std::vector<bool> ordered = in_order(trace);
  std::vector<std::uint32_t> before(trace.objects.size());  // events on each object so far
  const auto turn = [&](ObjectIndex object, Op op) {
    return ordered[object] || is_free(op) ? before[object] : std::min(before[object], 1u);
  };
  std::vector<Turn> turns(trace.events.size());
  for (std::size_t position = 0; position < turns.size(); ++position) {
    const Event& event = trace.events[position];
    if (event.object == kNoObject) continue;
    turns[position].object = turn(event.object, event.op);
    if (event.target() != kNoObject) turns[position].target = turn(event.target(), event.op);
    for (ObjectIndex i = 0; i < event.count(); ++i) ++before[event.object + i];
    if (event.target() != kNoObject) ++before[event.target()];
  }
  return turns;
}

}  // namespace vkmembench
