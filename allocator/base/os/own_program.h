#pragma once

#include <filesystem>

namespace vkmembench {

// The path of the program that runs; empty when the system does not tell.
[[nodiscard]] std::filesystem::path own_program();

}  // namespace vkmembench
