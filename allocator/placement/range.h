#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "allocator/base/bytes.h"

namespace vkmembench {

struct Range;

// Who is placed in a region: anybody; those who find nothing elsewhere; only who asks for it by name.
enum class RegionAccess : std::uint8_t { open, reserve, closed };

// A span of addresses that a placement divides: the placement's share of a block.
struct Region {
  Bytes capacity = 0;
  Bytes used = 0;                // in used ranges
  std::uint32_t used_count = 0;  // used ranges
  std::uint32_t serial = 0;      // older regions have smaller ones
  Range* first = nullptr;        // by address; nullptr while no placement holds the region
  std::uint32_t rank = ~0u;      // place_below() looks only at lower ones
  RegionAccess access = RegionAccess::open;
  Range* walked = nullptr;  // where a change of its access stands, ranges from here on being as before
};

enum class RangeState : std::uint8_t { spare, free, used };

// A stretch of a region: free, or one allocation. Two cache lines: the first is all that placing and merging touch.
struct alignas(64) Range {
  Offset offset = 0;
  Bytes size = 0;
  Range* before = nullptr;  // by address, nullptr at the region's ends
  Range* after = nullptr;
  Region* region = nullptr;
  std::uint32_t serial = 0;  // the region's
  RangeState state : 4 = RangeState::spare;
  RegionAccess listed : 4 = RegionAccess::closed;  // of a free range: whose bins hold it, none where closed
  std::uint8_t alignment_log2 = 0;                 // what the allocation was placed for
  std::array<std::byte, 2> kept_near{};            // as `kept`, with what placing touches
  Range* previous = nullptr;  // in the list of its bin while free, of the spare nodes (next) while spare
  Range* next = nullptr;
  alignas(64) std::array<std::byte, 64> kept{};  // of a used range, by the user of the placement

  [[nodiscard]] Offset end() const { return offset + size; }
};
static_assert(sizeof(Range) == 128, "a range is two cache lines");

}  // namespace vkmembench
