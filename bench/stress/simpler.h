#pragma once

#include <span>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// Edits that make a trace simpler, or leave it as it is. What they make invalid is left to repaired().

using TraceEdit = void (*)(Trace& trace);
using ShapeEdit = void (*)(Shape& shape);
using EventEdit = void (*)(Trace& trace, Event& event);  // one of the trace's

extern const std::span<const TraceEdit> kTraceEdits;
extern const std::span<const ShapeEdit> kShapeEdits;
extern const std::span<const EventEdit> kEventEdits;

}  // namespace vkmembench
