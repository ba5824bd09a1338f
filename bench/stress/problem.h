#pragma once

#include <string>
#include <vector>

#include "bench/replay/record/recording.h"

namespace vkmembench {

// Something that went wrong: a kind of violation, `device_leak`, `exception`; or, seen from outside, `abort`, `signal`,
// `hang`.
struct Problem {
  std::string kind;
  std::string text;

  // Of the same cause, as far as can be told: texts of violations carry places, those of aborts do not.
  [[nodiscard]] bool is_same(const Problem& other) const;
};

// The first violation of each kind.
[[nodiscard]] std::vector<Problem> violations_of(const Recording& recording);

}  // namespace vkmembench
