#pragma once

#include <functional>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// Whether a trace goes wrong in the way that is looked for.
using FailsStill = std::function<bool(const Trace&)>;
// Whether there is no time for more.
using IsOver = std::function<bool()>;

struct Shrunk {
  Trace trace;
  bool whole = false;  // no single step makes it smaller; else time was up
};

// The smallest trace that still fails which leaving out and simplifying lead to: fewer objects and events (after
// Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), fewer lanes, plain shapes and
// options, small sizes. Requires a trace that fails.
[[nodiscard]] Shrunk shrink(const Trace& failing, const FailsStill& fails, const IsOver& is_over);

}  // namespace vkmembench
