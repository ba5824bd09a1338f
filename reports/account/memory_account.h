#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"
#include "reports/model/report.h"

namespace vkmembench {

struct AccountState;

// What a strategy gave an object, as the account sees it. Without memory (`null`) it counts as an object and has no
// bytes.
struct PlacedObject {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  Offset offset = 0;
  Bytes requested = 0;  // r
  Bytes required = 0;   // q
  Bytes charged = 0;    // c
  std::uint32_t memory_type = 0;
  std::uint32_t tag = 0;  // index into the run's tags
  std::uint64_t created_frame = 0;
  std::uint16_t pool = 0;
  bool image = false;
  bool dedicated = false;
  bool fallback = false;
  bool unmet = false;  // in memory without a property that its use prefers
  bool alias = false;  // in the memory of another object: covers bytes, but adds none to the sums of r, q and c
};

// Rebuilds a run's memory map from what the device layer saw (blocks) and what the strategy answered (placements), and
// computes the exact metrics of METRICS.md from it. It is fed after the replay, outside the measured path, in trace
// order; it knows no strategy and no trace. Spans may overlap (aliased objects): covered bytes count once. A change
// costs the logarithm of a block's spans, a frame end the number of memory types.
class MemoryAccount {
 public:
  struct Options {
    std::uint32_t series_points = 256;
    bool keep_snapshots = true;
    std::size_t snapshot_rows = 500;      // bound over all snapshots of the run, see snapshot_bound.h; 4 000 a report
    std::vector<std::string> pool_names;  // by PlacedObject::pool; missing ones are ""
  };
  // Requires `device` to outlive the account.
  MemoryAccount(const DeviceInfo& device, Options options);
  ~MemoryAccount();

  // The trace holds one more object, whether or not a strategy served it.
  void load_added(Bytes requested, Bytes required);
  void load_removed(Bytes requested, Bytes required);
  // A free was asked for and is not completed yet; completed with load_removed().
  void free_pending(Bytes requested);
  void free_completed(Bytes requested);

  void block_added(VkDeviceMemory memory, Bytes size, std::uint32_t memory_type, bool dedicated);
  void block_removed(VkDeviceMemory memory);
  // Requires a live block, and an object number that is not placed now.
  void placed(std::uint32_t object, const PlacedObject& placement);
  void removed(std::uint32_t object);  // Requires a placed object; its block may be gone already.
  // The object lives on elsewhere (defragmentation): no new placement to count.
  void moved(std::uint32_t object, const PlacedObject& placement);
  void budget_changed(std::uint32_t heap, Bytes bytes);

  // The state now is the one of peak reserve: the metrics `at peak reserve` are taken from it. The feeder finds the
  // moment beforehand (first event after which the sum of blocks is largest) and calls this once.
  void capture_peak();
  void frame_ended(std::uint64_t frame, std::uint64_t frame_ns);
  void snapshot(const std::string& label, std::uint64_t frame);
  // Everything is freed; the strategy still lives.
  void ended();

  // Appends every metric of groups mem, frag, block, dedicated, pool, fallback, placement, budget that follows from
  // what was fed, the series, heaps, types, pools and snapshots. `left_out` says what was not served: ratios of what
  // is reserved to what is live are then over the rest, and say so.
  void finish(Run& run, const std::string& left_out);

  [[nodiscard]] Bytes reserved() const;  // now

 private:
  std::unique_ptr<AccountState> state_;  // memory_account_state.h
};

}  // namespace vkmembench
