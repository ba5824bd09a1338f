#pragma once

#include "scenarios/trace/trace.h"

namespace vkmembench {

// What it takes for every planted fault to show: full blocks, odd sizes, asked alignments, holes that defragmentations
// fill.
[[nodiscard]] Trace telling_story();

}  // namespace vkmembench
