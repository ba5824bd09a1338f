#include "reports/account/memory_account.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "allocator/base/check.h"
#include "reports/account/memory_account_state.h"
#include "reports/account/snapshot_bound.h"

namespace vkmembench {

MemoryAccount::State::State(const DeviceInfo& of_device, Options of_run)
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

MemoryAccount::MemoryAccount(const DeviceInfo& device, Options options)
    : state_(std::make_unique<State>(device, std::move(options))) {}
MemoryAccount::~MemoryAccount() = default;

Bytes MemoryAccount::reserved() const { return state_->reserved.now; }

void MemoryAccount::load_added(Bytes requested, Bytes required) {
  state_->load_requested.add(requested);
  state_->load_required.add(required);
}

void MemoryAccount::load_removed(Bytes requested, Bytes required) {
  state_->load_requested.remove(requested);
  state_->load_required.remove(required);
}

void MemoryAccount::free_pending(Bytes requested) { state_->pending.add(requested); }
void MemoryAccount::free_completed(Bytes requested) { state_->pending.remove(requested); }

void MemoryAccount::State::count_block(const Block& block, bool add) {
  const std::uint32_t one = add ? 1 : ~std::uint32_t{0};
  if (!block.dedicated) {
    shared_count += one;
    return;
  }
  dedicated_count += one;
  dedicated_bytes += add ? block.size : ~block.size + 1;
}

void MemoryAccount::State::take_block_peaks() {
  shared_peak = std::max(shared_peak, shared_count);
  dedicated_peak = std::max(dedicated_peak, dedicated_count);
  dedicated_bytes_peak = std::max(dedicated_bytes_peak, dedicated_bytes);
}

void MemoryAccount::block_added(VkDeviceMemory memory, Bytes size, std::uint32_t memory_type, bool dedicated) {
  State& s = *state_;
  VKMEMBENCH_CHECK(memory != VK_NULL_HANDLE && size > 0, "a block is device memory with a size");
  VKMEMBENCH_CHECK(memory_type < s.free_of_type.size(), "a block is of one of the device's memory types");
  const bool reuse = !s.unused_slots.empty();
  const std::uint32_t slot = reuse ? s.unused_slots.back() : static_cast<std::uint32_t>(s.blocks.size());
  VKMEMBENCH_CHECK(s.slot_of.emplace(memory, slot).second, "a block is added once");
  State::Block block(size, s.free_of_type[memory_type]);
  block.memory = memory;
  block.id = s.next_block_id++;
  block.size = size;
  block.memory_type = memory_type;
  block.dedicated = dedicated;
  s.count_block(block, true);
  if (reuse) {
    s.unused_slots.pop_back();
    s.blocks[slot] = std::move(block);
  } else {
    s.blocks.push_back(std::move(block));
  }
  s.reserved.add(size);
  s.stranded += size;
  s.heap_reserved[s.heap_of(memory_type)] += size;
}

void MemoryAccount::block_removed(VkDeviceMemory memory) {
  State& s = *state_;
  const auto found = s.slot_of.find(memory);
  VKMEMBENCH_CHECK(found != s.slot_of.end(), "only a live block is removed");
  const std::uint32_t slot = found->second;
  s.slot_of.erase(found);
  State::Block& block = s.blocks[slot];
  s.take_block_peaks();
  s.count_block(block, false);
  block.coverage.withdraw(s.free_of_type[block.memory_type]);
  block.memory = VK_NULL_HANDLE;
  s.reserved.remove(block.size);
  s.heap_reserved[s.heap_of(block.memory_type)] -= block.size;
  if (block.pool) s.pools[*block.pool].reserved.remove(block.size);
  if (block.live > 0) return;  // the slot stays until its last object is removed
  s.stranded -= block.size;
  s.unused_slots.push_back(slot);
}

void MemoryAccount::State::put_into_pool(Block& block, std::size_t pool) {
  if (block.pool == pool) return;
  if (block.pool) pools[*block.pool].reserved.remove(block.size);
  block.pool = pool;
  pools[pool].reserved.add(block.size);
}

void MemoryAccount::State::place(std::uint32_t object, const PlacedObject& placement) {
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

void MemoryAccount::placed(std::uint32_t object, const PlacedObject& placement) {
  State& s = *state_;
  s.place(object, placement);
  if (placement.memory == VK_NULL_HANDLE || placement.alias) return;
  s.placed_bytes += placement.required;
  if (!placement.fallback && !placement.unmet) s.preferred_bytes += placement.required;
  if (!placement.fallback) return;
  ++s.fallback_count;
  s.fallback_bytes += placement.required;
}

void MemoryAccount::removed(std::uint32_t object) {
  State& s = *state_;
  const auto found = s.objects.find(object);
  VKMEMBENCH_CHECK(found != s.objects.end(), "only a placed object is removed");
  const State::Placed placed = found->second;
  s.objects.erase(found);
  if (!s.has_memory(placed)) return;

  State::Block& block = s.blocks[placed.slot];
  const bool is_live = block.memory != VK_NULL_HANDLE;
  if (is_live) block.coverage.uncover(placed.begin, placed.end, s.free_of_type[block.memory_type]);
  if (--block.live == 0) {
    if (is_live) {
      s.stranded += block.size;
    } else {
      s.unused_slots.push_back(placed.slot);
    }
  }
  if (placed.object.alias) return;
  block.charged -= placed.object.charged;
  s.held.requested -= placed.object.requested;
  s.held.required -= placed.object.required;
  s.charged.remove(placed.object.charged);
  s.pools[s.pool_of(placed.object.pool)].live.remove(placed.object.required);
}

void MemoryAccount::moved(std::uint32_t object, const PlacedObject& placement) {
  removed(object);
  state_->place(object, placement);
}

void MemoryAccount::budget_changed(std::uint32_t heap, Bytes bytes) {
  VKMEMBENCH_CHECK(heap < state_->heap_budget.size(), "a budget is of one of the device's heaps");
  state_->heap_budget[heap] = bytes;
}

double MemoryAccount::State::external_fragmentation() const {
  // The mean of 1 - largest / free over memory types, weighted by free, is 1 - sum of largest / sum of free.
  Bytes free = 0;
  Bytes largest = 0;
  for (const FreeRangeSums& sums : free_of_type) {
    free += sums.total();
    largest += sums.largest();
  }
  return free == 0 ? 0.0 : static_cast<double>(free - largest) / static_cast<double>(free);
}

MemoryAccount::State::Fragmentation MemoryAccount::State::fragmentation() const {
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

void MemoryAccount::frame_ended(std::uint64_t frame, std::uint64_t frame_ns) {
  State& s = *state_;
  State::FrameSums& sums = s.frames;
  const double external = s.external_fragmentation();
  ++sums.count;
  sums.waste += static_cast<std::int64_t>(s.reserved.now) - static_cast<std::int64_t>(s.held.required);
  sums.external_sum += external;
  sums.external_max = std::max(sums.external_max, external);
  sums.stranded_worst = std::max(sums.stranded_worst, s.stranded);

  s.sample = {static_cast<double>(s.reserved.now),   static_cast<double>(s.load_required.now),
              static_cast<double>(s.charged.now),    std::round(external * 1e6) / 1e6,
              static_cast<double>(s.objects.size()), static_cast<double>(frame_ns)};
  Bytes over = 0;
  for (std::size_t heap = 0; heap < s.heap_reserved.size(); ++heap) {
    over += s.heap_reserved[heap] - std::min(s.heap_reserved[heap], s.heap_budget[heap]);
    s.sample.push_back(static_cast<double>(s.heap_reserved[heap]));
    s.sample.push_back(static_cast<double>(s.heap_budget[heap]));
  }
  s.series.sample(frame, s.sample);
  if (over == 0) return;
  ++sums.over_count;
  sums.over_max = std::max(sums.over_max, over);
  sums.over_sum += over;
}

Snapshot MemoryAccount::State::memory_map() const {
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

void MemoryAccount::snapshot(const std::string& label, std::uint64_t frame) {
  State& s = *state_;
  // A scope names one value: an empty label gets a name and a repeated one a number.
  const std::string name = label.empty() ? "snapshot" : label;
  std::string distinct = name;
  const auto is_taken = [&] {
    return std::any_of(s.snapshot_ratios.begin(), s.snapshot_ratios.end(),
                       [&](const State::SnapshotRatio& ratio) { return ratio.label == distinct; });
  };
  for (std::uint64_t n = 2; is_taken(); ++n) distinct = name + "#" + std::to_string(n);
  s.snapshot_ratios.push_back({distinct, s.reserved.now, s.held.required});
  if (!s.options.keep_snapshots) return;
  Snapshot map = s.memory_map();
  map.label = distinct;
  map.frame = frame;
  bound_snapshot(map, s.options.snapshot_rows);
  s.snapshots.push_back(std::move(map));
}

void MemoryAccount::ended() { state_->at_end = {state_->reserved.now, state_->stranded}; }

}  // namespace vkmembench
