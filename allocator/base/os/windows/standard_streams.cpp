#include "allocator/base/os/standard_streams.h"

#include <fcntl.h>
#include <io.h>

#include <cstdio>
#include <memory>

#include "allocator/base/os/windows/api.h"
// After the system's header, which it needs.
#include <shellapi.h>

namespace vkmembench {

void hold_standard_streams() {
  for (std::FILE* stream : {stdin, stdout, stderr}) {
    if (::_fileno(stream) >= 0) ::_setmode(::_fileno(stream), _O_BINARY);
  }
  SetConsoleOutputCP(CP_UTF8);
  SetConsoleCP(CP_UTF8);
}

void let_the_reader_leave() {}  // the C library's stdout is its own

// A pipe takes what it is given as long as somebody may read it.
bool reader_left() { return GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)) == FILE_TYPE_PIPE; }

std::vector<std::string> utf8_arguments(int argc, const char* const* argv) {
  struct Free {
    void operator()(wchar_t** words) const { LocalFree(static_cast<void*>(words)); }
  };
  int count = 0;
  const std::unique_ptr<wchar_t*, Free> words(CommandLineToArgvW(GetCommandLineW(), &count));
  if (words == nullptr) return {argv, argv + argc};
  std::vector<std::string> arguments;
  for (int i = 0; i < count; ++i) arguments.push_back(to_utf8(words.get()[i]));
  return arguments;
}

}  // namespace vkmembench
