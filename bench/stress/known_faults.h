#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bench/stress/problem.h"

namespace vkmembench {

// A fault of a version of VMA that others have seen too.
struct KnownFault {
  std::string_view version;
  std::string_view kind;  // of the problem
  std::string_view reference;
};
[[nodiscard]] std::span<const KnownFault> known_faults();

// What is known of a problem of the strategy, as typed; empty for nothing.
[[nodiscard]] std::string what_is_known(std::string_view strategy, const Problem& problem);

}  // namespace vkmembench
