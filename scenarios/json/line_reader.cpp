#include "scenarios/json/line_reader.h"

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/error.h"

namespace vkmembench {
namespace {

constexpr std::size_t kChunk = 256 * kKiB;
constexpr std::size_t kLongestLine = kGiB;

}  // namespace

struct LineReader::Decompressor {
  struct Free {
    void operator()(ZSTD_DStream* ended) const { ZSTD_freeDStream(ended); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream{ZSTD_createDStream()};
  std::vector<char> compressed = std::vector<char>(kChunk);
  ZSTD_inBuffer in{compressed.data(), 0, 0};
  bool frame_open = false;
  bool output_waits = false;  // the last output buffer was too small for all that was ready
};

LineReader::LineReader(const std::filesystem::path& file) : file_(file), input_(open_input(file)) {
  if (file.extension() == ".zst") {
    decompressor_ = std::make_unique<Decompressor>();
    if (decompressor_->stream == nullptr) throw std::bad_alloc();
  }
  if (!fill()) throw Error(fmt::format("{}: is empty; give an event a line", file.string()));
}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

std::size_t LineReader::read_text(char* to, std::size_t size) {
  if (!decompressor_) return read_input(input_.get(), file_, to, size);
  Decompressor& d = *decompressor_;
  ZSTD_outBuffer out{to, size, 0};
  while (out.pos == 0) {
    if (d.in.pos == d.in.size && !d.output_waits) {
      d.in.size = read_input(input_.get(), file_, d.compressed.data(), d.compressed.size());
      d.in.pos = 0;
      if (d.in.size == 0) {
        if (d.frame_open)
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

// Puts another chunk behind what is left in the buffer; false at the end of the text.
bool LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ > kLongestLine) throw Error(fmt::format("{}:{}: a line above 1 GiB", file_.string(), line_number_ + 1));
  if (buffer_.size() - end_ < kChunk) buffer_.resize(std::max(2 * buffer_.size(), 2 * kChunk));
  const std::size_t got = read_text(buffer_.data() + end_, buffer_.size() - end_);
  end_ += got;
  return got != 0;
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const char* const start = buffer_.data() + begin_;
    const std::size_t length = end_ - begin_;
    const void* newline = length == searched ? nullptr : std::memchr(start + searched, '\n', length - searched);
    ended_by_newline_ = newline != nullptr;
    if (ended_by_newline_) {
      line = {start, static_cast<std::size_t>(static_cast<const char*>(newline) - start)};
      begin_ += line.size() + 1;
      break;
    }
    searched = length;
    if (fill()) continue;
    if (length == 0) return false;
    line = {buffer_.data() + begin_, length};
    begin_ = end_;
    break;
  }
  ++line_number_;
  return true;
}

std::uint64_t LineReader::text_bytes() const {
  if (decompressor_) {
    const unsigned long long size = ZSTD_getFrameContentSize(decompressor_->compressed.data(), decompressor_->in.size);
    return size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ? 0 : size;
  }
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file_, error);
  return error ? 0 : size;
}

}  // namespace vkmembench
