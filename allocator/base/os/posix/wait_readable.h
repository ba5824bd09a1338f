#pragma once

#include <chrono>

namespace vkmembench {

// Waits until the descriptor is readable, or until the time came: then false.
[[nodiscard]] bool readable_before(int descriptor, std::chrono::steady_clock::time_point when);

}  // namespace vkmembench
