#include "scenarios/generators/table.h"

#include <array>

namespace vkmembench {

std::span<const Generator> generators() {
#define VKMEMBENCH_ROW(row) row,
  static const std::array kGenerators = std::to_array<Generator>({VKMEMBENCH_GENERATORS(VKMEMBENCH_ROW)});
#undef VKMEMBENCH_ROW
  return kGenerators;
}

}  // namespace vkmembench
