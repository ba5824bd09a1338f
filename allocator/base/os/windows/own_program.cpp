#include "allocator/base/os/own_program.h"

#include <string>

#include "allocator/base/os/windows/api.h"

namespace vkmembench {

std::filesystem::path own_program() {
  constexpr std::size_t kLongest = 32'768;
  std::wstring path(kLongest, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return path;
}

}  // namespace vkmembench
