#pragma once

#include <cstddef>
#include <vector>

#include "reports/model/report.h"

namespace vkmembench {

// The size of a snapshot in rows of text: one a span, and as many as three spans for a block.
[[nodiscard]] std::size_t snapshot_rows(const Snapshot& snapshot);

// Drops the smallest blocks, then the smallest spans, until the snapshot has at most `rows`, and counts what it drops.
// Blocks that lose spans say where any lay (`used`): at most half as many ranges as rows, but one a block.
void bound_snapshot(Snapshot& snapshot, std::size_t rows);
// The same for several together: each gets an equal share, and what small ones leave goes to larger ones.
void bound_snapshots(std::vector<Snapshot>& snapshots, std::size_t rows);

}  // namespace vkmembench
