#pragma once

#include "bench/fuzz/byte_source.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// Valid events of every op on buffers and images, as long as there are bytes; what a trace does not allow is left out.
[[nodiscard]] Trace trace_of(ByteSource& bytes);

}  // namespace vkmembench
