#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vkmembench {

// A shared library of the process, but for what the kernel or valgrind puts in.
struct LoadedLibrary {
  std::string name;  // as it was asked for
  std::filesystem::path file;
  std::string build;  // the id that its linker gave it; empty without
};
// By name; empty where the system does not say.
[[nodiscard]] std::vector<LoadedLibrary> loaded_libraries();

}  // namespace vkmembench
