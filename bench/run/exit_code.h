#pragma once

#include <string>

#include "allocator/base/error.h"
#include "reports/judge/gate.h"

namespace vkmembench {

// The exit codes of the program.
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

// An Error that ends the program with a code of its own.
class ExitError : public Error {
 public:
  ExitError(const std::string& message, ExitCode code) : Error(message, ErrorKind::internal), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// What the program ends with for an error that reached `main`, and for what a gate found.
[[nodiscard]] ExitCode exit_code_of(const Error& error);
[[nodiscard]] ExitCode exit_code_of(GateVerdict verdict);

}  // namespace vkmembench
