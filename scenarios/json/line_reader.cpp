#include "scenarios/json/line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

constexpr std::size_t kChunk = 256 * kKiB;

}  // namespace

LineReader::LineReader(const std::filesystem::path& file, std::size_t longest_line)
    : file_(file), input_(file), longest_line_(longest_line) {
  if (!fill()) throw Error(fmt::format("{}: is empty; give an event a line", file.string()));
}

// Puts another chunk behind what is left in the buffer; false at the end of the text.
bool LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ > longest_line_)
    throw Error(fmt::format("{}:{}: a line above {} MiB; give a file of shorter lines", file_.string(),
                            line_number_ + 1, longest_line_ / kMiB));
  if (buffer_.size() - end_ < kChunk) buffer_.resize(std::max(2 * buffer_.size(), 2 * kChunk));
  const std::size_t got = input_.read(buffer_.data() + end_, buffer_.size() - end_);
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

}  // namespace vkmembench
