// Not tried: written without a machine that runs macOS.
#include "allocator/base/os/heaps.h"

namespace vkmembench {

void allow_a_heap_for_each_thread() {}

}  // namespace vkmembench
