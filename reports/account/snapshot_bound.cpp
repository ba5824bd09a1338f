#include "reports/account/snapshot_bound.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace vkmembench {
namespace {

constexpr std::size_t kRowsOfABlock = 3;

// Which sizes to keep when there is room for `room`: all above `above`, and the first `ties` of those equal to it.
struct Threshold {
  Bytes above = 0;
  std::size_t ties = 0;
  bool keep(Bytes size) {
    if (size != above) return size > above;
    if (ties == 0) return false;
    --ties;
    return true;
  }
};
Threshold largest(std::vector<Bytes> sizes, std::size_t room) {
  if (room == 0) return {~Bytes{0}, 0};
  if (room >= sizes.size()) return {0, sizes.size()};
  const auto nth = sizes.begin() + static_cast<std::ptrdiff_t>(room - 1);
  std::nth_element(sizes.begin(), nth, sizes.end(), std::greater<>{});
  const Bytes above = *nth;
  const auto greater =
      static_cast<std::size_t>(std::count_if(sizes.begin(), sizes.end(), [above](Bytes size) { return size > above; }));
  return {above, room - greater};
}

// What the spans and the used ranges of a block cover together, touching ranges joined.
std::vector<SnapshotRange> covered(const SnapshotBlock& block) {
  std::vector<SnapshotRange> pieces = block.used;
  for (const SnapshotSpan& span : block.spans) pieces.push_back({span.offset, span.size});
  std::ranges::sort(pieces, {}, &SnapshotRange::offset);
  std::vector<SnapshotRange> joined;
  for (const SnapshotRange& piece : pieces) {
    if (joined.empty() || piece.offset > joined.back().offset + joined.back().size) {
      joined.push_back(piece);
    } else {
      const Offset end = std::max(joined.back().offset + joined.back().size, piece.offset + piece.size);
      joined.back().size = end - joined.back().offset;
    }
  }
  return joined;
}

// Closes the smallest gaps between used ranges until there are at most `ranges`, or one a block.
void bound_used(std::vector<SnapshotBlock>& blocks, std::size_t ranges) {
  std::vector<Bytes> gaps;
  std::size_t used_blocks = 0;
  const auto gap_before = [](const SnapshotBlock& block, std::size_t i) {
    return block.used[i].offset - (block.used[i - 1].offset + block.used[i - 1].size);
  };
  for (const SnapshotBlock& block : blocks) {
    if (!block.used.empty()) ++used_blocks;
    for (std::size_t i = 1; i < block.used.size(); ++i) gaps.push_back(gap_before(block, i));
  }
  Threshold open = largest(std::move(gaps), ranges - std::min(ranges, used_blocks));
  for (SnapshotBlock& block : blocks) {
    std::vector<SnapshotRange> kept;
    for (std::size_t i = 0; i < block.used.size(); ++i) {
      const SnapshotRange& range = block.used[i];
      if (i == 0 || open.keep(gap_before(block, i))) {
        kept.push_back(range);
      } else {
        kept.back().size = range.offset + range.size - kept.back().offset;
      }
    }
    block.used = std::move(kept);
  }
}

}  // namespace

std::size_t snapshot_rows(const Snapshot& snapshot) {
  std::size_t rows = 0;
  for (const SnapshotBlock& block : snapshot.blocks) rows += kRowsOfABlock + block.spans.size();
  return rows;
}

void bound_snapshot(Snapshot& snapshot, std::size_t rows) {
  if (snapshot_rows(snapshot) <= rows) return;
  // A block is worth showing with a span at least.
  std::vector<Bytes> sizes;
  for (const SnapshotBlock& block : snapshot.blocks) sizes.push_back(block.size_bytes);
  Threshold blocks = largest(std::move(sizes), rows / (kRowsOfABlock + 1));
  std::erase_if(snapshot.blocks, [&](const SnapshotBlock& block) {
    if (blocks.keep(block.size_bytes)) return false;
    ++snapshot.blocks_dropped;
    snapshot.spans_dropped += block.spans.size();
    return true;
  });

  sizes = {};
  for (const SnapshotBlock& block : snapshot.blocks) {
    for (const SnapshotSpan& span : block.spans) sizes.push_back(span.size);
  }
  Threshold spans = largest(std::move(sizes), rows - kRowsOfABlock * snapshot.blocks.size());
  for (SnapshotBlock& block : snapshot.blocks) {
    std::vector<SnapshotRange> used = covered(block);
    const std::size_t dropped =
        std::erase_if(block.spans, [&](const SnapshotSpan& span) { return !spans.keep(span.size); });
    snapshot.spans_dropped += dropped;
    if (dropped != 0) block.used = std::move(used);
  }
  bound_used(snapshot.blocks, rows / 2);
}

void bound_snapshots(std::vector<Snapshot>& snapshots, std::size_t rows) {
  std::vector<std::size_t> order(snapshots.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return snapshot_rows(snapshots[a]) < snapshot_rows(snapshots[b]);
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    Snapshot& snapshot = snapshots[order[i]];
    bound_snapshot(snapshot, rows / (order.size() - i));
    rows -= snapshot_rows(snapshot);
  }
}

}  // namespace vkmembench
