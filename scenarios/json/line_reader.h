#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "allocator/base/bytes.h"
#include "scenarios/json/text_input.h"

namespace vkmembench {

// The lines of a text file one after the other, decompressed on the way when the name ends in `.zst`; only one chunk
// and the longest line are in memory.
class LineReader {
 public:
  // Throws Error when the file is missing, unreadable, a folder or empty.
  explicit LineReader(const std::filesystem::path& file, std::size_t longest_line = kGiB);

  // Gives the next line without its end; false after the last. The line is valid until the next call. Throws Error for
  // a read that fails, compressed data that is damaged or cut, and a line that is too long.
  [[nodiscard]] bool next(std::string_view& line);
  // What is in memory of the text from the next line on.
  [[nodiscard]] std::string_view ahead() const { return {buffer_.data() + begin_, end_ - begin_}; }
  [[nodiscard]] std::uint64_t line_number() const { return line_number_; }   // of the line given last, from 1
  [[nodiscard]] bool ended_by_newline() const { return ended_by_newline_; }  // the line given last
  // See TextInput.
  void end_with_whole_frame() { input_.end_with_whole_frame(); }
  // Bytes of the whole text when the file tells them beforehand, else 0.
  [[nodiscard]] std::uint64_t text_bytes() const { return input_.text_bytes(); }

 private:
  bool fill();

  std::filesystem::path file_;
  TextInput input_;
  std::size_t longest_line_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what no line was made of yet
  std::size_t end_ = 0;
  std::uint64_t line_number_ = 0;
  bool ended_by_newline_ = false;
};

}  // namespace vkmembench
