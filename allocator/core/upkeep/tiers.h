#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/upkeep/mover.h"

namespace vkmembench {

// Where a buffer that was asked for as MemoryUse::device lives, hottest first.
enum class Tier : std::uint8_t { hot, warm, cold };

// How a buffer was used since it was made. Uses since then, not since the last scan: no state beside the record, and a
// rate that settles instead of following every burst.
struct AccessRate {
  double uses_per_frame = 0;
  std::uint32_t idle_frames = 0;
};
// Above 0.10 uses a frame: hot. Above 0.01, and idle for less than 1000 frames: warm. Else cold.
[[nodiscard]] Tier classify(const AccessRate& rate);
// Where a buffer goes from its present tier. It rises as classify() says, and falls only to where twice its rate would
// put it, so that a rate near a threshold moves nothing back and forth.
[[nodiscard]] Tier next_tier(Tier present, const AccessRate& rate);
// Hot memory is what `dynamic` asks for, warm `device`, cold `host`.
[[nodiscard]] MemoryUse memory_of(Tier tier);
[[nodiscard]] Tier tier_of(MemoryUse memory);  // Requires one of those three.

struct TierSettings {
  std::uint32_t scan_frames = 60;  // between scans; younger buffers stay where they are
  std::uint32_t moves_per_frame = 64;
  Bytes bytes_per_frame = 16 * kMiB;  // a single larger buffer still moves alone
};

struct TierTotals {
  std::uint64_t migrations = 0;
  Bytes bytes = 0;  // charged where they went
  std::uint64_t failed = 0;
};

// Moves buffers that were asked for as MemoryUse::device, contents and all, to the memory that suits how often they are
// used. Every scan_frames frames it looks at them all, then moves some in each frame: first those that leave faster
// memory, then the hottest. Images, memory of its own, named pools, and what is mapped or cannot move stay; so does
// what would get the memory type that it has, or pass a heap's budget.
class Tiers {
 public:
  // Requires an allocator that outlives it.
  explicit Tiers(Allocator& allocator, const TierSettings& settings = {})
      : parts_(allocator.parts()), settings_(settings), mover_(allocator), waiting_(&parts_.memory) {
    mover_.make_ready();
  }

  // After Allocator::begin_frame(): appends what moved. What the driver says when copying fails: what was to move stays
  // where it was. Requires what Mover does.
  [[nodiscard]] VkResult begin_frame(std::pmr::vector<Moved>& moved);

  [[nodiscard]] const TierTotals& totals() const { return totals_; }

 private:
  struct Candidate {
    Range* range = nullptr;
    std::uint64_t resource = 0;  // tells whether the range is still the buffer's
    Tier from = Tier::warm;
    Tier to = Tier::warm;
    double rate = 0;
  };

  void scan(std::uint32_t frame);
  [[nodiscard]] bool may_move(const Range& range) const;
  [[nodiscard]] bool has_room(const Range& range, Tier to);
  void start_some();

  AllocatorParts parts_;
  TierSettings settings_;
  Mover mover_;
  std::pmr::vector<Candidate> waiting_;  // the next at the back
  std::uint32_t scanned_ = 0;            // frame of the last scan
  TierTotals totals_;
};

}  // namespace vkmembench
