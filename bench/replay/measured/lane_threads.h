#pragma once

#include <cstdint>
#include <functional>

namespace vkmembench {

// Runs every lane on a thread of its own and waits for all. They run all or none, for lanes wait for each other: throws
// Error, internal, when a thread cannot be started. Requires lanes that throw nothing.
void run_on_threads(std::uint32_t lane_count, const std::function<void(std::uint32_t lane)>& run_lane);

}  // namespace vkmembench
