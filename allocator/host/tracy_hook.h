#pragma once

// Reports host memory to the Tracy profiler, one memory pool a category, where the build found Tracy (its package
// defines TRACY_ENABLE); elsewhere nothing. For .cpp files only.

#include <cstddef>
#include <string>

#if defined(TRACY_ENABLE)
#include <mutex>
#include <set>

#include <tracy/TracyC.h>
#endif

namespace vkmembench {

#if defined(TRACY_ENABLE)

// Tracy knows a pool by the address of its name and may read it as long as the program runs: names are kept for good.
inline const char* profiler_pool_name(const std::string& category) {
  static std::mutex mutex;
  static auto& names = *new std::set<std::string>;
  const std::lock_guard lock(mutex);
  return names.insert(category).first->c_str();
}
inline void profile_allocation(const void* pointer, std::size_t size, const char* pool) {
  TracyCAllocN(pointer, size, pool);
}
// Comes before the memory goes back, so that no other thread reports the same address first.
inline void profile_free(const void* pointer, const char* pool) { TracyCFreeN(pointer, pool); }

#else

inline const char* profiler_pool_name(const std::string& /*category*/) { return nullptr; }
inline void profile_allocation(const void* /*pointer*/, std::size_t /*size*/, const char* /*pool*/) {}
inline void profile_free(const void* /*pointer*/, const char* /*pool*/) {}

#endif

}  // namespace vkmembench
