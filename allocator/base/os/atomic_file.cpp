#include "allocator/base/os/atomic_file.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/base/os/file_io.h"

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
      if (is_lack_of_space(code)) remedy = "free some space or write elsewhere";
      break;
  }
  std::string message = "cannot write ";
  message.append(file == "-" ? std::string("stdout") : file.string()).append(": ");
  message.append(std::generic_category().message(code)).append("; ").append(remedy);
  throw Error(message, ErrorKind::internal);
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
std::array<std::atomic<const fs::path::value_type*>, 16>
    g_temporaries{};  // NOLINT: a signal handler reaches nothing else

void announce(const fs::path& temporary) {
  for (auto& slot : g_temporaries) {
    const fs::path::value_type* none = nullptr;
    if (slot.compare_exchange_strong(none, temporary.c_str())) return;
  }
}
void withdraw(const fs::path& temporary) {
  for (auto& slot : g_temporaries) {
    const fs::path::value_type* expected = temporary.c_str();
    if (slot.compare_exchange_strong(expected, nullptr)) return;
  }
}

// A name in `folder` that no other writer of this or another process uses.
fs::path temporary_name(const fs::path& folder) {
  static std::atomic<std::uint64_t> counter{0};
  return folder / (".vkmembench-" + std::to_string(process_id()) + "-" + std::to_string(counter++) + ".tmp");
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

}  // namespace

AtomicFile::AtomicFile(const fs::path& file) : file_(file) {
  if (is_stdout(file)) {
    std::fflush(stdout);
    check(duplicate_stdout(descriptor_));
    return;
  }
  const FileState state = look_at(file);
  if (state.error != 0) fail(file, state.error);
  if (state.is_folder) fail(file, EISDIR);
  if (!state.exists && !file.has_filename()) fail(file, ENOENT);
  target_ = !state.exists || state.is_regular ? follow_links(file) : file;
  if ((state.exists && !state.is_regular) || is_open_file(target_)) {
    check(open_to_append(file, descriptor_));
    return;
  }
  if (state.exists) {
    if (const int code = check_writable_file(target_); code != 0) fail(file, code);
  }
  open_temporary(state.exists ? &state.mode : nullptr);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) static_cast<void>(close_file(descriptor_));
  if (temporary_.empty()) return;
  remove_file(temporary_.c_str());
  withdraw(temporary_);
}

void AtomicFile::open_temporary(const unsigned* mode) {
  const fs::path folder = folder_of(target_);
  fs::path name;
  int code = 0;
  do {
    name = temporary_name(folder);
    code = open_new(name, descriptor_);
  } while (code == EEXIST);
  if (code != 0) fail(file_, code);
  if (mode != nullptr) code = give_mode(descriptor_, *mode);
  if (code != 0) {
    static_cast<void>(close_file(descriptor_));
    remove_file(name.c_str());
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

// Under its own name, whatever of it is on the disk.
void AtomicFile::appear() {
  check(close_file(descriptor_));
  if (temporary_.empty()) return;
  check(take_place(temporary_, target_));
  withdraw(temporary_);
  temporary_.clear();
}

void AtomicFile::commit() {
  VKMEMBENCH_CHECK(descriptor_ >= 0, "a file is committed once");
  check(flush_file(descriptor_));
  const bool renames = !temporary_.empty();
  appear();
  if (renames) check(flush_folder(folder_of(target_)));
}

void AtomicFile::commit_unflushed() {
  VKMEMBENCH_CHECK(descriptor_ >= 0, "a file is committed once");
  appear();
}

void write_file(const fs::path& file, std::string_view text) {
  AtomicFile out(file);
  out.write(text);
  out.commit();
}

void flush_disk(const fs::path& folder) {
  if (const int code = flush_disk_of(folder); code != 0) fail(folder, code);
}

void discard_temporary_files() noexcept {
  for (const auto& slot : g_temporaries) {
    if (const fs::path::value_type* temporary = slot.load(); temporary != nullptr) remove_file(temporary);
  }
}

void make_folder(const fs::path& folder) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  if (!fs::is_directory(folder, ignored))
    throw Error(folder.string() + ": the folder cannot be made; choose another", ErrorKind::internal);
}

}  // namespace vkmembench
