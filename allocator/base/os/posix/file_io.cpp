#include "allocator/base/os/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace vkmembench {
namespace {

int open_file(const std::filesystem::path& file, int flags, int& descriptor, mode_t mode = 0) {
  do {
    descriptor = ::open(file.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor < 0 ? errno : 0;
}

}  // namespace

FileState look_at(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return {.error = errno == ENOENT ? 0 : errno};
  return {.error = 0,
          .exists = true,
          .is_folder = S_ISDIR(info.st_mode),
          .is_regular = S_ISREG(info.st_mode),
          .mode = info.st_mode & 07777u};
}

int open_new(const std::filesystem::path& file, int& descriptor) {
  return open_file(file, O_WRONLY | O_CREAT | O_EXCL, descriptor, 0666);
}

int open_new_to_append(const std::filesystem::path& file, int& descriptor) {
  return open_file(file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, descriptor, 0666);
}

int open_to_append(const std::filesystem::path& file, int& descriptor) {
  return open_file(file, O_WRONLY | O_APPEND, descriptor);
}

int duplicate_stdout(int& descriptor) {
  descriptor = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  return descriptor < 0 ? errno : 0;
}

int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int flush_file(int descriptor) {
  if (::fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP) return 0;
  return errno;
}

int close_file(int& descriptor) { return ::close(std::exchange(descriptor, -1)) == 0 || errno == EINTR ? 0 : errno; }

int give_mode(int descriptor, unsigned mode) {
  return ::fchmod(descriptor, static_cast<mode_t>(mode)) == 0 ? 0 : errno;
}

bool is_lack_of_space(int code) { return code == ENOSPC || code == EDQUOT; }

int take_place(const std::filesystem::path& file, const std::filesystem::path& target) {
  return ::rename(file.c_str(), target.c_str()) == 0 ? 0 : errno;
}

int flush_folder(const std::filesystem::path& folder) {
  int descriptor = -1;
  // One that may be written but not read: what was renamed reaches the disk in its own time.
  if (open_file(folder, O_RDONLY | O_DIRECTORY, descriptor) != 0) return 0;
  const int code = flush_file(descriptor);
  return std::max(code, close_file(descriptor));
}

int flush_disk_of(const std::filesystem::path& folder) {
  int descriptor = -1;
  if (const int code = open_file(folder, O_RDONLY | O_DIRECTORY, descriptor); code != 0) return code;
#ifdef __linux__
  const int code = ::syncfs(descriptor) == 0 ? 0 : errno;
#else
  const int code = 0;
  ::sync();
#endif
  return std::max(code, close_file(descriptor));
}

void remove_file(const char* file) noexcept { ::unlink(file); }

int check_writable_file(const std::filesystem::path& file) { return ::access(file.c_str(), W_OK) == 0 ? 0 : errno; }

bool is_writable_folder(const std::filesystem::path& folder) { return ::access(folder.c_str(), W_OK | X_OK) == 0; }

std::filesystem::path make_unique_folder(const std::filesystem::path& beginning) {
  std::string name = beginning.string() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr)
    throw std::filesystem::filesystem_error("mkdtemp", name, std::error_code(errno, std::generic_category()));
  return name;
}

FileHandle open_for_reading(const std::filesystem::path& file) { return FileHandle(std::fopen(file.c_str(), "rb")); }

long process_id() { return ::getpid(); }

}  // namespace vkmembench
