#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>

#include "allocator/base/bytes.h"
#include "allocator/base/origin.h"
#include "allocator/device/memory_info.h"
#include "allocator/device/memory_use.h"
#include "allocator/seam/buffer_kind.h"
#include "allocator/seam/named_pool.h"

namespace vkmembench {

// What a resource's memory is for.
struct MemoryRequest {
  MemoryChoice memory = {};
  Bytes alignment = 0;                // a power of two asked beyond the device's, 0 for none
  std::uint64_t user = 0;             // the caller's own, kept for reports and callbacks
  bool evictable = false;             // may be destroyed with its contents under memory pressure
  bool shared = false;                // will have aliases: no memory that is dedicated to it, unless the device insists
  bool dedicated = false;             // memory of its own, or none
  float priority = kDefaultPriority;  // of memory of its own
  VkExternalMemoryHandleTypeFlags export_handles = 0;  // of memory of its own; the resource is made for them too
  Origin origin = Origin::here();
  BufferKind kind = BufferKind::none;  // counted by kind in monitor()
  PoolId pool = PoolId::none;          // that should serve it; optimal images never go there

  [[nodiscard]] bool needs_own_memory() const { return dedicated || export_handles != 0; }
};

// What a buffer is that Allocator::hold() takes out of use.
struct HeldBuffer {
  Bytes size = 0;
  VkBufferUsageFlags usage = 0;
  MemoryUse memory = MemoryUse::device;
  BufferKind kind = BufferKind::none;
  bool evictable = false;
};

}  // namespace vkmembench
