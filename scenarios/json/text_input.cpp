#include "scenarios/json/text_input.h"

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/error.h"

namespace vkmembench {

struct TextInput::Decompressor {
  static constexpr std::size_t kChunk = 256 * kKiB;
  struct Free {
    void operator()(ZSTD_DStream* ended) const { ZSTD_freeDStream(ended); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream{ZSTD_createDStream()};
  std::vector<char> compressed = std::vector<char>(kChunk);
  ZSTD_inBuffer in{compressed.data(), 0, 0};
  bool frame_open = false;
  bool output_waits = false;  // the last output buffer was too small for all that was ready
  bool whole_frames = false;  // only they count
  bool reads_frame = false;   // one of them
  std::string frame;          // that was read last, and how much of it was given
  std::size_t given = 0;
};

TextInput::TextInput(const std::filesystem::path& file) : file_(file), input_(open_input(file)) {
  if (file.extension() != ".zst") return;
  decompressor_ = std::make_unique<Decompressor>();
  if (decompressor_->stream == nullptr) throw std::bad_alloc();
}
TextInput::TextInput(TextInput&&) noexcept = default;
TextInput& TextInput::operator=(TextInput&&) noexcept = default;
TextInput::~TextInput() = default;

std::size_t TextInput::read(char* to, std::size_t size) {
  if (!decompressor_) return read_input(input_.get(), file_, to, size);
  Decompressor& d = *decompressor_;
  if (d.whole_frames && !d.reads_frame && !d.frame_open) return read_frames(to, size);
  ZSTD_outBuffer out{to, size, 0};
  while (out.pos == 0) {
    if (d.in.pos == d.in.size && !d.output_waits) {
      d.in.size = read_input(input_.get(), file_, d.compressed.data(), d.compressed.size());
      d.in.pos = 0;
      if (d.in.size == 0) {
        if (d.frame_open && !d.reads_frame)
          throw Error(fmt::format("{}: the compressed data ends in the middle; copy it again", file_.string()));
        break;
      }
    }
    const std::size_t result = ZSTD_decompressStream(d.stream.get(), &out, &d.in);
    if (ZSTD_isError(result) != 0) {
      if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) throw std::bad_alloc();
      throw Error(
          fmt::format("{}: not zstd data or damaged: {}; copy it again", file_.string(), ZSTD_getErrorName(result)));
    }
    d.frame_open = result != 0;
    d.output_waits = d.frame_open && out.pos == out.size;
  }
  return out.pos;
}

void TextInput::end_with_whole_frame() {
  if (decompressor_) decompressor_->whole_frames = true;
}

// A frame at a time, which is given once it is whole.
std::size_t TextInput::read_frames(char* to, std::size_t size) {
  Decompressor& d = *decompressor_;
  if (d.given == d.frame.size()) {
    d.frame.clear();
    d.given = 0;
    d.reads_frame = true;
    std::size_t got = 0;
    do {
      const std::size_t had = d.frame.size();
      d.frame.resize(had + Decompressor::kChunk);
      got = read(d.frame.data() + had, Decompressor::kChunk);
      d.frame.resize(had + got);
    } while (got != 0 && d.frame_open);
    d.reads_frame = false;
    if (std::exchange(d.frame_open, false)) d.frame.clear();
  }
  const std::size_t bytes = std::min(size, d.frame.size() - d.given);
  std::memcpy(to, d.frame.data() + d.given, bytes);
  d.given += bytes;
  return bytes;
}

std::uint64_t TextInput::text_bytes() const {
  if (decompressor_) {
    const unsigned long long size = ZSTD_getFrameContentSize(decompressor_->compressed.data(), decompressor_->in.size);
    return size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ? 0 : size;
  }
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file_, error);
  return error ? 0 : size;
}

}  // namespace vkmembench
