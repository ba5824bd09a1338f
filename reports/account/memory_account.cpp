#include "reports/account/memory_account.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "allocator/base/check.h"
#include "reports/account/memory_account_state.h"
#include "reports/account/snapshot_bound.h"

namespace vkmembench {

MemoryAccount::MemoryAccount(const DeviceInfo& device, Options options)
    : state_(std::make_unique<AccountState>(device, std::move(options))) {}
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

void MemoryAccount::block_added(VkDeviceMemory memory, Bytes size, std::uint32_t memory_type, bool dedicated) {
  AccountState& s = *state_;
  VKMEMBENCH_CHECK(memory != VK_NULL_HANDLE && size > 0, "a block is device memory with a size");
  VKMEMBENCH_CHECK(memory_type < s.free_of_type.size(), "a block is of one of the device's memory types");
  const bool reuse = !s.unused_slots.empty();
  const std::uint32_t slot = reuse ? s.unused_slots.back() : static_cast<std::uint32_t>(s.blocks.size());
  VKMEMBENCH_CHECK(s.slot_of.emplace(memory, slot).second, "a block is added once");
  AccountState::Block block(size, s.free_of_type[memory_type]);
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
  AccountState& s = *state_;
  const auto found = s.slot_of.find(memory);
  VKMEMBENCH_CHECK(found != s.slot_of.end(), "only a live block is removed");
  const std::uint32_t slot = found->second;
  s.slot_of.erase(found);
  AccountState::Block& block = s.blocks[slot];
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

void MemoryAccount::placed(std::uint32_t object, const PlacedObject& placement) {
  AccountState& s = *state_;
  s.place(object, placement);
  if (placement.memory == VK_NULL_HANDLE || placement.alias) return;
  s.placed_bytes += placement.required;
  if (!placement.fallback && !placement.unmet) s.preferred_bytes += placement.required;
  if (!placement.fallback) return;
  ++s.fallback_count;
  s.fallback_bytes += placement.required;
}

void MemoryAccount::removed(std::uint32_t object) {
  AccountState& s = *state_;
  const auto found = s.objects.find(object);
  VKMEMBENCH_CHECK(found != s.objects.end(), "only a placed object is removed");
  const AccountState::Placed placed = found->second;
  s.objects.erase(found);
  if (!s.has_memory(placed)) return;

  AccountState::Block& block = s.blocks[placed.slot];
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

void MemoryAccount::frame_ended(std::uint64_t frame, std::uint64_t frame_ns) {
  AccountState& s = *state_;
  AccountState::FrameSums& sums = s.frames;
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

void MemoryAccount::snapshot(const std::string& label, std::uint64_t frame) {
  AccountState& s = *state_;
  // A scope names one value: an empty label gets a name and a repeated one a number.
  const std::string name = label.empty() ? "snapshot" : label;
  std::string distinct = name;
  const auto is_taken = [&] {
    return std::any_of(s.snapshot_ratios.begin(), s.snapshot_ratios.end(),
                       [&](const AccountState::SnapshotRatio& ratio) { return ratio.label == distinct; });
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

void MemoryAccount::capture_peak() { vkmembench::capture_peak(*state_); }
void MemoryAccount::finish(Run& run, const std::string& left_out) { vkmembench::finish(*state_, run, left_out); }

}  // namespace vkmembench
