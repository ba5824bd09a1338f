#include "scenarios/recording/recording_file.h"

#include <fmt/format.h>

#include <cstring>
#include <new>

#include "allocator/base/error.h"
#include "allocator/base/os/file_io.h"

namespace vkmembench {

RecordingFile::RecordingFile(const std::filesystem::path& path) : path_(path), context_(ZSTD_createCCtx()) {
  if (const int code = open_new_to_append(path, descriptor_); code != 0) fail(code);
  if (context_ == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

RecordingFile::~RecordingFile() {
  if (descriptor_ >= 0) static_cast<void>(close_file(descriptor_));
}

void RecordingFile::fail(int code) const {
  throw Error(fmt::format("{}: cannot be written: {}", path_.string(), std::strerror(code)), ErrorKind::internal);
}

void RecordingFile::write_frame(std::string_view text) {
  compressed_.resize(ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress2(context_.get(), compressed_.data(), compressed_.size(), text.data(), text.size());
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // nothing else can fail
  if (const int code = write_all(descriptor_, {compressed_.data(), size}); code != 0) fail(code);
  size_ += size;
}

std::filesystem::path recording_path(const std::filesystem::path& name, long process, unsigned device) {
  constexpr std::string_view kSuffix = ".jsonl.zst";
  std::string stem = name.string();
  if (stem.ends_with(kSuffix)) stem.erase(stem.size() - kSuffix.size());
  return fmt::format("{}.{}-{}{}", stem, process, device, kSuffix);
}

}  // namespace vkmembench
