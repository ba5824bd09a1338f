#pragma once

#include <string_view>

#include "allocator/seam/figure.h"

namespace vkmembench {

// The metric that tells a strategy's figure: a row of the metric table.
[[nodiscard]] std::string_view metric_id(Figure figure);

}  // namespace vkmembench
