#include "allocator/core/pools/named_pools.h"

#include <algorithm>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "allocator/core/pools/block.h"

namespace vkmembench {
namespace {

Bytes largest_heap(const DeviceInfo& device) {
  Bytes largest = 0;
  for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap)
    largest = std::max(largest, device.memory.memoryHeaps[heap].size);
  return largest;
}

}  // namespace

NamedPools::Entry& NamedPools::entry(PoolId id) const {
  const auto index = static_cast<std::size_t>(id);
  VKMEMBENCH_CHECK(index < count_.load(std::memory_order_acquire), "a named pool is asked for by an id it was given");
  return *entries_[index];
}

PoolId NamedPools::add(const NamedPool& row, const DeviceInfo& device) {
  const auto refuse = [&row](const std::string& why) { throw Error("pool '" + std::string(row.name) + "': " + why); };
  if (row.name.empty()) throw Error("a named pool has no name; give it one");
  if (row.block_bytes == 0) refuse("blocks of 0 bytes hold nothing; give block_bytes");
  if (row.max_blocks == 0 || row.min_blocks > row.max_blocks)
    refuse("min_blocks " + std::to_string(row.min_blocks) + " to max_blocks " + std::to_string(row.max_blocks) +
           " is no range; let max_blocks be at least 1 and min_blocks");
  if (row.block_bytes > device.max_memory_allocation_size)
    refuse("blocks of " + std::to_string(row.block_bytes) +
           " bytes are above the device's maxMemoryAllocationSize of " +
           std::to_string(device.max_memory_allocation_size) + "; choose smaller blocks");
  if (row.block_bytes > largest_heap(device))
    refuse("blocks of " + std::to_string(row.block_bytes) + " bytes are above the device's largest heap of " +
           std::to_string(largest_heap(device)) + "; choose smaller blocks");
  const std::lock_guard lock(adding_);
  const std::size_t count = count_.load(std::memory_order_relaxed);
  if (count == kMost) refuse("there are " + std::to_string(kMost) + " named pools already; share one");
  for (std::size_t i = 0; i < count; ++i)
    if (entries_[i]->name == row.name) refuse("there is a pool of that name already; choose another");
  auto entry = make_pmr<Entry>(memory_, memory_);
  entry->name = row.name;
  entry->row = row;
  entry->row.name = entry->name;
  entries_[count] = std::move(entry);
  count_.store(count + 1, std::memory_order_release);
  return static_cast<PoolId>(count);
}

PoolId NamedPools::find(std::string_view name) const {
  const std::size_t count = count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i)
    if (entries_[i]->name == name) return static_cast<PoolId>(i);
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < count; ++i) names.emplace_back(entries_[i]->name);
  std::string message = "no pool '" + std::string(name) + "'" + did_you_mean(name, names);
  if (names.empty()) throw Error(message + "; there are no named pools, add it first");
  message += "; choose one of ";
  for (std::size_t i = 0; i < names.size(); ++i) message += (i == 0 ? "" : ", ") + std::string(names[i]);
  throw Error(message);
}

NamedPool fitted(const NamedPool& row, double scale, const DeviceInfo& device) {
  NamedPool scaled = row;
  const Bytes most = std::min(device.max_memory_allocation_size, largest_heap(device) / 8);
  const auto wanted = static_cast<Bytes>(static_cast<double>(row.block_bytes) * scale);
  scaled.block_bytes = std::max(align_up(wanted, kBlockStep), kBlockStep);
  if (scaled.block_bytes > most) scaled.block_bytes = std::max(align_down(most, kBlockStep), kBlockStep);
  return scaled;
}

}  // namespace vkmembench
