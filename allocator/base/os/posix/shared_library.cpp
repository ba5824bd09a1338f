#include "allocator/base/os/shared_library.h"

#include <dlfcn.h>

namespace vkmembench {

void* open_library(const char* name) { return dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE); }

void (*library_function(void* library, const char* name))() {
  return reinterpret_cast<void (*)()>(dlsym(library, name));
}

}  // namespace vkmembench
