#pragma once

#include <string>

#include "allocator/base/stop_flag.h"
#include "bench/run/exit_code.h"

namespace vkmembench {

// Signals and timeouts end the program at once, wherever it is: files are written whole or not at all, so nothing is
// half done. Commands with something to finish listen meanwhile: then signals raise the flag instead, and a signal ends
// the program only when another comes seconds later.
class Listening {
 public:
  Listening();
  ~Listening();
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  [[nodiscard]] StopFlag& stop() const;
};

// From now on SIGINT and SIGTERM are taken that way.
void handle_signals();

// Ends the program at once as a std::new_handler: what is under way cannot be undone without memory either.
[[noreturn]] void end_without_memory();

// What --timeout does: ends the program, or raises the flag while somebody listens.
void time_is_up();

// Whether what was under way was left as it is: then nothing may be cleaned up any more, and the process has to end.
[[nodiscard]] bool is_abandoned();
// What ends a command that a signal stopped; `what` is left then. Requires that one came.
[[nodiscard]] ExitError interrupted(const std::string& what);
// 128 + the number of the signal that came, else the code.
[[nodiscard]] int exit_code(int code);

}  // namespace vkmembench
