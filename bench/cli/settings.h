#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace vkmembench {

// Splits the KEY=VALUE of every --set. Throws Error for one without a key or '='.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>& items);

// Refuses a negative number, which CLI11 takes for one near 2^64.
[[nodiscard]] CLI::Validator natural_number();
// Refuses what is not above 0 and finite; CLI11's own check of positive numbers takes a NaN.
[[nodiscard]] CLI::Validator some_seconds();

}  // namespace vkmembench
