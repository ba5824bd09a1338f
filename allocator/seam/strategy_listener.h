#pragma once

#include <cstdint>
#include <span>

#include "allocator/base/bytes.h"
#include "allocator/seam/allocation.h"
#include "allocator/seam/named_pool.h"
#include "allocator/seam/program_places.h"

namespace vkmembench {

// Something that a strategy has to say, for the report's list of events.
struct Notice {
  enum class Kind : std::uint8_t { pressure, usage_high, fragmentation_high, defragment_pass, failed };
  Kind kind = Kind::pressure;
  std::uint32_t heap = 0;
  Bytes bytes = 0;          // pressure, usage_high: in use; defragment_pass: moved
  Bytes limit = 0;          // pressure, usage_high: the budget; defragment_pass: given back
  std::uint64_t count = 0;  // defragment_pass: moves
  double ratio = 0;         // fragmentation_high
  std::uint64_t ns = 0;     // defragment_pass: planning, recording and committing, without waiting for the device
};

// The user of a strategy hears here what it does by itself between and during calls, on the thread of the call.
class StrategyListener {
 public:
  virtual ~StrategyListener() = default;
  // `after` stands for the allocation from now on; its contents came along, the old resource is gone.
  virtual void moved(std::uint64_t user, const Allocation& after) = 0;
  // Resource, memory and contents are gone. Only what was asked for as evictable.
  virtual void evicted(std::uint64_t user) = 0;
  virtual void noticed(const Notice& notice) = 0;
};

// What a strategy is told of its caller, before the first request.
struct StrategyHost {
  StrategyListener* listener = nullptr;  // nullptr: then nothing may move or be evicted; else outlives the strategy
  std::uint32_t frames_in_flight = 0;
  bool defragments = true;                // whether mark() or defragment() will be called
  std::span<const NamedPool> pools = {};  // of the program's own, for strategies that have pools; outlive the strategy
  bool concurrent = false;                // several threads: allocations may move or be evicted only in begin_frame()
  const ProgramPlaces* places = nullptr;  // the program's own, where they are known; outlive the strategy
};

}  // namespace vkmembench
