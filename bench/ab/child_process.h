#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "allocator/base/stop_flag.h"

namespace vkmembench {

// How a program ended.
struct ChildEnd {
  int code = 0;        // its exit status; 128 + number when a signal ended it
  std::string reason;  // the last line that it wrote to stderr
};

// Runs a program to its end, stdin on /dev/null; the files take what it writes to stdout and stderr. It is killed once
// the flag is raised. Throws Error when it cannot be started.
[[nodiscard]] ChildEnd run_child(const std::vector<std::string>& argv, const std::filesystem::path& output,
                                 const std::filesystem::path& errors, const StopFlag& stop);

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
