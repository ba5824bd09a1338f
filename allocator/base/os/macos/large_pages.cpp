// Not tried: written without a machine that runs macOS.
#include "allocator/base/os/pages.h"

namespace vkmembench {

void want_large_pages(void* /*memory*/, std::size_t /*size*/) {}  // the system chooses by itself

}  // namespace vkmembench
