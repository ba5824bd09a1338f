#pragma once

// Stands in for Tracy's C interface in a test: the two macros that tracy_hook.h uses, noting what they are told.

#include <cstddef>
#include <string>
#include <vector>

struct TracyEvent {
  const void* pointer;
  std::size_t size;  // 0 of a free
  bool free;
  const char* pool;
};
inline std::vector<TracyEvent>& tracy_events() {
  static std::vector<TracyEvent> events;
  return events;
}

// Tracy's names.
// NOLINTNEXTLINE(readability-identifier-naming)
#define TracyCAllocN(ptr, size, name) tracy_events().push_back({ptr, size, false, name})
// NOLINTNEXTLINE(readability-identifier-naming)
#define TracyCFreeN(ptr, name) tracy_events().push_back({ptr, 0, true, name})
