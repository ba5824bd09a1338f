#include "scenarios/input_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "allocator/base/error.h"

namespace vkmembench {

FileHandle open_input(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw Error(fmt::format("{}: no such file; check the path", file.string()));
  }
  if (std::filesystem::is_directory(status)) {
    throw Error(fmt::format("{}: is a folder; name a file in it", file.string()));
  }
  FileHandle handle(std::fopen(file.c_str(), "rb"));
  if (!handle) {
    throw Error(fmt::format("{}: cannot be opened: {}; check its permissions", file.string(), std::strerror(errno)));
  }
  return handle;
}

std::size_t read_input(std::FILE* input, const std::filesystem::path& file, char* to, std::size_t size) {
  const std::size_t got = std::fread(to, 1, size, input);
  if (got < size && std::ferror(input) != 0) {
    throw Error(fmt::format("{}: cannot be read: {}; check the file system", file.string(), std::strerror(errno)));
  }
  return got;
}

}  // namespace vkmembench
