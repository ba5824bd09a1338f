#include "scenarios/trace.h"

#include <array>

namespace vkmembench {

std::string_view op_name(Op op) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Op::count)> kNames = {
#define VKMEMBENCH_ROW(op) #op,
      VKMEMBENCH_OPS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  };
  return kNames[static_cast<std::size_t>(op)];
}

}  // namespace vkmembench
