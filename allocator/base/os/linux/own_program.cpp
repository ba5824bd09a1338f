#include "allocator/base/os/own_program.h"

namespace vkmembench {

std::filesystem::path own_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

}  // namespace vkmembench
