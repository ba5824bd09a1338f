#include "allocator/base/os/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "allocator/base/check.h"
#include "allocator/base/error.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, int code) {
  const char* remedy = "write elsewhere";
  switch (code) {
    case ENOENT:
      remedy = "make its folder first";
      break;
    case ENOTDIR:
      remedy = "its parent is not a folder; name another file";
      break;
    case EISDIR:
      remedy = "it is a folder; name a file in it";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      remedy = "it cannot be written by this user; change its permissions or write elsewhere";
      break;
    case ENOSPC:
    case EDQUOT:
      remedy = "free some space or write elsewhere";
      break;
    case EFBIG:
      remedy = "raise `ulimit -f` or write elsewhere";
      break;
    case EPIPE:
      remedy = "its reader went away; read it to the end or write elsewhere";
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
  throw Error(message, ErrorKind::internal);
}

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

// Whether a path names an open file of a process, whatever that is: not to be renamed over.
bool is_open_file(const fs::path& path) {
  return path.string().starts_with("/proc/") || path.string().starts_with("/dev/fd/");
}

bool is_stdout(const fs::path& file) { return file == "-" || file == "/dev/stdout"; }

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

// The temporary files under way: a signal handler removes them.
std::array<std::atomic<const char*>, 16> g_temporaries{};  // NOLINT: a signal handler reaches nothing else

void announce(const fs::path& temporary) {
  for (auto& slot : g_temporaries) {
    const char* none = nullptr;
    if (slot.compare_exchange_strong(none, temporary.c_str())) return;
  }
}
void withdraw(const fs::path& temporary) {
  for (auto& slot : g_temporaries) {
    const char* expected = temporary.c_str();
    if (slot.compare_exchange_strong(expected, nullptr)) return;
  }
}

// A name in `folder` that no other writer of this or another process uses.
fs::path temporary_name(const fs::path& folder) {
  static std::atomic<std::uint64_t> counter{0};
  return folder / (".vkmembench-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp");
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

// 0 or errno: some file systems tell only now that the space is used up.
int close_file(int& fd) { return ::close(std::exchange(fd, -1)) == 0 || errno == EINTR ? 0 : errno; }

}  // namespace

AtomicFile::AtomicFile(const fs::path& file) : file_(file) {
  if (is_stdout(file)) {
    std::fflush(stdout);
    descriptor_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    check(descriptor_ < 0 ? errno : 0);
    return;
  }
  struct stat info {};
  const bool exists = ::stat(file.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) fail(file, errno);
  if (exists && S_ISDIR(info.st_mode)) fail(file, EISDIR);
  if (!exists && !file.has_filename()) fail(file, ENOENT);
  target_ = !exists || S_ISREG(info.st_mode) ? follow_links(file) : file;
  if ((exists && !S_ISREG(info.st_mode)) || is_open_file(target_)) {
    descriptor_ = open_file(file, O_WRONLY | O_APPEND);
    check(descriptor_ < 0 ? errno : 0);
    return;
  }
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail(file, errno);
  open_temporary(exists ? &info.st_mode : nullptr);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  withdraw(temporary_);
}

void AtomicFile::open_temporary(const unsigned* mode) {
  const fs::path folder = folder_of(target_);
  fs::path name;
  do {
    name = temporary_name(folder);
    descriptor_ = open_file(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail(file_, errno);
  if (mode != nullptr && ::fchmod(descriptor_, *mode & 07777) != 0) {
    const int code = errno;
    ::close(descriptor_);
    ::unlink(name.c_str());
    fail(file_, code);
  }
  temporary_ = name;
  announce(temporary_);
}

void AtomicFile::check(int code) const {
  if (code != 0) fail(file_ == "/dev/stdout" ? fs::path("-") : file_, code);
}

void AtomicFile::write(std::string_view bytes) {
  VKMEMBENCH_CHECK(descriptor_ >= 0, "a committed file is not written to");
  const int code = write_all(descriptor_, bytes);
  check(code == EPIPE && is_stdout(file_) ? 0 : code);  // a reader that left has what it wanted
}

void AtomicFile::commit() {
  VKMEMBENCH_CHECK(descriptor_ >= 0, "a file is committed once");
  check(flush(descriptor_));
  check(close_file(descriptor_));
  if (temporary_.empty()) return;
  check(::rename(temporary_.c_str(), target_.c_str()) == 0 ? 0 : errno);
  withdraw(temporary_);
  temporary_.clear();
  int folder = open_file(folder_of(target_), O_RDONLY | O_DIRECTORY);
  if (folder < 0) return;  // one that may be written but not read: the rename reaches the disk in its own time
  const int code = flush(folder);
  check(std::max(code, close_file(folder)));
}

void write_file(const fs::path& file, std::string_view text) {
  AtomicFile out(file);
  out.write(text);
  out.commit();
}

void discard_temporary_files() noexcept {
  for (const auto& slot : g_temporaries) {
    if (const char* temporary = slot.load(); temporary != nullptr) ::unlink(temporary);
  }
}

void make_folder(const fs::path& folder) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  if (!fs::is_directory(folder, ignored))
    throw Error(folder.string() + ": the folder cannot be made; choose another", ErrorKind::internal);
}

}  // namespace vkmembench
