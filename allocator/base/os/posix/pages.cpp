#include "allocator/base/os/pages.h"

#include <sys/mman.h>

namespace vkmembench {

std::byte* take_pages(std::size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? nullptr : static_cast<std::byte*>(pages);
}

void give_pages_back(std::byte* pages, std::size_t size) { munmap(pages, size); }

}  // namespace vkmembench
