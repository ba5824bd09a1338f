#pragma once

namespace vkmembench {

// Whether a sanitizer serves malloc(), which then ends the program rather than give nothing.
#if defined(__has_feature)
#define VKMEMBENCH_HAS_FEATURE(name) __has_feature(name)
#else
#define VKMEMBENCH_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || VKMEMBENCH_HAS_FEATURE(address_sanitizer) || \
    VKMEMBENCH_HAS_FEATURE(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace vkmembench
