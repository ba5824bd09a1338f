#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace vkmembench {

// Throws Error when the output, once it is written, takes the place of an input: the same file, by whatever name.
// Requires a name that was given; "-" and devices take no file's place.
void refuse_input_as_output(const std::filesystem::path& output, std::span<const std::filesystem::path> inputs);

// Whether an output is stdout.
[[nodiscard]] bool is_stdout(const std::string& output);

// Whether the output is replaced whole each time it is written, as a file is; what a pipe got cannot be taken back.
[[nodiscard]] bool is_replaceable(const std::filesystem::path& output);

// Throws Error when nothing can be made in the folder.
void require_writable_folder(const std::filesystem::path& folder);
// Throws Error when the output cannot be written: it is a folder, or one is missing (`remedy` says what to do then) or
// read-only.
void require_writable_file(const std::filesystem::path& output, std::string_view remedy = "make it first");

}  // namespace vkmembench
