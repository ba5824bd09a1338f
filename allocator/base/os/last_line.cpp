#include "allocator/base/os/last_line.h"

#include <fstream>

namespace vkmembench {

std::string last_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace vkmembench
