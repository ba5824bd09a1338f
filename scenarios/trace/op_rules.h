#pragma once

#include <string>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// Why an event of the op may not name a buffer or image of this shape, and what to do about it; empty when it may. Does
// not look at what has become of the object.
[[nodiscard]] std::string why_unfit(Op op, const Shape& shape);
// Likewise why it may not go from the one to the other, of which each fits by itself; they have so many bytes. `size`
// bytes are within both.
struct PairEnd {
  const Shape& shape;
  Bytes bytes;
};
[[nodiscard]] std::string why_unfit_pair(Op op, const PairEnd& from, const PairEnd& to, Bytes size);

}  // namespace vkmembench
