#pragma once

#include <filesystem>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// Writes a trace that a `trace` scenario replays to the same hash; zstd-compressed when the name ends in `.zst`.
// `-` is stdout. Atomic like every file the tool writes. Throws Error.
void write_trace(const Trace& trace, const std::filesystem::path& file);

}  // namespace vkmembench
