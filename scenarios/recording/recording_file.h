#pragma once

#include <zstd.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

// A file of zstd frames, each written in one piece, so that all but the last is whole whenever the process ends. Not
// buffered.
class RecordingFile {
 public:
  // Opens it, which must not be there yet. Throws Error.
  explicit RecordingFile(const std::filesystem::path& path);
  ~RecordingFile();
  RecordingFile(const RecordingFile&) = delete;
  RecordingFile& operator=(const RecordingFile&) = delete;

  // Appends the text as a frame. Throws Error.
  void write_frame(std::string_view text);
  [[nodiscard]] Bytes size() const { return size_; }

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx* ended) const { ZSTD_freeCCtx(ended); }
  };
  [[noreturn]] void fail(int code) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
  std::vector<char> compressed_;
  Bytes size_ = 0;
};

// The file of a device of a process: NAME.jsonl.zst becomes NAME.PID-DEVICE.jsonl.zst.
[[nodiscard]] std::filesystem::path recording_path(const std::filesystem::path& name, long process, unsigned device);

}  // namespace vkmembench
