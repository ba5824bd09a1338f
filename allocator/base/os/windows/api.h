#pragma once

// The system's own header, without what its macros would take from ours.
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include <string>
#include <string_view>

namespace vkmembench {

// UTF-8 as Windows takes text, and back; what is not valid becomes U+FFFD.
[[nodiscard]] std::wstring to_wide(std::string_view text);
[[nodiscard]] std::string to_utf8(std::wstring_view text);

// The errno that says what a code of GetLastError() does.
[[nodiscard]] int errno_of(DWORD code);
// What such a code means, in one line.
[[nodiscard]] std::string text_of(DWORD code);

}  // namespace vkmembench
