#pragma once

#include <string>
#include <utility>
#include <vector>

namespace vkmembench {

// Splits the KEY=VALUE of every --set. Throws Error for one without a key or '='.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>& items);

}  // namespace vkmembench
