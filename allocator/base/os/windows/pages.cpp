#include "allocator/base/os/pages.h"

#include "allocator/base/os/windows/api.h"

namespace vkmembench {

std::byte* take_pages(std::size_t size) {
  return static_cast<std::byte*>(VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
}

void give_pages_back(std::byte* pages, std::size_t /*size*/) { VirtualFree(pages, 0, MEM_RELEASE); }

void want_large_pages(void* /*memory*/, std::size_t /*size*/) {}  // only for whom an administrator lets

}  // namespace vkmembench
