#pragma once

#include <string>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// Why an event of the op may not name a buffer or image of this shape, and what to do about it; empty when it may. Does
// not look at what has become of the object.
[[nodiscard]] std::string why_unfit(Op op, const Shape& shape);

}  // namespace vkmembench
