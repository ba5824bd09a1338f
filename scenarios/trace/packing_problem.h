#pragma once

#include <cstdint>
#include <filesystem>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// What a trace asks of memory as a packing problem, in minimalloc's format: a line for each stretch of time in which an
// object has one size, with the bytes asked for, from its creation to the completion of its free. Time advances with
// each frame, and where something ends after something else began. Aliases and CPU memory take nothing of a device.
struct PackingSummary {
  std::uint64_t buffers = 0;   // lines
  std::uint64_t left_out = 0;  // objects that take no memory of their own
  Bytes peak_bytes = 0;        // the least capacity that any packing needs
};

// Atomic like every file the tool writes; `-` is stdout. Throws Error, also for a trace without a line.
PackingSummary write_packing_problem(const Trace& trace, const std::filesystem::path& file);

}  // namespace vkmembench
