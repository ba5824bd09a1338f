#pragma once

#include <filesystem>
#include <string_view>

namespace vkmembench {

// A file that is written piece by piece and appears under its name whole, at commit(): readers of the name find the
// old file or the new one. The pieces go to a temporary file in the same folder, which is flushed to the disk and
// renamed, or goes away with an object that was not committed. An existing file keeps its mode; a symbolic link is
// followed. "-" is stdout; that, and what exists and is no regular file (/dev/null, a pipe, /dev/stdout), is written
// directly. Several writers may write the same name at once: the last commit wins.
// Every function throws Error with ErrorKind::internal that names the file and the remedy; an existing file is then as
// it was.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& file);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Not buffered. Requires that commit() was not called.
  void write(std::string_view bytes);
  void commit();
  // Without waiting for the disk: when the machine crashes before flush_disk(), the file may be there and empty.
  void commit_unflushed();

 private:
  void open_temporary(const unsigned* mode);
  void appear();
  void check(int code) const;  // Throws unless 0; an errno.

  std::filesystem::path file_;       // as named
  std::filesystem::path target_;     // file_ behind its symbolic links
  std::filesystem::path temporary_;  // empty when written directly
  int descriptor_ = -1;
};

// The same of one text.
void write_file(const std::filesystem::path& file, std::string_view text);

// Removes the files under way of this process, which is about to end. Safe in a signal handler.
void discard_temporary_files() noexcept;

// Waits until all that was written to the folder's disk is on it. Throws the same.
void flush_disk(const std::filesystem::path& folder);

// Makes a folder, and those above it, unless it is there. Throws the same.
void make_folder(const std::filesystem::path& folder);

}  // namespace vkmembench
