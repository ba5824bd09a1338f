#include "cmake/source_dir.h"

namespace vkmembench {

std::string source_dir() { return VKMEMBENCH_SOURCE_DIR; }

}  // namespace vkmembench
