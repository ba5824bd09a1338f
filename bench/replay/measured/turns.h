#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// When an event of a concurrent replay may begin: once so many events on its object are done.
struct Turn {
  std::uint32_t object = 0;
  std::uint32_t target = 0;  // of a copy
};

// Every event's turn, by position. Uses come after the creation, a free after every use. What several lanes use while a
// lane changes it sees its events one at a time and in the trace's order: Vulkan leaves it to the application to let
// nobody else at an object that the host accesses. Touches alone change nothing, unless they may bring an evicted
// object back. An event waits for earlier ones only, so that some lane can always go on.
[[nodiscard]] std::vector<Turn> turns_of(const Trace& trace);

}  // namespace vkmembench
