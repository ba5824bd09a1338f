#include "allocator/base/os/signals.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace vkmembench {
namespace {

class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

void on_interruption(void (*handler)(int number)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction hang_up {};
  sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);  // unless nohup(1) started it
}

void end_process(std::string_view message, int code) noexcept {
  if (!message.empty()) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, message.data(), message.size());
  }
  ::_exit(code);
}

void let_large_files_fail() { std::signal(SIGXFSZ, SIG_IGN); }

void end_quietly_by_mistake() {
  constexpr rlimit kNoCore{0, 0};
  setrlimit(RLIMIT_CORE, &kNoCore);
}

std::thread start_without_signals(std::function<void()> work) {
  const NoSignals inherited;
  return std::thread(std::move(work));
}

}  // namespace vkmembench
