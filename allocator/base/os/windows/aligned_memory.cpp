#include "allocator/base/os/aligned_memory.h"

#include <malloc.h>

namespace vkmembench {

void* take_aligned(std::size_t alignment, std::size_t size) { return ::_aligned_malloc(size, alignment); }

void give_aligned_back(void* memory) noexcept { ::_aligned_free(memory); }

}  // namespace vkmembench
