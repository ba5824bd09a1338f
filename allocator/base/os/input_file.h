#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>

#include "allocator/base/os/file_io.h"

namespace vkmembench {

// Levels of nesting that a structured file may have: readers and writers recurse into it.
inline constexpr std::size_t kMaxNesting = 64;

// Opens a file for reading. Throws Error when it is missing, unreadable or a folder.
[[nodiscard]] FileHandle open_input(const std::filesystem::path& file);

// Reads up to `size` bytes and returns their number, less only at the end. Throws Error naming `file`.
[[nodiscard]] std::size_t read_input(std::FILE* input, const std::filesystem::path& file, char* to, std::size_t size);

// What is read whole has an end: some names never come to one, such as /dev/zero.
inline constexpr std::size_t kMostFileBytes = std::size_t{256} << 20;

// Every byte of a file. Throws Error when it is missing, unreadable, a folder or larger than `most` bytes.
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::size_t most = kMostFileBytes);

}  // namespace vkmembench
