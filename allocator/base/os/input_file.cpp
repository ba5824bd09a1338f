#include "allocator/base/os/input_file.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "allocator/base/bytes.h"
#include "allocator/base/error.h"

namespace vkmembench {
namespace {

// A shell passes a pattern on as it is typed where it matches nothing.
[[noreturn]] void fail_missing(const std::filesystem::path& file) {
  const bool is_pattern = file.string().find_first_of("*?[") != std::string::npos;
  throw Error(file.string() + (is_pattern ? ": matches no file; check the pattern" : ": no such file; check the path"));
}

}  // namespace

FileHandle open_input(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) fail_missing(file);
  if (std::filesystem::is_directory(status)) throw Error(file.string() + ": is a folder; name a file in it");
  FileHandle handle = open_for_reading(file);
  if (!handle) throw Error(file.string() + ": cannot be opened: " + std::strerror(errno) + "; check its permissions");
  return handle;
}

std::size_t read_input(std::FILE* input, const std::filesystem::path& file, char* to, std::size_t size) {
  const std::size_t got = std::fread(to, 1, size, input);
  if (got < size && std::ferror(input) != 0)
    throw Error(file.string() + ": cannot be read: " + std::strerror(errno) + "; check the file system");
  return got;
}

std::string read_file(const std::filesystem::path& file, std::size_t most) {
  const FileHandle input = open_input(file);
  std::string text;
  std::array<char, 64 * kKiB> chunk;
  for (std::size_t got = chunk.size(); got == chunk.size();) {
    got = read_input(input.get(), file, chunk.data(), chunk.size());
    if (got > most - text.size())
      throw Error(file.string() + ": is larger than " + std::to_string(most) +
                  " bytes, the most that is read of such a file; name a smaller one");
    text.append(chunk.data(), got);
  }
  return text;
}

}  // namespace vkmembench
