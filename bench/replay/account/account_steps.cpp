#include "bench/replay/account/account_steps.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "bench/replay/frames_in_flight.h"

namespace vkmembench {
namespace {

bool earlier(const AccountStep& a, const AccountStep& b) {
  return std::tie(a.stamp, a.kind) < std::tie(b.stamp, b.kind);
}

// The steps that the trace implies. Frees are completed when the replay completes them.
class TraceSteps {
 public:
  TraceSteps(const Trace& trace, const Recording& recording, Patience& patience)
      : trace_(trace),
        recording_(recording),
        concurrent_(!recording.stamps.empty()),
        end_(concurrent_ ? trace.events.size() : recording.events_done),
        frees_(trace.frames_in_flight) {
    steps_.reserve(trace.events.size() * 2);
    std::uint64_t snapshots = 0;
    std::uint32_t resizes = 0;
    for (std::uint32_t position = 0; position < end_ && !patience.is_over(); ++position) {
      const Event& event = trace.events[position];
      switch (effect_of(event.op)) {
        case Effect::begins_frame:
          if (!concurrent_ || event.frame() < recording.frame_stamps.size()) begin_frame(event, position);
          break;
        case Effect::creates:
          for (ObjectIndex i = 0; i < event.count(); ++i) create(event.object + i);
          break;
        case Effect::frees:
          free(event.object, position);
          break;
        case Effect::resizes:
          add(stamp_of(position), StepKind::resize, resizes++);
          break;
        case Effect::sets_budget:
          add(stamp_of(position), StepKind::budget, position);
          break;
        case Effect::looks:
          snapshot(concurrent_ ? recording.snapshot_stamps[snapshots++] : position, position);
          break;
        default:
          break;
      }
    }
    if (frame_ > 0) add(end_stamp(), StepKind::frame_end, static_cast<std::uint32_t>(frame_));
    frees_.end();
    complete_frees(end_stamp());
    for (ObjectIndex object = 0; object < trace.objects.size(); ++object) {
      if (trace.objects[object].create_event < end_ && !freed(object) && !never(created(object)))
        remove(object, end_stamp());
    }
    if (concurrent_) std::ranges::stable_sort(steps_, earlier);
  }
  [[nodiscard]] std::vector<AccountStep> take() { return std::move(steps_); }

 private:
  // The last frame's end comes before the frees that the end completes.
  [[nodiscard]] std::uint64_t end_stamp() const { return concurrent_ ? recording_.end_stamp : trace_.events.size(); }
  void add(std::uint64_t stamp, StepKind kind, std::uint32_t index) { steps_.push_back({stamp, index, kind}); }
  // Concurrent lanes stamp neither budgets nor resizes: they count from the begin of their frame.
  [[nodiscard]] std::uint64_t stamp_of(std::uint32_t position) const {
    if (!concurrent_) return position;
    return frame_ == 0 ? 0 : recording_.frame_stamps[frame_ - 1];
  }
  [[nodiscard]] bool freed(ObjectIndex object) const { return object < freed_.size() && freed_[object]; }

  void begin_frame(const Event& event, std::uint32_t position) {
    const std::uint64_t stamp = concurrent_ ? recording_.frame_stamps[event.frame()] : position;
    if (frame_ > 0) add(stamp, StepKind::frame_end, static_cast<std::uint32_t>(frame_));
    if (event.frame() == trace_.measure_from_frame && event.frame() != 0) add(stamp, StepKind::measure, position);
    ++frame_;
    frees_.begin_frame();
    complete_frees(stamp);
  }
  void complete_frees(std::uint64_t stamp) {
    for (const ObjectIndex object : frees_.due()) remove(object, stamp);
    frees_.take(frees_.due().size());
  }
  // A concurrent replay that ends early leaves what it did not reach without a stamp.
  [[nodiscard]] bool never(std::uint64_t stamp) const { return concurrent_ && stamp == 0; }
  [[nodiscard]] std::uint64_t created(ObjectIndex object) const {
    return concurrent_ ? recording_.stamps[object].created : trace_.objects[object].create_event;
  }
  void create(ObjectIndex object) {
    if (!never(created(object))) add(created(object), StepKind::creation, object);
  }
  void free(ObjectIndex object, std::uint32_t position) {
    const std::uint64_t stamp = concurrent_ ? recording_.stamps[object].freed : position;
    if (never(stamp)) return;
    if (freed_.empty()) freed_.resize(trace_.objects.size());
    freed_[object] = true;
    if (!frees_.defers()) return remove(object, stamp);
    add(stamp, StepKind::pending, object);
    frees_.defer(object);
  }
  void snapshot(std::uint64_t stamp, std::uint32_t position) {
    if (!never(stamp)) add(stamp, StepKind::snapshot, position);
  }
  void remove(ObjectIndex object, std::uint64_t stamp) {
    if (concurrent_ && recording_.stamps[object].destroyed != 0) stamp = recording_.stamps[object].destroyed;
    add(stamp, StepKind::removal, object);
  }

  const Trace& trace_;
  const Recording& recording_;
  bool concurrent_;
  std::uint64_t end_;  // events from there on were not reached; of lanes at once, stamps tell
  std::vector<AccountStep> steps_;
  FramesInFlight<ObjectIndex> frees_;
  std::uint64_t frame_ = 0;  // frames begun
  std::vector<bool> freed_;
};

}  // namespace

std::vector<AccountStep> account_steps(const Trace& trace, const Recording& recording, Patience& patience) {
  const bool concurrent = !recording.stamps.empty();
  // What an event did before it was cut short belongs to no state of the trace.
  const std::uint64_t end =
      concurrent || recording.end == ReplayEnd::done ? trace.events.size() + 1 : recording.events_done;
  std::vector<AccountStep> memory;
  for (std::uint32_t i = 0; i < recording.memory.size(); ++i) {
    const MemoryEvent& event = recording.memory[i];
    if (event.position >= end) continue;
    memory.push_back({concurrent ? event.stamp : event.position, i, StepKind::memory});
  }
  std::vector<AccountStep> changes;
  for (std::uint32_t i = 0; i < recording.changes.size(); ++i) {
    const PlacementChange& change = recording.changes[i];
    if (change.position >= end) continue;
    changes.push_back({concurrent ? change.stamp : change.position, i, StepKind::change});
  }
  const auto merge = [](const std::vector<AccountStep>& a, const std::vector<AccountStep>& b) {
    std::vector<AccountStep> merged(a.size() + b.size());
    std::ranges::merge(a, b, merged.begin(), earlier);
    return merged;
  };
  std::vector<AccountStep> steps = merge(TraceSteps(trace, recording, patience).take(), memory);
  return changes.empty() ? steps : merge(steps, changes);
}

}  // namespace vkmembench
