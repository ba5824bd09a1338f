#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "allocator/base/os/input_file.h"

namespace vkmembench {

// The bytes of a text file one after the other, decompressed on the way when the name ends in `.zst`.
class TextInput {
 public:
  // Throws Error when the file is missing, unreadable or a folder.
  explicit TextInput(const std::filesystem::path& file);
  TextInput(TextInput&&) noexcept;
  TextInput& operator=(TextInput&&) noexcept;
  ~TextInput();

  // Gives at least one byte and at most `size`; none at the end. Throws Error for a read that fails, and for compressed
  // data that is damaged or cut. Requires size > 0.
  [[nodiscard]] std::size_t read(char* to, std::size_t size);
  // From now on the text ends with the last frame that is whole: what a program that was killed has written goes so
  // far.
  void end_with_whole_frame();
  // Bytes of the whole text when the file tells them beforehand, else 0.
  [[nodiscard]] std::uint64_t text_bytes() const;

 private:
  struct Decompressor;
  [[nodiscard]] std::size_t read_frames(char* to, std::size_t size);

  std::filesystem::path file_;
  FileHandle input_;
  std::unique_ptr<Decompressor> decompressor_;  // null for plain text
};

}  // namespace vkmembench
