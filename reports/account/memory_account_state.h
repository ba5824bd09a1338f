#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "allocator/base/check.h"
#include "reports/account/memory_account.h"
#include "reports/model/coverage.h"
#include "reports/model/series.h"

namespace vkmembench {

// The state of a MemoryAccount; the metrics are drawn from it at the end.
struct AccountState {
  struct Block {
    Block(Bytes block_size, FreeRangeSums& sums) : coverage(block_size, sums) {}
    VkDeviceMemory memory = VK_NULL_HANDLE;  // VK_NULL_HANDLE once removed
    std::uint32_t id = 0;
    Bytes size = 0;
    std::uint32_t memory_type = 0;
    std::optional<std::size_t> pool;  // index into pools, of the objects in it
    bool dedicated = false;
    std::uint32_t live = 0;  // objects placed in it
    Bytes charged = 0;
    Coverage coverage;
  };
  struct Placed {
    PlacedObject object;
    std::uint32_t slot = 0;  // index into blocks
    Offset begin = 0;        // the span, clipped to its block
    Offset end = 0;
  };
  struct Sums {
    Bytes requested = 0, required = 0, charged = 0;
  };
  struct Peak {
    Bytes now = 0, peak = 0;
    void add(Bytes bytes) {
      now += bytes;
      if (now > peak) peak = now;
    }
    void remove(Bytes bytes) {
      VKMEMBENCH_CHECK(bytes <= now, "what is taken away was added before");
      now -= bytes;
    }
  };
  struct Pool {
    std::string name;
    Peak reserved, live;
  };
  struct Fragmentation {
    Bytes free = 0;
    double external = 0, rss = 0;
    std::array<Bytes, kPlaceableSizes.size()> placeable{};
  };
  // What the metrics `at peak reserve` need.
  struct PeakState {
    Sums held;
    Fragmentation fragmentation;
    std::vector<StatisticsRow> heaps, types, pools;
  };
  struct FrameSums {
    std::uint64_t count = 0;
    std::int64_t waste = 0;
    double external_sum = 0, external_max = 0;
    Bytes stranded_worst = 0;
    std::uint64_t over_count = 0;
    Bytes over_max = 0, over_sum = 0;
  };
  struct SnapshotRatio {
    std::string label;  // made distinct
    Bytes reserved = 0, required = 0;
  };

  AccountState(const DeviceInfo& of_device, MemoryAccount::Options of_run);

  [[nodiscard]] std::uint32_t heap_of(std::uint32_t memory_type) const {
    return device.memory.memoryTypes[memory_type].heapIndex;
  }
  [[nodiscard]] std::size_t pool_of(std::uint16_t index) const {
    return index < pool_index.size() ? pool_index[index] : 0;
  }
  [[nodiscard]] bool has_memory(const Placed& placed) const { return placed.object.memory != VK_NULL_HANDLE; }
  [[nodiscard]] double external_fragmentation() const;
  [[nodiscard]] Fragmentation fragmentation() const;
  [[nodiscard]] Snapshot memory_map() const;

  void place(std::uint32_t object, const PlacedObject& placement);
  void put_into_pool(Block& block, std::size_t pool);
  // Shared and dedicated counts grow only while blocks are added, and a block's kind is settled by its first placement:
  // so their peaks are taken just before a block goes, and at the end.
  void take_block_peaks();
  void count_block(const Block& block, bool add);

  const DeviceInfo& device;
  MemoryAccount::Options options;
  std::vector<FreeRangeSums> free_of_type;
  std::vector<Block> blocks;
  std::vector<std::uint32_t> unused_slots;
  std::unordered_map<VkDeviceMemory, std::uint32_t> slot_of;
  std::unordered_map<std::uint32_t, Placed> objects;
  std::uint32_t next_block_id = 0;

  Peak load_requested, load_required, pending, reserved, charged;
  Bytes served_peak = 0;  // most bytes required by placed objects
  Bytes stranded = 0;
  Sums held;  // of placed objects
  std::vector<Bytes> heap_reserved, heap_budget;
  std::vector<Pool> pools;              // one a name; the first is the nameless one
  std::vector<std::size_t> pool_index;  // into pools, by PlacedObject::pool
  std::uint32_t shared_count = 0, shared_peak = 0;
  std::uint32_t dedicated_count = 0, dedicated_peak = 0;
  Bytes dedicated_bytes = 0, dedicated_bytes_peak = 0;
  std::uint64_t fallback_count = 0;
  Bytes fallback_bytes = 0, placed_bytes = 0;
  Bytes preferred_bytes = 0;  // in memory with all that their use prefers

  std::optional<PeakState> at_peak;
  std::optional<std::pair<Bytes, Bytes>> at_end;  // reserved, stranded
  FrameSums frames;
  SeriesRecorder series;
  std::vector<double> sample;
  std::vector<Snapshot> snapshots;
  std::vector<SnapshotRatio> snapshot_ratios;
};

// Keeps what the metrics `at peak reserve` need. Requires that it was not called before.
void capture_peak(AccountState& state);
// Draws the metrics, series, rows and snapshots, which go to the run; see MemoryAccount::finish().
void finish(AccountState& state, Run& run, const std::string& left_out);

}  // namespace vkmembench
