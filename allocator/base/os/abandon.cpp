#include "allocator/base/os/abandon.h"

#include <mutex>
#include <vector>

namespace vkmembench {

void keep_forever(const void* object) {
  static std::mutex mutex;
  static auto* const kept = new std::vector<const void*>;  // NOLINT(cppcoreguidelines-owning-memory): never destroyed
  const std::lock_guard lock(mutex);
  kept->push_back(object);
}

}  // namespace vkmembench
