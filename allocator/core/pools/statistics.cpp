#include "allocator/core/pools/statistics.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

CountsChange change(std::string name, const MemoryCounts& before, const MemoryCounts& after) {
  const auto minus = [](std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a - b); };
  return {std::move(name), minus(after.block_count, before.block_count),
          minus(after.allocation_count, before.allocation_count), minus(after.block_bytes, before.block_bytes),
          minus(after.allocation_bytes, before.allocation_bytes)};
}

bool is_change(const CountsChange& c) {
  return c.block_count != 0 || c.allocation_count != 0 || c.block_bytes != 0 || c.allocation_bytes != 0;
}

double mebibytes(Bytes bytes) { return static_cast<double>(bytes) / static_cast<double>(kMiB); }

std::string row(const std::string& name, const MemoryCounts& counts, Bytes peak) {
  char text[160];
  const double fill = counts.block_bytes == 0 ? 0.0
                                              : 100.0 * static_cast<double>(counts.allocation_bytes) /
                                                    static_cast<double>(counts.block_bytes);
  std::snprintf(text, sizeof text, "%-28s %7" PRIu64 " %9" PRIu64 " %12.2f %12.2f %6.1f %12.2f\n", name.c_str(),
                counts.block_count, counts.allocation_count, mebibytes(counts.block_bytes),
                mebibytes(counts.allocation_bytes), fill, mebibytes(peak));
  return text;
}

}  // namespace

MemoryCounts& MemoryCounts::operator+=(const MemoryCounts& other) {
  block_count += other.block_count;
  dedicated_count += other.dedicated_count;
  allocation_count += other.allocation_count;
  block_bytes += other.block_bytes;
  allocation_bytes += other.allocation_bytes;
  required_bytes += other.required_bytes;
  empty_bytes += other.empty_bytes;
  return *this;
}

Statistics empty_statistics(const DeviceInfo& device, const MemoryBudget& budget) {
  Statistics statistics;
  statistics.heaps.resize(device.memory.memoryHeapCount);
  statistics.types.resize(device.memory.memoryTypeCount);
  for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap) {
    statistics.heaps[heap].peak_block_bytes = budget.peak(heap);
    statistics.heaps[heap].reserved_bytes = budget.reserved(heap);
    statistics.heaps[heap].budget_bytes = budget.budget(heap);
  }
  return statistics;
}

std::string to_table(const Statistics& statistics) {
  char header[160];
  std::snprintf(header, sizeof header, "%-28s %7s %9s %12s %12s %6s %12s\n", "", "blocks", "allocs", "block MiB",
                "alloc MiB", "fill %", "peak MiB");
  std::string table = header;
  for (std::size_t heap = 0; heap < statistics.heaps.size(); ++heap)
    table += row("heap " + std::to_string(heap), statistics.heaps[heap].now, statistics.heaps[heap].peak_block_bytes);
  for (const PoolSnapshot& pool : statistics.pools)
    if (pool.peak_block_bytes != 0) table += row(pool.name, pool.now, pool.peak_block_bytes);
  return table;
}

StatisticsChange difference(const Statistics& before, const Statistics& after) {
  StatisticsChange result;
  result.total = change("total", before.total, after.total);
  for (std::size_t pool = 0; pool < after.pools.size(); ++pool) {
    const MemoryCounts was = pool < before.pools.size() ? before.pools[pool].now : MemoryCounts{};
    CountsChange changed = change(after.pools[pool].name, was, after.pools[pool].now);
    if (is_change(changed)) result.pools.push_back(std::move(changed));
  }
  return result;
}

bool older(const LiveAllocation& a, const LiveAllocation& b) {
  return a.age_frames != b.age_frames ? a.age_frames > b.age_frames : a.resource < b.resource;
}

std::string to_text(const LiveAllocation& live) {
  std::string text = live.tag.empty() ? "" : live.tag + ": ";
  text += live.image ? "image" : "buffer";
  char separator = ' ';
  for (const FlagName& usage : buffer_usage_names()) {
    if ((live.usage & usage.bit) == 0) continue;
    text += separator;
    text += usage.name;
    separator = '+';
  }
  char rest[96];
  std::snprintf(rest, sizeof rest, ", user %" PRIu64 ", %" PRIu64 " bytes, %" PRIu32 " frames old", live.user,
                live.size, live.age_frames);
  text += rest;
  if (live.origin.file == nullptr) return text;
  return text + ", asked for at " + live.origin.file + ':' + std::to_string(live.origin.line);
}

void FreeRanges::add(Bytes size) {
  ++count;
  bytes += size;
  largest = std::max(largest, size);
  sum_of_squares += static_cast<double>(size) * static_cast<double>(size);
}

double FreeRanges::external_ratio() const {
  return bytes == 0 ? 0.0 : 1.0 - static_cast<double>(largest) / static_cast<double>(bytes);
}

}  // namespace vkmembench
