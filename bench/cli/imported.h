#pragma once

#include <span>
#include <string>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// Tells of a trace that was made of a recording: what it holds, and what it leaves out.
void log_trace(const Trace& trace, std::span<const LeftOut> left_out, const std::string& file);

}  // namespace vkmembench
