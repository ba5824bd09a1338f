#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/fleet/plan.h"
#include "reports/store/store.h"

namespace vkmembench {

struct MergeResult {
  std::size_t merged = 0;
  std::vector<MissingCell> missing;
  std::vector<std::pair<std::string, std::string>> told;  // cells whose runs had something to tell, and what
};
using ShowMerge = std::function<void(std::size_t over)>;

// Makes the store of the reports that the plan's cells have, in place of the one of the same plan that is there. Throws
// Error, and leaves everything as it was: not_comparable for reports that do not belong together (of two tools, of a
// trace or a device that changed), which it names, and where no cell has a report; bad_input for a folder with another
// plan's or another tool's store, or with other files; internal for a disk that is full.
[[nodiscard]] MergeResult merge_plan(const Plan& plan, const std::filesystem::path& folder,
                                     const std::filesystem::path& store, const ShowMerge& show);

}  // namespace vkmembench
