#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "allocator/base/os/atomic_file.h"

namespace vkmembench {

// An AtomicFile whose bytes are zstd-compressed when its name ends in `.zst`.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& file);
  ~OutputFile();

  void write(std::string_view bytes);
  void commit();
  void commit_unflushed();  // see AtomicFile

 private:
  struct Compressor;
  void compress(std::string_view bytes, bool last);

  AtomicFile file_;
  std::unique_ptr<Compressor> compressor_;  // null: bytes are written as they are
};

}  // namespace vkmembench
