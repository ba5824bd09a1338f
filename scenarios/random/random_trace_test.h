#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "allocator/testing/temporary_folder_fixture.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// A valid trace over every op, from a seed.
[[nodiscard]] Trace random_trace(std::uint64_t seed, std::size_t events = 2000);

// The message of the Error that the action throws, "no error" without one; fails the test when it has several lines.
[[nodiscard]] std::string error_of(const std::function<void()>& action);

[[nodiscard]] std::string file_text(const std::filesystem::path& file);

}  // namespace vkmembench
