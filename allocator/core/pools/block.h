#pragma once

#include <vulkan/vulkan_core.h>

#include <cstddef>
#include <cstdint>

#include "allocator/placement/range.h"

namespace vkmembench {

constexpr Bytes kBlockStep = 64 * kKiB;  // sizes of blocks that grow or are replaced are multiples of it

class Pool;

// A device memory object of a pool: divided by the pool's placement, or dedicated to one resource.
struct Block : Region {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  Pool* pool = nullptr;
  std::byte* mapped = nullptr;
  std::uint32_t map_count = 0;  // maps of its allocations not yet undone
  std::uint32_t position = 0;   // in the pool's list
  bool dedicated = false;
  bool of_one_resource = false;  // dedicated to it in Vulkan's sense
};

// Requires a range that is used, or in a region of a pool.
[[nodiscard]] inline Block& block_of(const Range& range) { return static_cast<Block&>(*range.region); }

}  // namespace vkmembench
