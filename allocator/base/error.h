#pragma once

#include <stdexcept>
#include <string>

namespace vkmembench {

// The exit codes of the program; each Error carries the one that `main` returns for it.
enum class ExitCode : int {
  done = 0,
  internal = 1,
  bad_input = 2,
  regression = 3,
  inconclusive = 4,
  not_comparable = 5,
  check_failed = 6,
  out_of_memory = 7,
  no_device = 77,
  interrupted = 130,
};

// Unusable input or environment. The message is one line: what, where (file, pointer, line), and the remedy.
// Caught once, in main.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::bad_input)
      : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace vkmembench
