#pragma once

#include "allocator/base/os/windows/api.h"

namespace vkmembench {

// What ends a process by mistake, as POSIX numbers it above 128: other programs of the project read the same codes.
inline constexpr UINT kAborted = 128 + 6;
inline constexpr UINT kKilled = 128 + 9;

// The exit status of a process that ended so; an exception's is 128 and the number of the signal that POSIX would send.
[[nodiscard]] int exit_status_of(DWORD code);

}  // namespace vkmembench
