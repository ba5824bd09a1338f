// Not tried: written without a machine that runs macOS.
#include "allocator/base/os/own_program.h"

#include <mach-o/dyld.h>

#include <cstdint>
#include <string>

namespace vkmembench {

std::filesystem::path own_program() {
  std::uint32_t size = 0;
  _NSGetExecutablePath(nullptr, &size);
  std::string path(size, '\0');
  if (_NSGetExecutablePath(path.data(), &size) != 0) return {};
  std::error_code ignored;
  return std::filesystem::canonical(path.c_str(), ignored);
}

}  // namespace vkmembench
