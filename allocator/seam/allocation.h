#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "allocator/base/bytes.h"
#include "allocator/device/resource.h"

namespace vkmembench {

// A bound resource: what its user keeps of it, and the token of the strategy that made it. A plain value.
struct Allocation {
  std::uint64_t resource = 0;  // VkBuffer or VkImage; of a part the number that its request gave it
  VkDeviceMemory memory = VK_NULL_HANDLE;
  Offset offset = 0;       // within memory
  Bytes charged = 0;       // bytes taken in the block, after its maker's rounding
  void* token = nullptr;   // its maker's
  std::uint16_t pool = 0;  // its maker's number of the pool
  std::uint8_t memory_type = 0;
  std::uint8_t arena = 0;  // that made it, where there are several
  bool image = false;
  bool dedicated = false;
  bool fallback = false;  // not in the memory type that the use asks for first
  bool part = false;      // memory for a part of a resource, which its user binds

  [[nodiscard]] VkBuffer buffer() const { return buffer_of(resource); }
  [[nodiscard]] VkImage as_image() const { return image_of(resource); }
};

}  // namespace vkmembench
