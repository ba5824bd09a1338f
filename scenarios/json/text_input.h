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
  // Bytes of the whole text when the file tells them beforehand, else 0.
  [[nodiscard]] std::uint64_t text_bytes() const;

 private:
  struct Decompressor;

  std::filesystem::path file_;
  FileHandle input_;
  std::unique_ptr<Decompressor> decompressor_;  // null for plain text
};

}  // namespace vkmembench
