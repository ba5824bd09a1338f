#include "reports/account/memory_account_state.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace vkmembench {

AccountState::AccountState(const DeviceInfo& of_device, MemoryAccount::Options of_run)
    : device(of_device),
      options(std::move(of_run)),
      free_of_type(device.memory.memoryTypeCount),
      heap_reserved(device.memory.memoryHeapCount),
      pools(1),
      series(options.series_points) {
  for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap)
    heap_budget.push_back(usable_budget(device.budgets[heap], device.memory.memoryHeaps[heap].size));
  for (const std::string& name : options.pool_names) {
    const auto same = std::find_if(pools.begin(), pools.end(), [&](const Pool& pool) { return pool.name == name; });
    pool_index.push_back(static_cast<std::size_t>(same - pools.begin()));
    if (same == pools.end()) pools.push_back({name, {}, {}});
  }
  for (const char* id : {"mem.reserved_bytes", "mem.required_bytes", "mem.charged_bytes", "frag.external_ratio",
                         "alloc.live_count", "time.frame_ns"}) {
    series.add_column(id);
  }
  for (std::size_t heap = 0; heap < heap_reserved.size(); ++heap) {
    series.add_column("heap." + std::to_string(heap) + ".reserved_bytes");
    series.add_column("heap." + std::to_string(heap) + ".budget_bytes");
  }
}

void AccountState::count_block(const Block& block, bool add) {
  const std::uint32_t one = add ? 1 : ~std::uint32_t{0};
  if (!block.dedicated) {
    shared_count += one;
    return;
  }
  dedicated_count += one;
  dedicated_bytes += add ? block.size : ~block.size + 1;
}

void AccountState::take_block_peaks() {
  shared_peak = std::max(shared_peak, shared_count);
  dedicated_peak = std::max(dedicated_peak, dedicated_count);
  dedicated_bytes_peak = std::max(dedicated_bytes_peak, dedicated_bytes);
}

void AccountState::put_into_pool(Block& block, std::size_t pool) {
  if (block.pool == pool) return;
  if (block.pool) pools[*block.pool].reserved.remove(block.size);
  block.pool = pool;
  pools[pool].reserved.add(block.size);
}

void AccountState::place(std::uint32_t object, const PlacedObject& placement) {
  const auto [entry, is_new] = objects.try_emplace(object);
  VKMEMBENCH_CHECK(is_new, "an object is placed once");
  Placed& placed = entry->second;
  placed.object = placement;
  if (!has_memory(placed)) return;

  const auto found = slot_of.find(placement.memory);
  VKMEMBENCH_CHECK(found != slot_of.end(), "an object is placed in a live block");
  placed.slot = found->second;
  Block& block = blocks[placed.slot];
  placed.begin = std::min(placement.offset, block.size);
  placed.end = placed.begin + std::min(placement.charged, block.size - placed.begin);
  if (placement.dedicated && !block.dedicated) {
    count_block(block, false);
    block.dedicated = true;
    count_block(block, true);
  }
  const std::size_t pool = pool_of(placement.pool);
  if (block.live == 0) {
    stranded -= block.size;
    put_into_pool(block, pool);
  }
  ++block.live;
  block.coverage.cover(placed.begin, placed.end, free_of_type[block.memory_type]);
  if (placement.alias) return;
  block.charged += placement.charged;
  held.requested += placement.requested;
  held.required += placement.required;
  served_peak = std::max(served_peak, held.required);
  charged.add(placement.charged);
  pools[pool].live.add(placement.required);
}

double AccountState::external_fragmentation() const {
  // The mean of 1 - largest / free over memory types, weighted by free, is 1 - sum of largest / sum of free.
  Bytes free = 0;
  Bytes largest = 0;
  for (const FreeRangeSums& sums : free_of_type) {
    free += sums.total();
    largest += sums.largest();
  }
  return free == 0 ? 0.0 : static_cast<double>(free - largest) / static_cast<double>(free);
}

AccountState::Fragmentation AccountState::fragmentation() const {
  Fragmentation result;
  FreeRangeSums::Squares squares = 0;
  for (const FreeRangeSums& sums : free_of_type) {
    result.free += sums.total();
    squares += sums.squares();
    for (std::size_t i = 0; i < kPlaceableSizes.size(); ++i) result.placeable[i] += sums.placeable(i);
  }
  result.external = external_fragmentation();
  if (result.free > 0) {
    result.rss = std::max(0.0, 1.0 - std::sqrt(static_cast<double>(squares)) / static_cast<double>(result.free));
  }
  return result;
}

Snapshot AccountState::memory_map() const {
  struct Row {
    std::uint32_t object;
    const Placed* placed;
  };
  std::vector<std::vector<Row>> rows(blocks.size());
  for (const auto& [object, placed] : objects) {
    if (has_memory(placed)) rows[placed.slot].push_back({object, &placed});
  }
  Snapshot map;
  for (std::size_t slot = 0; slot < blocks.size(); ++slot) {
    const Block& block = blocks[slot];
    if (block.memory == VK_NULL_HANDLE) continue;
    std::sort(rows[slot].begin(), rows[slot].end(), [](const Row& a, const Row& b) {
      return std::tie(a.placed->begin, a.object) < std::tie(b.placed->begin, b.object);
    });
    SnapshotBlock& out = map.blocks.emplace_back();
    out.id = block.id;
    out.heap = heap_of(block.memory_type);
    out.type = block.memory_type;
    if (block.pool) out.pool = pools[*block.pool].name;
    out.size_bytes = block.size;
    map.blocks_total_bytes += block.size;
    for (const Row& row : rows[slot]) {
      const PlacedObject& object = row.placed->object;
      out.spans.push_back({row.placed->begin, row.placed->end - row.placed->begin, object.image ? "image" : "buffer",
                           object.tag, object.created_frame});
      map.spans_total_bytes += out.spans.back().size;
    }
  }
  std::sort(map.blocks.begin(), map.blocks.end(),
            [](const SnapshotBlock& a, const SnapshotBlock& b) { return a.id < b.id; });
  return map;
}

}  // namespace vkmembench
