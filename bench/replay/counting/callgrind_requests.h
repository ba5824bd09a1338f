#pragma once

// What a program asks of callgrind, by valgrind's headers; nothing where they are not there.

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define VKMEMBENCH_KNOWS_CALLGRIND 1
#else
#define VKMEMBENCH_KNOWS_CALLGRIND 0
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_TOGGLE_COLLECT static_cast<void>(0)
#define CALLGRIND_START_INSTRUMENTATION static_cast<void>(0)
#define CALLGRIND_STOP_INSTRUMENTATION static_cast<void>(0)
#define CALLGRIND_DUMP_STATS static_cast<void>(0)
#endif
