#pragma once

#include <cstdint>

#include "allocator/base/bytes.h"
#include "allocator/core/buffer_kind.h"
#include "allocator/device/memory_use.h"

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

// What the allocator knows of the allocation in a used range. A placement never looks at it.
struct AllocationRecord {
  std::uint64_t resource = 0;    // 0: the range is only claimed, for a resource that moves in
  Bytes requested = 0;           // by the device for the resource, before any rounding of ours
  Bytes asked = 0;               // a buffer's own size
  std::uint64_t user = 0;        // the caller's
  const char* origin = nullptr;  // file that asked for it
  std::uint32_t born_frame = 0;
  std::uint32_t used_frame = 0;  // last frame that used it
  std::uint32_t uses = 0;
  std::uint32_t map_total : 26 = 0;  // maps ever
  BufferKind kind : 4 = BufferKind::none;
  bool held : 1 = false;          // kept for reuse: nobody's, and pinned meanwhile
  bool tiered : 1 = false;        // asked for as MemoryUse::device, wherever Tiers put it
  std::uint32_t description = 0;  // buffers: VkBufferUsageFlags; images: index into the allocator's ImageDescriptions
  std::uint16_t origin_line = 0;
  std::uint8_t map_count = 0;  // maps not yet undone
  MemoryUse memory : 3 = MemoryUse::device;
  bool image : 1 = false;
  bool evictable : 1 = false;
  bool fallback : 1 = false;
  bool marked : 1 = false;  // for the next defragmentation of marked allocations
  bool pinned : 1 = false;  // stays meanwhile: aliased, kept for reuse, or not describable

  // An image that was ever mapped stays too: what the host writes has no layout that a copy could name.
  [[nodiscard]] bool stays() const { return pinned || map_count > 0 || (image && map_total > 0); }
};
static_assert(sizeof(AllocationRecord) == 64);

enum class RangeState : std::uint8_t { spare, free, used };
// Of an allocation: at rest, being copied elsewhere, or destroyed while that goes on.
enum class RangeMove : std::uint8_t { none, leaving, abandoned };

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
  RangeMove move = RangeMove::none;
  std::uint8_t alignment_log2 = 0;  // what the allocation was placed for
  bool has_contents = false;        // of an image, which is in VK_IMAGE_LAYOUT_GENERAL then
  Range* previous = nullptr;        // in the list of its bin while free, of the spare nodes (next) while spare
  Range* next = nullptr;
  AllocationRecord record;

  [[nodiscard]] Offset end() const { return offset + size; }
};
static_assert(sizeof(Range) == 128, "a range is two cache lines");

}  // namespace vkmembench
