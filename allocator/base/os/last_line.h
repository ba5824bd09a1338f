#pragma once

#include <filesystem>
#include <string>

namespace vkmembench {

// The last line of a file that is not empty; empty when there is none.
[[nodiscard]] std::string last_line(const std::filesystem::path& file);

}  // namespace vkmembench
