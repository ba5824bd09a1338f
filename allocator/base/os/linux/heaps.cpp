#include "allocator/base/os/heaps.h"

#include <malloc.h>

namespace vkmembench {

// Beyond some for each processor threads share them.
void allow_a_heap_for_each_thread() {
#ifdef M_ARENA_MAX  // glibc's
  constexpr int kMany = 4096;
  mallopt(M_ARENA_MAX, kMany);
#endif
}

}  // namespace vkmembench
