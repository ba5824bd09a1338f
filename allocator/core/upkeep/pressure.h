#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/upkeep/eviction.h"
#include "allocator/core/upkeep/mover.h"
#include "allocator/seam/defragment.h"
#include "allocator/seam/strategy_listener.h"

namespace vkmembench {

// What may be evicted without being asked: nothing; or what is evictable while a heap is beyond its budget, or beyond
// the share of it that counts as pressure.
enum class EvictPolicy : std::uint8_t { never, over_budget, under_pressure };

// When a heap needs relief, and what may go.
struct PressureSettings {
  double pressure_at = 0.85;  // share of a heap's budget
  EvictPolicy evict = EvictPolicy::over_budget;
  std::uint32_t evict_idle_frames = 600;
  std::uint32_t frames_in_flight = 2;  // what was used in one of them is not evicted
  bool evict_on_create = true;         // also when a create finds no memory, before it is refused
};

// What a Pressure did so far.
struct PressureTotals {
  std::uint64_t callbacks = 0;  // upward crossings of pressure_at
  Bytes freed_bytes = 0;        // of device memory, given back by relief
  std::uint64_t evicted = 0;
  Bytes evicted_bytes = 0;  // charged
  DefragmentTotals compacted;
};

// Keeps an Allocator within its budgets. At the beginning of each frame it tells the listener what crossed a threshold
// since the last (pressure_at; usage of 0.90; external fragmentation of 0.40), and relieves every heap whose reserved
// bytes are beyond its budget (with EvictPolicy::under_pressure: beyond pressure_at of it), a step at a time until they
// are not:
//   - empty blocks, and buffers held for reuse, are given back;
//   - evictable allocations idle for more than evict_idle_frames go, least recently used first;
//   - blocks go that become empty with what is evictable and idle for more than frames_in_flight frames, those not used
//     for longest first: a few bytes out of each of many blocks would free nothing;
//   - the heap is defragmented, without a bound; then more is evicted where the least else stays, and so on.
// What was not asked for as evictable, is mapped or aliased always stays. Uses cost nothing here: ages are read from
// the records, and only when relief is needed.
class Pressure {
 public:
  // Installs itself as the allocator's evict if the settings say so. Requires an allocator that outlives it and has no
  // other Pressure, and a listener likewise.
  Pressure(Allocator& allocator, const PressureSettings& settings, StrategyListener& listener);
  ~Pressure();
  Pressure(const Pressure&) = delete;
  Pressure& operator=(const Pressure&) = delete;

  // After Allocator::begin_frame(). Requires that what the device does with the allocator's resources was submitted to
  // the device's queue, that no other thread uses that or the allocator, and no defragmentation has a pass begun.
  void begin_frame();
  // Destroys evictable allocations of the heap that are idle for more than frames_in_flight frames, to make room for
  // `wanted` bytes: in blocks that become empty if there are such, else least recently used first; the bytes that they
  // had. Requires that no other thread uses them.
  Bytes evict(std::uint32_t heap, Bytes wanted);

  // Whether begin_frame() would relieve a heap, and so may defragment: no other Defragmenter may run then.
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] const PressureTotals& totals() const { return totals_; }

 private:
  struct HeapState {
    bool pressed = false;  // above the thresholds when last looked at
    bool high = false;
    std::uint64_t compact_from = 0;  // first frame that a defragmentation is worth another try
  };

  void notice_fragmentation();
  void notice_usage(std::uint32_t heap, bool announce);
  void relieve(std::uint32_t heap, Bytes target);
  [[nodiscard]] Bytes target_of(std::uint32_t heap) const;
  [[nodiscard]] Bytes excess(std::uint32_t heap, Bytes target) const;
  [[nodiscard]] std::pmr::vector<EvictionBlock> look(std::uint32_t heap) const;
  Bytes evict(std::uint32_t heap, const std::pmr::vector<Evictable>& chosen, Bytes target);
  void compact(std::uint32_t heap, Bytes target);

  Allocator& allocator_;
  AllocatorParts parts_;
  PressureSettings settings_;
  StrategyListener& listener_;
  std::array<HeapState, VK_MAX_MEMORY_HEAPS> heaps_;
  bool fragmented_ = false;
  PressureTotals totals_;
};

}  // namespace vkmembench
