#pragma once

#include <cstdint>
#include <new>

#include "allocator/base/bytes.h"
#include "allocator/device/memory_use.h"
#include "allocator/placement/range.h"
#include "allocator/seam/buffer_kind.h"

namespace vkmembench {

// Of an allocation: at rest, being copied elsewhere, or destroyed while that goes on.
enum class RangeMove : std::uint8_t { none, leaving, abandoned };

// In AllocationRecord::resource: it is destroyed, and its aliases keep the range.
inline constexpr std::uint64_t kGoneOwner = ~std::uint64_t{0};

// What the allocator knows of the allocation in a used range, kept in the range.
struct AllocationRecord {
  std::uint64_t resource = 0;    // 0: the range is only claimed, for a resource that moves in
  Bytes requested = 0;           // by the device for the resource, before any rounding of ours
  Bytes asked = 0;               // a buffer's own size
  std::uint64_t user = 0;        // the caller's
  const char* origin = nullptr;  // file that asked for it
  std::uint32_t born_frame = 0;
  std::uint32_t used_frame = 0;  // last frame that used it
  std::uint32_t uses = 0;
  std::uint32_t map_total : 25 = 0;  // maps ever
  // Some compilers put bit-fields into one unit only when their types are of one size: these are in that of map_total.
  std::uint32_t part : 1 = 0;    // of a resource that somebody else makes and binds
  std::uint32_t held : 1 = 0;    // kept for reuse: nobody's, and pinned meanwhile
  std::uint32_t tiered : 1 = 0;  // asked for as MemoryUse::device, wherever Tiers put it
  std::uint32_t evictable : 1 = 0;
  std::uint32_t fallback : 1 = 0;
  std::uint32_t marked : 1 = 0;   // for the next defragmentation of marked allocations
  std::uint32_t pinned : 1 = 0;   // stays meanwhile: aliased, kept for reuse, or not describable
  std::uint32_t description = 0;  // buffers: VkBufferUsageFlags; images: index into the allocator's ImageDescriptions
  std::uint16_t origin_line = 0;
  std::uint8_t map_count = 0;  // maps not yet undone
  BufferKind kind : 4 = BufferKind::none;
  MemoryUse memory : 3 = MemoryUse::device;
  bool image : 1 = false;

  // An image that was ever mapped stays too: what the host writes has no layout that a copy could name.
  [[nodiscard]] bool stays() const { return pinned || map_count > 0 || (image && map_total > 0); }
};
static_assert(sizeof(AllocationRecord) == sizeof(Range::kept));

// What moving it asks. Memory locations of their own: other threads write the record meanwhile.
struct AllocationMotion {
  RangeMove move = RangeMove::none;
  bool has_contents = false;  // of an image, which is in VK_IMAGE_LAYOUT_GENERAL then
};
static_assert(sizeof(AllocationMotion) == sizeof(Range::kept_near));

// Requires a used range of a pool.
[[nodiscard]] inline AllocationRecord& record_of(Range& range) {
  return *std::launder(reinterpret_cast<AllocationRecord*>(range.kept.data()));
}
[[nodiscard]] inline const AllocationRecord& record_of(const Range& range) {
  return *std::launder(reinterpret_cast<const AllocationRecord*>(range.kept.data()));
}

// Requires a used range of a pool.
[[nodiscard]] inline AllocationMotion& motion_of(Range& range) {
  return *std::launder(reinterpret_cast<AllocationMotion*>(range.kept_near.data()));
}
[[nodiscard]] inline const AllocationMotion& motion_of(const Range& range) {
  return *std::launder(reinterpret_cast<const AllocationMotion*>(range.kept_near.data()));
}

}  // namespace vkmembench
