#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

namespace vkmembench {

// Files by descriptor, where systems differ. What returns a code returns 0 or an errno.

// What a path leads to, through symbolic links.
struct FileState {
  int error = 0;  // why it cannot be told
  bool exists = false;
  bool is_folder = false;
  bool is_regular = false;
  unsigned mode = 0;  // its permissions
};
[[nodiscard]] FileState look_at(const std::filesystem::path& file);

// Makes a file for writing that is not there yet; the other writes at its end whoever else writes too.
[[nodiscard]] int open_new(const std::filesystem::path& file, int& descriptor);
[[nodiscard]] int open_new_to_append(const std::filesystem::path& file, int& descriptor);
// Opens what is there, a pipe or a device too, for writing at its end.
[[nodiscard]] int open_to_append(const std::filesystem::path& file, int& descriptor);
// One more descriptor of stdout.
[[nodiscard]] int duplicate_stdout(int& descriptor);
[[nodiscard]] int write_all(int descriptor, std::string_view text);
// To the disk; what has none behind it has nothing to flush.
[[nodiscard]] int flush_file(int descriptor);
// Some file systems tell only now that the space is used up.
[[nodiscard]] int close_file(int& descriptor);
[[nodiscard]] int give_mode(int descriptor, unsigned mode);

// Whether such a code says that no space is left, or none of the user's.
[[nodiscard]] bool is_lack_of_space(int code);

// Renames a file over another or to a new name, in one step for whoever looks.
[[nodiscard]] int take_place(const std::filesystem::path& file, const std::filesystem::path& target);
// The names in a folder, to the disk, where it can be asked for.
[[nodiscard]] int flush_folder(const std::filesystem::path& folder);
// All that was written to the disk that a folder is on, where it can be asked for.
[[nodiscard]] int flush_disk_of(const std::filesystem::path& folder);
// Safe in a signal handler.
void remove_file(const std::filesystem::path::value_type* file) noexcept;

// Whether the user may write the file, or make files in the folder.
[[nodiscard]] int check_writable_file(const std::filesystem::path& file);
[[nodiscard]] bool is_writable_folder(const std::filesystem::path& folder);

// A new folder, of this user alone, whose name begins so. Throws std::filesystem::filesystem_error.
[[nodiscard]] std::filesystem::path make_unique_folder(const std::filesystem::path& beginning);

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;
// For reading, as bytes. nullptr, with errno, when it cannot be opened.
[[nodiscard]] FileHandle open_for_reading(const std::filesystem::path& file);

// The number of this process.
[[nodiscard]] long process_id();

}  // namespace vkmembench
