#include <sys/mman.h>

#include "allocator/base/os/pages.h"

namespace vkmembench {

void want_large_pages(void* memory, std::size_t size) { (void)madvise(memory, size, MADV_HUGEPAGE); }

}  // namespace vkmembench
