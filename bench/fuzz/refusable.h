#pragma once

#include "allocator/base/error.h"

namespace vkmembench {

// Does what the program may refuse: an Error is what bad input deserves.
template <typename Action>
void refusable(const Action& action) {
  try {
    action();
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): said above
  }
}

}  // namespace vkmembench
