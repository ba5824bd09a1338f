#include "bench/cli/listening.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "allocator/base/error.h"
#include "allocator/base/os/atomic_file.h"
#include "allocator/base/os/signals.h"
#include "bench/run/exit_code.h"

namespace vkmembench {
namespace {

// NOLINTBEGIN: a signal handler reaches nothing else
StopFlag g_stop;
std::atomic<int> g_listeners{0};
std::atomic<std::int64_t> g_first{0};  // second in which the first signal came
// NOLINTEND

[[noreturn]] void end_at_once(std::string_view message, int code) {
  discard_temporary_files();
  end_process(message, code);
}

// What signals a program and its group, as timeout(1) does, signals it twice: the second may come at any moment.
void on_signal(int number) {
  g_stop.raise_signal(number);
  if (g_listeners == 0) end_at_once("vkmembench: interrupted: nothing was written; run it again\n", 128 + number);
  using std::chrono::seconds;
  const std::int64_t now =
      std::chrono::duration_cast<seconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  std::int64_t first = 0;
  if (!g_first.compare_exchange_strong(first, now) && now > first + 1)
    end_at_once("vkmembench: interrupted twice: what was under way is lost; run it again\n", 128 + number);
}

}  // namespace

Listening::Listening() { ++g_listeners; }
Listening::~Listening() { --g_listeners; }
StopFlag& Listening::stop() const { return g_stop; }

void handle_signals() { on_interruption(on_signal); }

void end_without_memory() {
  end_at_once("vkmembench: the machine is out of memory; use a smaller scale\n", static_cast<int>(ExitCode::internal));
}

void time_is_up() {
  g_stop.raise(StopReason::timeout);
  if (g_listeners == 0)
    end_at_once(
        "vkmembench: --timeout was reached before the trace was made: nothing was written; give it more time or a "
        "smaller scale\n",
        static_cast<int>(ExitCode::internal));
}

bool is_abandoned() { return g_stop.abandons(); }

ExitError interrupted(const std::string& what) {
  return ExitError("interrupted: " + what, static_cast<ExitCode>(exit_code(0)));
}

int exit_code(int code) { return g_stop.signal() != 0 ? 128 + g_stop.signal() : code; }

}  // namespace vkmembench
