#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/fleet/plan.h"

namespace vkmembench {

// Called with what is done while a matrix is expanded.
using ShowPlanning = std::function<void(const std::string& what)>;

struct ExpandedMatrix {
  Plan plan;
  std::vector<std::string> notes;  // what is left out or cannot be known here, a line each
};

// The plan of a matrix file: its scenarios, strategies and devices, each with each, as often as it says. Every
// scenario is expanded, and short replays tell how long each cell takes. Paths of the file are relative to it, those of
// the plan to `folder`. `shards`, unless 0, in place of as many as the file asks for. Throws Error with file, line and
// pointer: for what is unknown, what is there twice, and a matrix without a cell.
[[nodiscard]] ExpandedMatrix expand_matrix(const std::filesystem::path& file, const std::filesystem::path& folder,
                                           std::uint32_t shards, const ShowPlanning& show);

}  // namespace vkmembench
