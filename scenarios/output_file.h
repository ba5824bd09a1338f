#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "scenarios/input_file.h"

namespace vkmembench {

// A file that is written piece by piece and appears under its name whole, at commit(): until then the bytes are in a
// temporary file beside it, which goes away with an object that was not committed. "-" is stdout; that, and what exists
// and is no regular file, is written directly. A name that ends in `.zst` gets zstd-compressed bytes.
// Every function throws Error (ExitCode::internal) when the bytes cannot be written.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& file);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  void write(std::string_view bytes);
  void commit();

 private:
  struct Compressor;
  void write_raw(const char* bytes, std::size_t size);
  void compress(std::string_view bytes, bool last);
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  std::filesystem::path target_;     // file_ behind its symbolic links
  std::filesystem::path temporary_;  // empty when written directly
  FileHandle handle_;                // null for stdout
  std::unique_ptr<Compressor> compressor_;
};

}  // namespace vkmembench
