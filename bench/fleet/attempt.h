#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "bench/fleet/plan.h"

namespace vkmembench {

// How often a cell is tried before it is given up.
inline constexpr std::uint32_t kMostAttempts = 3;

// What is known of a cell besides its report: a small file in the plan's folder, from its first attempt on until it
// ends with nothing to tell.
struct Attempt {
  std::uint32_t count = 0;  // of attempts so far
  std::optional<int> exit;  // of the last; none while it runs, and where it was killed with who ran it
  std::string line;         // the last that it said
};

// nullopt when there is nothing to tell. A file that cannot be read tells nothing.
[[nodiscard]] std::optional<Attempt> read_attempt(const std::filesystem::path& folder, const PlanCell& cell);
void write_attempt(const std::filesystem::path& folder, const PlanCell& cell, const Attempt& attempt);
void forget_attempt(const std::filesystem::path& folder, const PlanCell& cell);

// Where a cell stands. Whoever wrote its report wrote it whole.
enum class CellState : std::uint8_t { done, missing, given_up };
[[nodiscard]] CellState state_of(const std::filesystem::path& folder, const PlanCell& cell);
// Why a cell has no report: "never run", "on n2: started, and did not end", "3 attempts: exit 77: no Vulkan device".
[[nodiscard]] std::string why_missing(const std::filesystem::path& folder, const PlanCell& cell);

}  // namespace vkmembench
