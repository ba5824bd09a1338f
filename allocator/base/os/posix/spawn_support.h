#pragma once

#include <csignal>

namespace vkmembench {

// A pipe whose ends no child inherits; 0 or an errno.
[[nodiscard]] int open_pipe(int (&ends)[2]);

// Until one of these blocked signals came, another one was handled, or 50 ms passed.
void wait_for_signal(const sigset_t& signals);

}  // namespace vkmembench
