#pragma once

#include <cstddef>

namespace vkmembench {

// Memory of the C library at a multiple of the alignment; nullptr when there is none. Requires a power of two, and a
// size that is a multiple of it.
[[nodiscard]] void* take_aligned(std::size_t alignment, std::size_t size);
// Requires what take_aligned() gave, or nullptr.
void give_aligned_back(void* memory) noexcept;

}  // namespace vkmembench
