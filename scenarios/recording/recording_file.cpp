#include "scenarios/recording/recording_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "allocator/base/error.h"

namespace vkmembench {

RecordingFile::RecordingFile(const std::filesystem::path& path)
    : path_(path),
      descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666)),
      context_(ZSTD_createCCtx()) {
  if (descriptor_ < 0) fail(errno);
  if (context_ == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

RecordingFile::~RecordingFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RecordingFile::fail(int code) const {
  throw Error(fmt::format("{}: cannot be written: {}", path_.string(), std::strerror(code)), ErrorKind::internal);
}

void RecordingFile::write_frame(std::string_view text) {
  compressed_.resize(ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress2(context_.get(), compressed_.data(), compressed_.size(), text.data(), text.size());
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // nothing else can fail
  for (std::size_t done = 0; done < size;) {
    const ssize_t written = ::write(descriptor_, compressed_.data() + done, size - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    done += static_cast<std::size_t>(written);
  }
  size_ += size;
}

std::filesystem::path recording_path(const std::filesystem::path& name, long process, unsigned device) {
  constexpr std::string_view kSuffix = ".jsonl.zst";
  std::string stem = name.string();
  if (stem.ends_with(kSuffix)) stem.erase(stem.size() - kSuffix.size());
  return fmt::format("{}.{}-{}{}", stem, process, device, kSuffix);
}

}  // namespace vkmembench
