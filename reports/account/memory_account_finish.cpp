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

void finish_mem(const AccountState& s, Run& run, const std::string& left_out) {
  add_metric(run, "mem.requested_peak_bytes", s.load_requested.peak);
  add_metric(run, "mem.required_peak_bytes", s.load_required.peak);
  add_metric(run, "mem.pending_free_peak_bytes", s.pending.peak);
  add_metric(run, "mem.charged_peak_bytes", s.charged.peak);
  add_metric(run, "mem.reserved_peak_bytes", s.reserved.peak);
  if (s.at_end) {
    add_metric(run, "mem.reserved_end_bytes", s.at_end->first);
  } else {
    add_null_metric(run, "mem.reserved_end_bytes", kNotEnded);
  }
  if (s.reserved.peak == 0 && s.load_required.peak != 0 && left_out.empty()) {
    add_null_metric(run, "mem.reserved_over_live_ratio", "the strategy holds no memory");
  } else if (left_out.empty()) {
    add_ratio(run, "mem.reserved_over_live_ratio", s.reserved.peak, s.load_required.peak, "the trace holds no memory");
  } else {
    add_ratio(run, "mem.reserved_over_live_ratio", s.reserved.peak, s.served_peak, "no memory was served");
    run.metrics.back().note = left_out;
  }
  for (const AccountState::SnapshotRatio& ratio : s.snapshot_ratios) {
    add_ratio(run, "mem.reserved_over_live_at_ratio", ratio.reserved, ratio.required, "nothing is live then",
              {"label", ratio.label});
  }
  if (s.frames.count > 0) {
    add_signed(run, "mem.waste_byte_frames", s.frames.waste, s.frames.count);
  } else {
    add_null_metric(run, "mem.waste_byte_frames", kNoFrames);
  }
  if (s.at_end) {
    add_ratio(run, "mem.retention_ratio", s.at_end->first, s.reserved.peak, "nothing was reserved");
    add_metric(run, "mem.stranded_bytes.worst", std::max(s.frames.stranded_worst, s.at_end->second));
    add_metric(run, "mem.stranded_bytes.end", s.at_end->second);
  } else {
    for (const char* id : {"mem.retention_ratio", "mem.stranded_bytes.worst", "mem.stranded_bytes.end"}) {
      add_null_metric(run, id, kNotEnded);
    }
  }
}

void finish_frag(const AccountState& s, Run& run) {
  if (s.at_peak && s.reserved.peak > 0) {
    const AccountState::Sums& at = s.at_peak->held;
    const AccountState::Fragmentation& free = s.at_peak->fragmentation;
    add_excess_ratio(run, "frag.internal_ratio", at.charged, at.required, "nothing was live at peak reserve");
    add_excess_ratio(run, "frag.driver_padding_ratio", at.required, at.requested, "nothing was live at peak reserve");
    add_metric(run, "frag.external_ratio", free.external);
    add_metric(run, "frag.rss_ratio", free.rss);
    for (std::size_t i = 0; i < kPlaceableSizes.size(); ++i) {
      add_ratio(run, "frag.placeability_ratio", free.placeable[i], free.free, "no free bytes at peak reserve",
                {"size", kPlaceableNames[i]});
    }
  } else {
    const char* reason = s.reserved.peak == 0 ? "nothing was reserved" : "the state at peak reserve was not captured";
    for (const char* id :
         {"frag.internal_ratio", "frag.driver_padding_ratio", "frag.external_ratio", "frag.rss_ratio"}) {
      add_null_metric(run, id, reason);
    }
    for (const char* size : kPlaceableNames) add_null_metric(run, "frag.placeability_ratio", reason, {"size", size});
  }
  if (s.frames.count > 0 && s.reserved.peak > 0) {
    add_metric(run, "frag.external_ratio.mean", s.frames.external_sum / static_cast<double>(s.frames.count), {},
               s.frames.count);
    add_metric(run, "frag.external_ratio.max", s.frames.external_max, {}, s.frames.count);
  } else {
    const char* reason = s.frames.count == 0 ? kNoFrames : "nothing was reserved";
    add_null_metric(run, "frag.external_ratio.mean", reason);
    add_null_metric(run, "frag.external_ratio.max", reason);
  }
}

void finish_blocks(AccountState& s, Run& run) {
  s.take_block_peaks();
  add_metric(run, "block.count_peak", std::uint64_t{s.shared_peak});
  add_metric(run, "dedicated.count_peak", std::uint64_t{s.dedicated_peak});
  add_metric(run, "dedicated.bytes_peak", s.dedicated_bytes_peak);
  if (s.pools.size() > 1) {
    for (const AccountState::Pool& pool : s.pools) {
      if (pool.name.empty() && pool.reserved.peak == 0) continue;
      const MetricScope scope = {"pool", pool.name.empty() ? "default" : pool.name};
      add_metric(run, "pool.reserved_peak_bytes", pool.reserved.peak, scope);
      add_metric(run, "pool.live_peak_bytes", pool.live.peak, scope);
    }
  }
  add_metric(run, "fallback.count", s.fallback_count);
  add_metric(run, "fallback.bytes", s.fallback_bytes);
  add_ratio(run, "placement.preferred_ratio", s.preferred_bytes, s.placed_bytes, "nothing was placed");
}

void finish_budget(const AccountState& s, Run& run) {
  if (s.frames.count == 0) {
    for (const char* id : {"budget.over_frames_count", "budget.over_max_bytes", "budget.over_byte_frames"}) {
      add_null_metric(run, id, kNoFrames);
    }
    return;
  }
  add_metric(run, "budget.over_frames_count", s.frames.over_count, {}, s.frames.count);
  add_metric(run, "budget.over_max_bytes", s.frames.over_max, {}, s.frames.count);
  add_metric(run, "budget.over_byte_frames", s.frames.over_sum, {}, s.frames.count);
}

}  // namespace

void capture_peak(AccountState& s) {
  VKMEMBENCH_CHECK(!s.at_peak, "the peak is captured once");
  s.at_peak = AccountState::PeakState{};
  AccountState::PeakState& peak = *s.at_peak;
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

  for (const AccountState::Block& block : s.blocks) {
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

void finish(AccountState& s, Run& run, const std::string& left_out) {
  finish_mem(s, run, left_out);
  finish_frag(s, run);
  finish_blocks(s, run);
  finish_budget(s, run);
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
