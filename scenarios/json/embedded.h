#pragma once

#include <span>
#include <string_view>

namespace vkmembench {

// A file that the build puts into the program (cmake/embed.cmake).
struct EmbeddedFile {
  std::string_view name;  // without folders
  std::string_view text;
};

}  // namespace vkmembench
