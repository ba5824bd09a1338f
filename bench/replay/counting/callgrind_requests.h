#pragma once

// What a program asks of callgrind, by valgrind's headers; nothing where they are not there, or sanitizers are, which
// do not run under valgrind.

#if defined(__has_feature)
#define VKMEMBENCH_IS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VKMEMBENCH_IS_SANITIZED 1
#else
#define VKMEMBENCH_IS_SANITIZED 0
#endif
#if __has_include(<valgrind/callgrind.h>) && !VKMEMBENCH_IS_SANITIZED
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
