#include "allocator/base/os/file_io.h"

#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "allocator/base/os/windows/api.h"

namespace vkmembench {
namespace {

constexpr int kFlags = _O_BINARY | _O_NOINHERIT;

int open_file(const std::filesystem::path& file, int flags, int& descriptor) {
  descriptor = ::_wopen(file.c_str(), flags | kFlags, _S_IREAD | _S_IWRITE);
  return descriptor < 0 ? errno : 0;
}

// Others that have a file open for a moment, scanners of viruses too, are waited for.
template <typename Try>
int once_nobody_has_it_open(const Try& attempt) {
  constexpr std::chrono::seconds kPatience{5};
  const auto latest = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    if (attempt()) return 0;
    const DWORD code = GetLastError();
    const bool busy = code == ERROR_SHARING_VIOLATION || code == ERROR_ACCESS_DENIED || code == ERROR_LOCK_VIOLATION;
    if (!busy || std::chrono::steady_clock::now() >= latest) return errno_of(code);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool is_pipe(int descriptor) {
  return GetFileType(reinterpret_cast<HANDLE>(::_get_osfhandle(descriptor))) == FILE_TYPE_PIPE;
}

// What POSIX tells by itself: a missing folder, or a file where a folder is meant.
int code_of_parent(const std::filesystem::path& file) {
  const std::filesystem::path parent = file.parent_path();
  const DWORD attributes = parent.empty() ? FILE_ATTRIBUTE_DIRECTORY : GetFileAttributesW(parent.c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) return errno_of(GetLastError());
  return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? 0 : ENOTDIR;
}

}  // namespace

FileState look_at(const std::filesystem::path& file) {
  constexpr std::size_t kLongestName = 255;
  if (file.filename().native().size() > kLongestName) return {.error = ENAMETOOLONG};
  const DWORD attributes = GetFileAttributesW(file.c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) {
    const int code = errno_of(GetLastError());
    return {.error = code == ENOENT && code_of_parent(file) != ENOTDIR ? 0 : code == ENOENT ? ENOTDIR : code};
  }
  FileState state{.error = 0, .exists = true, .is_folder = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0};
  state.is_regular = !state.is_folder;
  if (state.is_folder) return state;
  const HANDLE handle = CreateFileW(file.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                    OPEN_EXISTING, 0, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return state;
  state.is_regular = GetFileType(handle) == FILE_TYPE_DISK;
  CloseHandle(handle);
  return state;
}

int open_new(const std::filesystem::path& file, int& descriptor) {
  return open_file(file, _O_WRONLY | _O_CREAT | _O_EXCL, descriptor);
}

int open_new_to_append(const std::filesystem::path& file, int& descriptor) {
  return open_file(file, _O_WRONLY | _O_CREAT | _O_EXCL | _O_APPEND, descriptor);
}

int open_to_append(const std::filesystem::path& file, int& descriptor) {
  return open_file(file, _O_WRONLY | _O_APPEND, descriptor);
}

int duplicate_stdout(int& descriptor) {
  descriptor = ::_dup(1);
  return descriptor < 0 ? errno : 0;
}

int write_all(int descriptor, std::string_view text) {
  constexpr std::size_t kMost = 1u << 20;  // consoles and pipes take less at once than files do
  while (!text.empty()) {
    const int written = ::_write(descriptor, text.data(), static_cast<unsigned>(std::min(text.size(), kMost)));
    // Of a pipe whose reader left the C library says one thing or another.
    if (written < 0) return is_pipe(descriptor) ? EPIPE : errno;
    if (written == 0) return ENOSPC;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int flush_file(int descriptor) {
  if (::_commit(descriptor) == 0 || errno == EBADF || errno == EINVAL) return 0;  // a pipe or a console has no disk
  return errno;
}

int close_file(int& descriptor) { return ::_close(std::exchange(descriptor, -1)) == 0 ? 0 : errno; }

int give_mode(int /*descriptor*/, unsigned /*mode*/) { return 0; }  // a file takes its permissions from its folder

bool is_lack_of_space(int code) { return code == ENOSPC; }

// Whoever keeps what was there open makes a rename fail, but not ReplaceFile(), between whose steps there is no such
// file.
int take_place(const std::filesystem::path& file, const std::filesystem::path& target) {
  const auto renamed_until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  return once_nobody_has_it_open([&] {
    if (MoveFileExW(file.c_str(), target.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0) return true;
    const DWORD code = GetLastError();
    if (std::chrono::steady_clock::now() >= renamed_until &&
        ReplaceFileW(target.c_str(), file.c_str(), nullptr, REPLACEFILE_IGNORE_MERGE_ERRORS, nullptr, nullptr) != 0)
      return true;
    SetLastError(code);  // why it was not renamed
    return false;
  });
}

int flush_folder(const std::filesystem::path& /*folder*/) { return 0; }  // it cannot be asked for

int flush_disk_of(const std::filesystem::path& /*folder*/) { return 0; }  // only an administrator may

void remove_file(const wchar_t* file) noexcept { DeleteFileW(file); }

int check_writable_file(const std::filesystem::path& file) {
  const DWORD attributes = GetFileAttributesW(file.c_str());
  // What is gone meanwhile is made anew.
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_READONLY) != 0 ? EACCES : 0;
}

bool is_writable_folder(const std::filesystem::path& folder) {
  // Who may write there, only an attempt tells.
  const std::filesystem::path probe = folder / (".vkmembench-probe-" + std::to_string(GetCurrentProcessId()));
  const HANDLE handle = CreateFileW(probe.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS,
                                    FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return false;
  CloseHandle(handle);
  return true;
}

std::filesystem::path make_unique_folder(const std::filesystem::path& beginning) {
  static std::atomic<std::uint64_t> counter{0};
  for (;;) {
    const std::uint64_t moment =
        static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    std::filesystem::path name = beginning;
    name += std::to_string(GetCurrentProcessId()) + "-" + std::to_string(moment + counter++);
    if (CreateDirectoryW(name.c_str(), nullptr) != 0) return name;
    if (const DWORD code = GetLastError(); code != ERROR_ALREADY_EXISTS)
      throw std::filesystem::filesystem_error("CreateDirectory", name,
                                              std::error_code(errno_of(code), std::generic_category()));
  }
}

FileHandle open_for_reading(const std::filesystem::path& file) {
  // Whoever writes meanwhile may rename it, and over it.
  const HANDLE handle = CreateFileW(file.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                    nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    errno = errno_of(GetLastError());
    return nullptr;
  }
  const int descriptor = ::_open_osfhandle(reinterpret_cast<std::intptr_t>(handle), _O_RDONLY | _O_BINARY);
  if (descriptor < 0) {
    CloseHandle(handle);
    return nullptr;
  }
  std::FILE* file_of = ::_fdopen(descriptor, "rb");
  if (file_of == nullptr) ::_close(descriptor);
  return FileHandle(file_of);
}

long process_id() { return static_cast<long>(GetCurrentProcessId()); }

}  // namespace vkmembench
