#include "scenarios/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/base/error.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

// The file that the name leads to through symbolic links, which need not exist.
fs::path follow_links(fs::path file) {
  constexpr int kMaxLinks = 40;
  for (int i = 0; i < kMaxLinks; ++i) {
    std::error_code error;
    const fs::path next = fs::read_symlink(file, error);
    if (error) break;
    file = next.is_absolute() ? next : file.parent_path() / next;
  }
  return file;
}

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

struct OutputFile::Compressor {
  std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
  std::vector<char> compressed = std::vector<char>(ZSTD_CStreamOutSize());
};

void OutputFile::fail() const {
  throw Error(
      fmt::format("{}: cannot be written: {}; check {}", file_ == "-" ? "stdout" : file_.string(), std::strerror(errno),
                  file_ == "-" ? "the disk or the reader" : "the folder, its permissions and the space left"),
      ExitCode::internal);
}

OutputFile::OutputFile(const fs::path& file) : file_(file), target_(file) {
  if (file.extension() == ".zst") {
    compressor_ = std::make_unique<Compressor>();
    VKMEMBENCH_CHECK(compressor_->context != nullptr, "libzstd is out of memory");
    ZSTD_CCtx_setParameter(compressor_->context.get(), ZSTD_c_checksumFlag, 1);
  }
  if (file == "-") return;
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (fs::is_directory(status)) {
    errno = EISDIR;
    fail();
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    handle_.reset(std::fopen(file.c_str(), "wb"));
    if (!handle_) fail();
    return;
  }
  target_ = follow_links(file);
  std::string name = target_.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail();
  temporary_ = name;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  struct stat existing {};
  const mode_t mode = ::stat(target_.c_str(), &existing) == 0 ? existing.st_mode & 07777 : 0666 & ~mask;
  handle_.reset(::fchmod(descriptor, mode) == 0 ? ::fdopen(descriptor, "wb") : nullptr);
  if (!handle_) {
    ::close(descriptor);
    fs::remove(temporary_, error);
    fail();
  }
}

OutputFile::~OutputFile() {
  std::error_code error;
  if (!temporary_.empty()) fs::remove(temporary_, error);
}

void OutputFile::write_raw(const char* bytes, std::size_t size) {
  if (std::fwrite(bytes, 1, size, handle_ ? handle_.get() : stdout) != size) fail();
}

void OutputFile::compress(std::string_view bytes, bool last) {
  Compressor& c = *compressor_;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    ZSTD_outBuffer out{c.compressed.data(), c.compressed.size(), 0};
    const std::size_t left = ZSTD_compressStream2(c.context.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    VKMEMBENCH_CHECK(ZSTD_isError(left) == 0, "zstd compression of bytes in memory does not fail");
    write_raw(c.compressed.data(), out.pos);
    if (last ? left == 0 : in.pos == in.size) return;
  }
}

void OutputFile::write(std::string_view bytes) {
  if (compressor_) return compress(bytes, false);
  write_raw(bytes.data(), bytes.size());
}

void OutputFile::commit() {
  if (compressor_) compress({}, true);
  if (std::fflush(handle_ ? handle_.get() : stdout) != 0) fail();
  if (temporary_.empty()) return;
  if (::fsync(::fileno(handle_.get())) != 0 || std::fclose(handle_.release()) != 0) fail();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail();
  temporary_.clear();
}

}  // namespace vkmembench
