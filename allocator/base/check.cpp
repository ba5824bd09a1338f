#include "allocator/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace vkmembench {

void check_failed(const char* condition, const char* reason, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s (%s)\n", file, line, reason, condition);
  std::abort();
}

}  // namespace vkmembench
