#include "bench/stress/shrink.h"

#include <algorithm>
#include <bit>
#include <unordered_set>
#include <utility>

#include "bench/stress/simpler.h"
#include "scenarios/trace/trace_copy.h"

namespace vkmembench {
namespace {

class Shrinker {
 public:
  Shrinker(const Trace& failing, const FailsStill& fails, const IsOver& is_over)
      : fails_(fails), is_over_(is_over), current_(failing) {}

  Shrunk run() {
    // Before anything else: whether it is the trace alone, without its ids, that fails.
    if (!attempt(current_)) return {std::move(current_), false};
    std::uint64_t before = 0;
    while (before != current_.hash && !is_over_()) {
      before = current_.hash;
      drop_objects();
      drop_events();
      simplify();
    }
    return {std::move(current_), !is_over_()};
  }

 private:
  // Whether the edited trace fails; then it is the one to go on with.
  bool attempt(const Trace& edited) {
    if (is_over_()) return false;
    Trace candidate = repaired(edited);
    if (candidate.events.empty() || !tried_.insert(candidate.hash).second || !fails_(candidate)) return false;
    current_ = std::move(candidate);
    return true;
  }
  template <typename Edit>
  bool attempt_with(const Edit& edit) {
    Trace edited = current_;
    edit(edited);
    return attempt(edited);
  }

  // Runs of `count` things, from the last to the first, the longer runs before the shorter ones. `drop(trace, begin,
  // end)` leaves out such a run; what comes before it stays where it is.
  template <typename Count, typename Drop>
  void drop_runs(const Count& count, const Drop& drop) {
    for (std::size_t length = std::bit_floor(std::max<std::size_t>(count(), 1)); length > 0; length /= 2) {
      for (std::size_t end = count(); end > 0 && !is_over_();) {
        const std::size_t begin = end - std::min(length, end);
        attempt_with([&](Trace& trace) { drop(trace, begin, end); });
        end = std::min(begin, count());
      }
    }
  }
  void drop_objects() {
    const auto creations = [this] {
      return static_cast<std::size_t>(
          std::ranges::count_if(current_.events, [](const Event& event) { return is_creation(event.op); }));
    };
    drop_runs(creations, [](Trace& trace, std::size_t begin, std::size_t end) {
      std::size_t number = 0;
      std::erase_if(trace.events, [&](const Event& event) {
        if (!is_creation(event.op)) return false;
        const std::size_t at = number++;
        return at >= begin && at < end;
      });
    });
  }
  void drop_events() {
    drop_runs([this] { return current_.events.size(); },
              [](Trace& trace, std::size_t begin, std::size_t end) {
                const auto first = trace.events.begin();
                trace.events.erase(first + static_cast<std::ptrdiff_t>(begin),
                                   first + static_cast<std::ptrdiff_t>(end));
              });
  }

  // Every edit as often as it helps.
  void simplify() {
    for (const TraceEdit edit : kTraceEdits) attempt_with(edit);
    for (const ShapeEdit edit : kShapeEdits) {
      for (std::size_t i = 0; i < current_.shapes.size(); ++i) {
        while (i < current_.shapes.size() && attempt_with([&](Trace& trace) { edit(trace.shapes[i]); })) {
        }
      }
    }
    for (const EventEdit edit : kEventEdits) {
      for (std::size_t i = 0; i < current_.events.size(); ++i) {
        while (i < current_.events.size() && attempt_with([&](Trace& trace) { edit(trace, trace.events[i]); })) {
        }
      }
    }
  }

  const FailsStill& fails_;
  const IsOver& is_over_;
  Trace current_;
  std::unordered_set<std::uint64_t> tried_;  // hashes
};

}  // namespace

Shrunk shrink(const Trace& failing, const FailsStill& fails, const IsOver& is_over) {
  return Shrinker(failing, fails, is_over).run();
}

}  // namespace vkmembench
