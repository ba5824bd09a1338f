#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "allocator/base/stop_flag.h"
#include "bench/fleet/plan.h"

namespace vkmembench {

// Which shard of how many: I of N, from 1.
struct ShardChoice {
  std::uint32_t index = 1;
  std::uint32_t count = 1;
  std::string from;  // what said so, for people
};
// What --shard says, or else the variables of an array job of Slurm (SLURM_ARRAY_TASK_ID and its _MIN, _MAX, _COUNT) or
// of a CI's matrix (CI_NODE_INDEX and CI_NODE_TOTAL), or else 1/1. `variable` gives a variable's text, or nullptr.
// Throws Error for text that is no I/N, and for variables that do not say it.
[[nodiscard]] ShardChoice choose_shard(const std::string& typed,
                                       const std::function<const char*(const char* name)>& variable);

struct FailedCell {
  const PlanCell* cell = nullptr;
  int exit = 0;
  std::string line;  // the last that it said
};
struct ShardResult {
  std::size_t run = 0;      // reports that are new
  std::size_t done = 0;     // that were there
  std::size_t left_to = 0;  // cells that others had failed at too often
  std::vector<FailedCell> failed;
  std::vector<FailedCell> told;  // of those that ran, what ended with something to tell
};
// Called before each cell: how many of the shard's are over.
using ShowCell = std::function<void(const PlanCell& cell, std::size_t over)>;

// Runs each cell of the shard that has no report yet, once, in a process of its own whose working folder is the plan's;
// one that fails is noted and the rest goes on. Reports appear whole, under their names; cells that others finish
// meanwhile stay theirs. Several may run the same shard at once. Ends early once the flag is raised; the cell under way
// then counts as never tried. Throws Error for a folder that cannot be written.
[[nodiscard]] ShardResult run_shard(const Plan& plan, const std::filesystem::path& folder, const Shard& shard,
                                    const StopFlag& stop, const ShowCell& show);

}  // namespace vkmembench
