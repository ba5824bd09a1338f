#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/strategy/strategies.h"

namespace vkmembench {

// The items of a list of strategies, which commas outside braces separate.
[[nodiscard]] std::vector<std::string> split_strategies(std::string_view list);

// The strategy files that such a list names.
[[nodiscard]] std::vector<std::filesystem::path> strategy_files(std::string_view list);

// The strategies of --strategy: "all", or presets, presets with overrides and strategy files, separated by commas
// outside braces. Throws Error for an unknown one, a repeated one, and an empty list.
[[nodiscard]] std::vector<StrategySpec> parse_strategies(std::string_view list);

// A strategy file: {"preset": "core-default", "name": "mine", "parameters": {"arenas": 2}}; `name` may be left out,
// then it is the file's. Throws Error with file, line and pointer.
[[nodiscard]] StrategySpec load_strategy_file(const std::filesystem::path& file);

// A preset as the object of such a file, with every parameter of its family.
[[nodiscard]] nlohmann::ordered_json strategy_json(const StrategyPreset& preset);

}  // namespace vkmembench
