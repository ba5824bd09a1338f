#pragma once

#include <string_view>

namespace vkmembench {

// What only the build knows. The source is made by cmake/build_info.cmake, so that a new commit recompiles nothing
// else.
struct BuildInfo {
  std::string_view version;
  std::string_view git_sha;  // with "-dirty" when tracked files differ from the commit; "unknown" outside a repository
  std::string_view build_type;
  std::string_view compiler;
  std::string_view flags;
  std::string_view vma_version;
  bool records;  // whether the layer that records programs was built with it
};
[[nodiscard]] BuildInfo build_info();

}  // namespace vkmembench
