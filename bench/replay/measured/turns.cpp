#include "bench/replay/measured/turns.h"

#include <algorithm>

namespace vkmembench {
namespace {

bool is_creation(Op op) { return op == Op::buffer || op == Op::image || op == Op::batch || op == Op::host_alloc; }
bool is_free(Op op) { return op == Op::free || op == Op::host_free; }

// Who uses an object between its creation and its free.
struct Users {
  bool any = false;
  bool several = false;
  bool change = false;  // not all of them only touch it
  std::uint16_t lane = 0;

  void add(const Event& event) {
    several = several || (any && event.lane != lane);
    change = change || event.op != Op::touch;
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
    if (event.op == Op::copy) users[event.b].add(event);
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
  const auto turn = [&](std::uint64_t object, Op op) {
    return ordered[object] || is_free(op) ? before[object] : std::min(before[object], 1u);
  };
  std::vector<Turn> turns(trace.events.size());
  for (std::size_t position = 0; position < turns.size(); ++position) {
    const Event& event = trace.events[position];
    if (event.object == kNoObject) continue;
    turns[position].object = turn(event.object, event.op);
    if (event.op == Op::copy) turns[position].target = turn(event.b, event.op);
    const std::uint64_t count = event.op == Op::batch ? event.a : 1;
    for (std::uint64_t i = 0; i < count; ++i) ++before[event.object + i];
    if (event.op == Op::copy) ++before[event.b];
  }
  return turns;
}

}  // namespace vkmembench
