#include "allocator/base/os/signals.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "allocator/base/os/windows/api.h"
#include "allocator/base/os/windows/exit_status.h"

namespace vkmembench {
namespace {

using Interrupted = void (*)(int);
std::atomic<Interrupted> g_on_interruption{nullptr};  // NOLINT: the system calls a plain function

BOOL WINAPI on_console_event(DWORD event) {
  constexpr int kInterrupt = 2;
  constexpr int kTerminate = 15;
  g_on_interruption.load()(event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT ? kInterrupt : kTerminate);
  // Of what ends the session the system waits for the answer, and then ends the process.
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) Sleep(INFINITE);
  return TRUE;
}

[[noreturn]] void on_abort(int /*number*/) { TerminateProcess(GetCurrentProcess(), kAborted), std::_Exit(kAborted); }

}  // namespace

void on_interruption(void (*handler)(int number)) {
  g_on_interruption = handler;
  SetConsoleCtrlHandler(nullptr, FALSE);  // a parent may have had it ignored
  SetConsoleCtrlHandler(on_console_event, TRUE);
}

void end_process(std::string_view message, int code) noexcept {
  DWORD written = 0;
  if (!message.empty())
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), message.data(), static_cast<DWORD>(message.size()), &written, nullptr);
  TerminateProcess(GetCurrentProcess(), static_cast<UINT>(code));
  std::_Exit(code);
}

void let_large_files_fail() {}

void end_quietly_by_mistake() {
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
  std::signal(SIGABRT, on_abort);
}

std::thread start_without_signals(std::function<void()> work) { return std::thread(std::move(work)); }

}  // namespace vkmembench
