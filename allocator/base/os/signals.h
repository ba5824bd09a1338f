#pragma once

#include <functional>
#include <string_view>
#include <thread>

namespace vkmembench {

// From now on what asks the program to end calls the handler, with 2 (SIGINT) for the user at the terminal, 1
// (SIGHUP) when that is gone, and 15 (SIGTERM) for anybody else. The handler may come at any moment, on Windows in a
// thread of its own; it does only what is safe in a signal handler.
void on_interruption(void (*handler)(int number));

// Says the message on stderr, unless it is empty, and ends the process: nothing is cleaned up or flushed. Safe in a
// signal handler.
[[noreturn]] void end_process(std::string_view message, int code) noexcept;

// A file that grows above a limit of the user's is an error like any other from now on, and ends nothing.
void let_large_files_fail();

// What ends this process by mistake ends it and no more: no core is written, nobody is asked.
void end_quietly_by_mistake();

// Signals are for the threads that work: this one takes none. Throws std::system_error when none can be started.
[[nodiscard]] std::thread start_without_signals(std::function<void()> work);

}  // namespace vkmembench
