#include "allocator/base/os/windows/api.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cwchar>
#include <utility>

#if defined(__MINGW32__)
// What std::filesystem::path reads narrow text with, in place of MinGW-w64's: to the older C library of Windows such
// text is never UTF-8. Of a letter beyond the first 65,536 it gives one surrogate, keeps the other in the state, and
// takes the letter's last byte for that.
extern "C" std::size_t mbrtowc(wchar_t* to, const char* from, std::size_t size, std::mbstate_t* state) {
  constexpr auto kBad = static_cast<std::size_t>(-1);
  constexpr auto kPart = static_cast<std::size_t>(-2);
  static thread_local std::mbstate_t own{};
  if (state == nullptr) state = &own;
  if (from == nullptr) return static_cast<std::size_t>(*state = 0);
  if (size == 0) return kPart;
  const auto give = [&](std::uint32_t unit, std::size_t bytes) {
    if (to != nullptr) *to = static_cast<wchar_t>(unit);
    return bytes;
  };
  if (const int second = std::exchange(*state, 0); second != 0) return give(static_cast<std::uint32_t>(second), 1);
  const auto lead = static_cast<unsigned char>(*from);
  if (lead < 0x80) return give(lead, lead == 0 ? 0 : 1);
  const std::size_t bytes = lead >= 0xf5 ? 0 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  std::uint32_t letter = lead & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (i == size) return kPart;
    const auto next = static_cast<unsigned char>(from[i]);
    if ((next & 0xc0) != 0x80) letter = ~0u >> 6;  // none that follows makes it a letter again
    letter = letter << 6 | (next & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> kFirst = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_half = letter >= 0xd800 && letter < 0xe000;
  if (bytes == 0 || letter < kFirst[bytes] || letter > 0x10ffff || is_half) {
    errno = EILSEQ;
    return kBad;
  }
  if (letter < 0x10000) return give(letter, bytes);
  *state = static_cast<int>(0xdc00 + (letter & 0x3ff));
  return give(0xd800 + ((letter - 0x10000) >> 10), 3);
}
#endif

namespace vkmembench {

std::wstring to_wide(std::string_view text) {
  const int size = static_cast<int>(text.size());
  std::wstring wide(static_cast<std::size_t>(MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0)), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text.data(), size, wide.data(), static_cast<int>(wide.size()));
  return wide;
}

std::string to_utf8(std::wstring_view text) {
  const int size = static_cast<int>(text.size());
  const int bytes = WideCharToMultiByte(CP_UTF8, 0, text.data(), size, nullptr, 0, nullptr, nullptr);
  std::string narrow(static_cast<std::size_t>(bytes), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text.data(), size, narrow.data(), bytes, nullptr, nullptr);
  return narrow;
}

int errno_of(DWORD code) {
  switch (code) {
    case ERROR_SUCCESS:
      return 0;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_INVALID_DRIVE:
      return ENOENT;
    case ERROR_DIRECTORY:
      return ENOTDIR;
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
      return EEXIST;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_WRITE_PROTECT:
    case ERROR_UNABLE_TO_REMOVE_REPLACED:
      return EACCES;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      return ENOSPC;
    case ERROR_BROKEN_PIPE:
    case ERROR_NO_DATA:
      return EPIPE;
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_BUFFER_OVERFLOW:
      return ENAMETOOLONG;
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_INVALID_PARAMETER:
      return EINVAL;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_COMMITMENT_LIMIT:
      return ENOMEM;
    case ERROR_TOO_MANY_OPEN_FILES:
      return EMFILE;
    default:
      return EIO;
  }
}

std::string text_of(DWORD code) {
  std::array<wchar_t, 512> text{};
  const DWORD size =
      FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
                     nullptr, code, 0, text.data(), static_cast<DWORD>(text.size()), nullptr);
  std::string line = to_utf8({text.data(), size});
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return line.empty() ? "error " + std::to_string(code) : line;
}

}  // namespace vkmembench
