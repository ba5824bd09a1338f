#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "reports/account/memory_account_state.h"
#include "reports/account/snapshot_bound.h"
#include "reports/model/summary.h"

namespace vkmembench {
namespace {

constexpr std::array<const char*, kPlaceableSizes.size()> kPlaceableNames = {"64 KiB", "1 MiB", "8 MiB", "64 MiB"};

// numerator / denominator, or null with the reason why there is nothing to divide by.
void add_ratio(Run& run, const char* id, Bytes numerator, Bytes denominator, const char* reason,
               const MetricScope& scope = {}) {
  if (denominator == 0) {
    add_null_metric(run, id, reason, scope);
  } else {
    add_metric(run, id, static_cast<double>(numerator) / static_cast<double>(denominator), scope);
  }
}

// (whole - part) / whole; negative when the part is the larger one.
void add_excess_ratio(Run& run, const char* id, Bytes whole, Bytes part, const char* reason) {
  if (whole == 0) {
    add_null_metric(run, id, reason);
  } else {
    add_metric(run, id, (static_cast<double>(whole) - static_cast<double>(part)) / static_cast<double>(whole));
  }
}

void add_signed(Run& run, const char* id, std::int64_t value, std::uint64_t n) {
  if (value < 0) {
    add_metric(run, id, static_cast<double>(value), {}, n);
  } else {
    add_metric(run, id, static_cast<std::uint64_t>(value), {}, n);
  }
}

constexpr const char* kNoFrames = "the run has no frame";
constexpr const char* kNotEnded = "the run did not reach its end";

}  // namespace

void MemoryAccount::capture_peak() {
  State& s = *state_;
  VKMEMBENCH_CHECK(!s.at_peak, "the peak is captured once");
  s.at_peak = State::PeakState{};
  State::PeakState& peak = *s.at_peak;
  peak.held = s.held;
  peak.held.charged = s.charged.now;
  peak.fragmentation = s.fragmentation();

  std::vector<StatisticsRow> types(s.free_of_type.size());
  peak.heaps.resize(s.heap_reserved.size());
  peak.pools.resize(s.pools.size());
  for (std::size_t i = 0; i < types.size(); ++i) types[i].name = std::to_string(i);
  for (std::size_t i = 0; i < peak.heaps.size(); ++i) {
    peak.heaps[i].name = std::to_string(i);
    peak.heaps[i].budget_bytes = s.heap_budget[i];
  }
  for (std::size_t i = 0; i < peak.pools.size(); ++i) peak.pools[i].name = s.pools[i].name;

  for (const State::Block& block : s.blocks) {
    if (block.memory == VK_NULL_HANDLE) continue;
    StatisticsRow row;
    block.coverage.for_each_free([&](Offset, Bytes size) {
      ++row.unused_range_count;
      row.unused_range_bytes_max = std::max(row.unused_range_bytes_max, size);
    });
    for (StatisticsRow* total : {&types[block.memory_type], &peak.heaps[s.heap_of(block.memory_type)],
                                 block.pool ? &peak.pools[*block.pool] : nullptr}) {
      if (total == nullptr) continue;
      ++total->block_count;
      total->allocation_count += block.live;
      total->block_bytes += block.size;
      total->allocation_bytes += block.charged;
      total->unused_range_count += row.unused_range_count;
      total->unused_range_bytes_max = std::max(total->unused_range_bytes_max, row.unused_range_bytes_max);
    }
  }
  std::copy_if(types.begin(), types.end(), std::back_inserter(peak.types),
               [](const StatisticsRow& row) { return row.block_count > 0; });
  // The nameless pool stands for "no pool": a row of its own only beside named ones.
  if (s.pools.size() == 1) {
    peak.pools.clear();
  } else if (peak.pools.front().block_count == 0) {
    peak.pools.erase(peak.pools.begin());
  } else {
    peak.pools.front().name = "default";
  }
}

void MemoryAccount::State::finish_mem(Run& run, const std::string& left_out) const {
  add_metric(run, "mem.requested_peak_bytes", load_requested.peak);
  add_metric(run, "mem.required_peak_bytes", load_required.peak);
  add_metric(run, "mem.pending_free_peak_bytes", pending.peak);
  add_metric(run, "mem.charged_peak_bytes", charged.peak);
  add_metric(run, "mem.reserved_peak_bytes", reserved.peak);
  if (at_end) {
    add_metric(run, "mem.reserved_end_bytes", at_end->first);
  } else {
    add_null_metric(run, "mem.reserved_end_bytes", kNotEnded);
  }
  if (reserved.peak == 0 && load_required.peak != 0 && left_out.empty()) {
    add_null_metric(run, "mem.reserved_over_live_ratio", "the strategy holds no memory");
  } else if (left_out.empty()) {
    add_ratio(run, "mem.reserved_over_live_ratio", reserved.peak, load_required.peak, "the trace holds no memory");
  } else {
    add_ratio(run, "mem.reserved_over_live_ratio", reserved.peak, served_peak, "no memory was served");
    run.metrics.back().note = left_out;
  }
  for (const SnapshotRatio& ratio : snapshot_ratios) {
    add_ratio(run, "mem.reserved_over_live_at_ratio", ratio.reserved, ratio.required, "nothing is live then",
              {"label", ratio.label});
  }
  if (frames.count > 0) {
    add_signed(run, "mem.waste_byte_frames", frames.waste, frames.count);
  } else {
    add_null_metric(run, "mem.waste_byte_frames", kNoFrames);
  }
  if (at_end) {
    add_ratio(run, "mem.retention_ratio", at_end->first, reserved.peak, "nothing was reserved");
    add_metric(run, "mem.stranded_bytes.worst", std::max(frames.stranded_worst, at_end->second));
    add_metric(run, "mem.stranded_bytes.end", at_end->second);
  } else {
    for (const char* id : {"mem.retention_ratio", "mem.stranded_bytes.worst", "mem.stranded_bytes.end"}) {
      add_null_metric(run, id, kNotEnded);
    }
  }
}

void MemoryAccount::State::finish_frag(Run& run) const {
  if (at_peak && reserved.peak > 0) {
    const Sums& at = at_peak->held;
    const Fragmentation& free = at_peak->fragmentation;
    add_excess_ratio(run, "frag.internal_ratio", at.charged, at.required, "nothing was live at peak reserve");
    add_excess_ratio(run, "frag.driver_padding_ratio", at.required, at.requested, "nothing was live at peak reserve");
    add_metric(run, "frag.external_ratio", free.external);
    add_metric(run, "frag.rss_ratio", free.rss);
    for (std::size_t i = 0; i < kPlaceableSizes.size(); ++i) {
      add_ratio(run, "frag.placeability_ratio", free.placeable[i], free.free, "no free bytes at peak reserve",
                {"size", kPlaceableNames[i]});
    }
  } else {
    const char* reason = reserved.peak == 0 ? "nothing was reserved" : "the state at peak reserve was not captured";
    for (const char* id :
         {"frag.internal_ratio", "frag.driver_padding_ratio", "frag.external_ratio", "frag.rss_ratio"}) {
      add_null_metric(run, id, reason);
    }
    for (const char* size : kPlaceableNames) add_null_metric(run, "frag.placeability_ratio", reason, {"size", size});
  }
  if (frames.count > 0 && reserved.peak > 0) {
    add_metric(run, "frag.external_ratio.mean", frames.external_sum / static_cast<double>(frames.count), {},
               frames.count);
    add_metric(run, "frag.external_ratio.max", frames.external_max, {}, frames.count);
  } else {
    const char* reason = frames.count == 0 ? kNoFrames : "nothing was reserved";
    add_null_metric(run, "frag.external_ratio.mean", reason);
    add_null_metric(run, "frag.external_ratio.max", reason);
  }
}

void MemoryAccount::State::finish_blocks(Run& run) {
  take_block_peaks();
  add_metric(run, "block.count_peak", std::uint64_t{shared_peak});
  add_metric(run, "dedicated.count_peak", std::uint64_t{dedicated_peak});
  add_metric(run, "dedicated.bytes_peak", dedicated_bytes_peak);
  if (pools.size() > 1) {
    for (const Pool& pool : pools) {
      if (pool.name.empty() && pool.reserved.peak == 0) continue;
      const MetricScope scope = {"pool", pool.name.empty() ? "default" : pool.name};
      add_metric(run, "pool.reserved_peak_bytes", pool.reserved.peak, scope);
      add_metric(run, "pool.live_peak_bytes", pool.live.peak, scope);
    }
  }
  add_metric(run, "fallback.count", fallback_count);
  add_metric(run, "fallback.bytes", fallback_bytes);
  add_ratio(run, "placement.preferred_ratio", preferred_bytes, placed_bytes, "nothing was placed");
}

void MemoryAccount::State::finish_budget(Run& run) const {
  if (frames.count == 0) {
    for (const char* id : {"budget.over_frames_count", "budget.over_max_bytes", "budget.over_byte_frames"}) {
      add_null_metric(run, id, kNoFrames);
    }
    return;
  }
  add_metric(run, "budget.over_frames_count", frames.over_count, {}, frames.count);
  add_metric(run, "budget.over_max_bytes", frames.over_max, {}, frames.count);
  add_metric(run, "budget.over_byte_frames", frames.over_sum, {}, frames.count);
}

void MemoryAccount::finish(Run& run, const std::string& left_out) {
  State& s = *state_;
  s.finish_mem(run, left_out);
  s.finish_frag(run);
  s.finish_blocks(run);
  s.finish_budget(run);
  if (s.at_peak) {
    run.heaps = s.at_peak->heaps;
    run.types = s.at_peak->types;
    run.pools = s.at_peak->pools;
  }
  run.series = s.series.series();
  bound_snapshots(s.snapshots, s.options.snapshot_rows);
  run.snapshots = std::move(s.snapshots);
}

}  // namespace vkmembench
