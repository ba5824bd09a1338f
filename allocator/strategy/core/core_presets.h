#pragma once

#include <vector>

#include "allocator/strategy/strategies.h"

namespace vkmembench {

// What ships of the `core` family.
[[nodiscard]] std::vector<StrategyPreset> core_presets();

}  // namespace vkmembench
