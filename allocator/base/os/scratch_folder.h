#pragma once

#include <filesystem>

namespace vkmembench {

// A folder of its own below the system's for temporary files; goes away with what it holds.
class ScratchFolder {
 public:
  ScratchFolder();  // Throws Error when it cannot be made.
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vkmembench
