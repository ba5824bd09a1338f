#include <unistd.h>

#include <array>

#include "allocator/base/os/machine.h"

namespace vkmembench {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "a node";
}

}  // namespace vkmembench
