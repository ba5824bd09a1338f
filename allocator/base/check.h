#pragma once

// A broken promise of our own: prints the condition, the place and a reason, then aborts. Kept in every build type.
#define VKMEMBENCH_CHECK(condition, reason)                                 \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::vkmembench::check_failed(#condition, (reason), __FILE__, __LINE__); \
  } while (false)

namespace vkmembench {

[[noreturn]] void check_failed(const char* condition, const char* reason, const char* file, int line);

}  // namespace vkmembench
