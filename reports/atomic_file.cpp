#include "reports/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, int code) {
  const char* remedy = "write elsewhere with -o";
  switch (code) {
    case ENOENT:
      remedy = "make its folder first";
      break;
    case ENOTDIR:
      remedy = "its parent is not a folder; name another with -o";
      break;
    case EISDIR:
      remedy = "it is a folder; name a file in it";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      remedy = "it cannot be written by this user; change its permissions or write elsewhere with -o";
      break;
    case ENOSPC:
    case EDQUOT:
      remedy = "free some space or write elsewhere with -o";
      break;
    case ELOOP:
      remedy = "its symbolic links form a loop; remove one";
      break;
    case ENAMETOOLONG:
      remedy = "choose a shorter name";
      break;
    default:
      break;
  }
  std::string message = "cannot write ";
  message.append(file == "-" ? std::string("stdout") : file.string()).append(": ");
  message.append(std::generic_category().message(code)).append("; ").append(remedy);
  throw Error(message, ExitCode::internal);
}

// A file descriptor with one owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  // 0 or errno: some file systems tell only now that the space is used up.
  [[nodiscard]] int close() { return ::close(std::exchange(fd_, -1)) == 0 || errno == EINTR ? 0 : errno; }

 private:
  int fd_;
};

int open_file(const fs::path& file, int flags, mode_t mode = 0) {
  int fd = -1;
  do {
    fd = ::open(file.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

// 0 or errno.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// 0 or errno; what has no disk behind it has nothing to flush.
int flush(int fd) {
  if (::fsync(fd) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP) return 0;
  return errno;
}

void write_directly(const fs::path& file, std::string_view text) {
  Descriptor out(open_file(file, O_WRONLY | O_APPEND));
  if (out.get() < 0) fail(file, errno);
  int code = write_all(out.get(), text);
  if (code == 0) code = flush(out.get());
  if (code == 0) code = out.close();
  if (code != 0) fail(file, code);
}

void write_stdout(std::string_view text) {
  std::fflush(stdout);
  int code = write_all(STDOUT_FILENO, text);
  if (code == 0) code = flush(STDOUT_FILENO);
  if (code != 0) fail("-", code);
}

// Whether a path names an open file of a process, whatever that is: not to be renamed over.
bool is_open_file(const fs::path& path) {
  return path.string().starts_with("/proc/") || path.string().starts_with("/dev/fd/");
}

// The file that the name leads to through symbolic links, which need not exist.
fs::path follow_links(const fs::path& file) {
  constexpr int kMaxLinks = 40;
  fs::path target = file;
  for (int i = 0; i < kMaxLinks; ++i) {
    if (is_open_file(target)) return target;
    std::error_code error;
    const fs::path next = fs::read_symlink(target, error);
    if (error) return target;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  fail(file, ELOOP);
}

// A name in `folder` that no other writer of this or another process uses.
fs::path temporary_name(const fs::path& folder) {
  static std::atomic<std::uint64_t> counter{0};
  return folder / (".vkmembench-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp");
}

// Fills and renames a temporary file; returns 0 or errno, and then the temporary file is gone.
int replace(const fs::path& target, const fs::path& folder, std::string_view text, const mode_t* mode) {
  fs::path temporary;
  int fd = -1;
  do {
    temporary = temporary_name(folder);
    fd = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
  } while (fd < 0 && errno == EEXIST);
  if (fd < 0) return errno;
  Descriptor out(fd);
  int code = write_all(out.get(), text);
  if (code == 0 && mode != nullptr && ::fchmod(out.get(), *mode & 07777) != 0) code = errno;
  if (code == 0) code = flush(out.get());
  if (code == 0) code = out.close();
  if (code == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) code = errno;
  if (code != 0) ::unlink(temporary.c_str());
  return code;
}

}  // namespace

void write_file(const fs::path& file, std::string_view text) {
  if (file == "-" || file == "/dev/stdout") return write_stdout(text);
  struct stat info {};
  const bool exists = ::stat(file.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) fail(file, errno);
  if (exists && S_ISDIR(info.st_mode)) fail(file, EISDIR);
  if (exists && !S_ISREG(info.st_mode)) return write_directly(file, text);
  if (!file.has_filename()) fail(file, ENOENT);

  const fs::path target = follow_links(file);
  if (is_open_file(target)) return write_directly(file, text);
  if (exists && ::access(target.c_str(), W_OK) != 0) fail(file, errno);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  if (const int code = replace(target, folder, text, exists ? &info.st_mode : nullptr); code != 0) fail(file, code);

  const Descriptor directory(open_file(folder, O_RDONLY | O_DIRECTORY));
  if (directory.get() < 0)
    return;  // a folder that may be written but not read: the rename reaches the disk in its own time
  if (const int code = flush(directory.get()); code != 0) fail(file, code);
}

}  // namespace vkmembench
