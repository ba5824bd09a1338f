#pragma once

#include <vulkan/vulkan_core.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <type_traits>

#include "allocator/device/device.h"
#include "allocator/device/resource.h"
#include "allocator/seam/shared_memory.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// What stands for a resource that was bound at this offset of the VkDeviceMemory of `target`, whose memory it shares.
[[nodiscard]] inline Allocation alias_of(const Allocation& target, Offset at, std::uint64_t resource, bool image,
                                         Bytes required) {
  Allocation alias = target;
  alias.resource = resource;
  alias.image = image;
  alias.offset = at;
  alias.charged = required;
  alias.fallback = false;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  alias.token = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(target.token) | 1u);
  return alias;
}

// Whether a resource may be bound at this offset of the VkDeviceMemory of `target`: it fits into what was allocated
// for the owner, in a memory type that serves it, and no neighbour of the other kind (linear or optimal) comes onto one
// of its pages. Requires memory that is not dedicated in Vulkan's sense.
[[nodiscard]] inline bool may_alias(const Device& device, const VkMemoryRequirements& asked, const MemoryChoice& memory,
                                    Bytes alignment, bool image, const Allocation& target, Offset at,
                                    const OwnedRange& owned) {
  const VkMemoryPropertyFlags required = rule_of(memory).required;
  const VkMemoryPropertyFlags flags = device.info->memory.memoryTypes[target.memory_type].propertyFlags;
  if ((flags & required) != required || (asked.memoryTypeBits >> target.memory_type & 1u) == 0) return false;
  if (at > owned.end() || asked.size > owned.end() - at) return false;
  if (!is_aligned(at, std::max({asked.alignment, alignment, Bytes{1}}))) return false;
  const Bytes page = std::max<Bytes>(device.info->limits.bufferImageGranularity, 1);
  const bool whole_pages = is_aligned(owned.begin, page) && is_aligned(owned.size, page);
  return page == 1 || (!image && !target.image) || whole_pages;
}

// Creates the buffer or image of a request bound `offset` bytes behind the begin of `target`, and lets it join the
// shared memory. VK_ERROR_FEATURE_NOT_PRESENT when may_alias() says no or the resource requires memory of its own; a
// failure leaves nothing behind. `bind` takes the resource and its offset in the VkDeviceMemory.
template <typename Request, typename Bind>
[[nodiscard]] Expected<Allocation> make_alias(const Device& device, SharedMemory& shared, const Request& request,
                                              const Allocation& target, Offset offset, const Bind& bind) {
  constexpr bool kImage = std::is_same_v<Request, ImageRequest>;
  Bytes alignment = 0;
  if constexpr (!kImage) alignment = request.alignment;
  const Expected<std::uint64_t> made = create_resource(device, chained_info(request).get());
  if (!made) return made.result();
  const auto [asked, dedicated] = needs_of(device, *made, kImage);
  const OwnedRange owned = shared.range_of(target);
  const Offset at = target.offset + offset;
  const bool may = !dedicated && may_alias(device, asked, request.memory, alignment, kImage, target, at, owned);
  VkResult result = may ? bind(*made, at) : VK_ERROR_FEATURE_NOT_PRESENT;
  if (result == VK_SUCCESS) try {
      shared.join(target, owned);
      return alias_of(target, at, *made, kImage, asked.size);
    } catch (const std::bad_alloc&) {
      result = VK_ERROR_OUT_OF_HOST_MEMORY;
    }
  destroy_resource(device, *made, kImage);
  return result;
}

}  // namespace vkmembench
