#include "allocator/base/os/loaded_libraries.h"

namespace vkmembench {

std::vector<LoadedLibrary> loaded_libraries() { return {}; }

}  // namespace vkmembench
