#pragma once

#include "allocator/strategy/strategies.h"

namespace vkmembench {

// X(function): every family, one a file, in the order of `list strategies`.
#define VKMEMBENCH_FAMILIES(X) X(null_family) X(dedicated_family) X(vma_family) X(core_family) X(recorded_family)

#define VKMEMBENCH_ROW(function) [[nodiscard]] const StrategyFamily& function();
VKMEMBENCH_FAMILIES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

// A preset as its family writes it: its parameters as in braces, "key=value,...".
struct PresetRow {
  std::string_view name;
  std::string_view description;
  std::string_view parameters = {};
};
// Throws Error when a row sets what `parameters` does not have, or out of bounds.
[[nodiscard]] std::vector<StrategyPreset> presets_of(std::span<const PresetRow> rows,
                                                     std::span<const Parameter> parameters);

}  // namespace vkmembench
