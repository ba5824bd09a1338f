#pragma once

#include "allocator/strategy/strategies.h"

namespace vkmembench {

// X(function): every family, one a file, in the order of `list strategies`.
#define VKMEMBENCH_FAMILIES(X) X(null_family) X(dedicated_family) X(vma_family) X(core_family)

#define VKMEMBENCH_ROW(function) [[nodiscard]] const StrategyFamily& function();
VKMEMBENCH_FAMILIES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

}  // namespace vkmembench
