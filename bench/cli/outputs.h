#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace vkmembench {

// Throws Error when the output, once it is written, takes the place of an input: the same file, by whatever name.
// Requires a name that was given; "-" and devices take no file's place.
void refuse_input_as_output(const std::filesystem::path& output, std::span<const std::filesystem::path> inputs);

// Whether an output is stdout.
[[nodiscard]] bool is_stdout(const std::string& output);

// Whether the output is replaced whole each time it is written, as a file is; what a pipe got cannot be taken back.
// Throws Error when a file of that name cannot be made: its folder is missing or read-only, or it is a folder itself.
void require_writable_file(const std::filesystem::path& file);
void require_writable_folder(const std::filesystem::path& folder);
[[nodiscard]] bool is_replaceable(const std::filesystem::path& output);

}  // namespace vkmembench
