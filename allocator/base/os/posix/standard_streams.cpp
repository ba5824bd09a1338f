#include "allocator/base/os/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace vkmembench {

// The lowest closed descriptor is the one that open() gives.
void hold_standard_streams() {
  int held = 0;
  do {
    held = ::open("/dev/null", O_RDONLY);
  } while (held >= 0 && held <= STDERR_FILENO);
  if (held >= 0) ::close(held);
}

bool reader_left() { return false; }

std::vector<std::string> utf8_arguments(int argc, const char* const* argv) { return {argv, argv + argc}; }

}  // namespace vkmembench
