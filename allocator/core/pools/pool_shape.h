#pragma once

#include <cstdint>
#include <memory_resource>
#include <string>

#include "allocator/base/bytes.h"
#include "allocator/seam/named_pool.h"

namespace vkmembench {

// What a pool is for and how its blocks are sized.
struct PoolShape {
  std::pmr::string name;
  std::uint16_t index = 0;
  std::uint8_t memory_type = 0;
  std::uint8_t arena = 0;  // ArenaPlace::number of its allocator
  Bytes block_bytes = 0;   // 0: grows
  bool optimal = false;    // for images with optimal tiling only
  // Of a named pool: all its blocks have block_bytes; the first use makes min_blocks of them, which stay.
  std::uint32_t min_blocks = 0;
  std::uint32_t max_blocks = 0;  // 0: a pool without name and bounds
  PoolOrder order = PoolOrder::general;
  [[nodiscard]] bool named() const { return max_blocks != 0; }
};

// What is asked of a pool.
struct PoolNeed {
  Bytes size = 0;
  Bytes alignment = 1;
  Bytes expected = 0;        // with what follows soon, so that one block serves it all; at least `size` or 0
  bool last_resort = false;  // a block of just this size, beyond the budget if it must be
};

// The gaps of a pool, empty blocks included.
struct FreeSummary {
  Bytes bytes = 0;
  Bytes largest = 0;  // to within 1/32
};

}  // namespace vkmembench
