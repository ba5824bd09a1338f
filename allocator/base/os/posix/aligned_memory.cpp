#include "allocator/base/os/aligned_memory.h"

#include <cstdlib>

namespace vkmembench {

void* take_aligned(std::size_t alignment, std::size_t size) { return std::aligned_alloc(alignment, size); }

void give_aligned_back(void* memory) noexcept { std::free(memory); }

}  // namespace vkmembench
