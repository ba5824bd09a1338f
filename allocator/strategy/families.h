#pragma once

#include "allocator/strategy/strategies.h"

namespace vkmembench {

// One family a file; the preset table of strategies.cpp refers to them.
[[nodiscard]] const StrategyFamily& null_family();
[[nodiscard]] const StrategyFamily& dedicated_family();
[[nodiscard]] const StrategyFamily& vma_family();
[[nodiscard]] const StrategyFamily& core_family();

}  // namespace vkmembench
