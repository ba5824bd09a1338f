#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/generators/random.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// Sizes of buffers as programs ask for them: one to three families, drawn once for a trace.
class RandomSizes {
 public:
  explicit RandomSizes(Random& random);
  [[nodiscard]] Bytes draw(Random& random) const;

 private:
  std::vector<std::size_t> families_;
};

// Any buffer that a trace can state.
[[nodiscard]] Shape random_buffer_shape(Random& random, TraceBuilder& out);
// Any image that a trace can state, of a size and kind that devices are asked for.
[[nodiscard]] Shape random_image_shape(Random& random, TraceBuilder& out);

}  // namespace vkmembench
