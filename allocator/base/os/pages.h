#pragma once

#include <cstddef>

namespace vkmembench {

// Zeroed memory of whole pages. On POSIX each takes memory only when it is touched; on Windows the system also promises
// them all, as far as memory and page file reach. nullptr when there is none.
[[nodiscard]] std::byte* take_pages(std::size_t size);
// Requires what take_pages() gave for that size.
void give_pages_back(std::byte* pages, std::size_t size);

// Asks for large pages there, where the system has any to give; without them memory is only slower.
void want_large_pages(void* memory, std::size_t size);

}  // namespace vkmembench
