#pragma once

#include <vulkan/vulkan_core.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "allocator/device/device.h"
#include "allocator/device/resource.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// For strategies that keep no record of aliases: an alias's token is its target's with the lowest bit set. Tokens are
// addresses of objects, where that bit is clear.
[[nodiscard]] inline bool is_alias(const Allocation& allocation) {
  return (reinterpret_cast<std::uintptr_t>(allocation.token) & 1u) != 0;
}
template <typename Token>
[[nodiscard]] Token* token_of(const Allocation& allocation) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): undoes what alias_of() did
  return reinterpret_cast<Token*>(reinterpret_cast<std::uintptr_t>(allocation.token) & ~std::uintptr_t{1});
}
// What stands for a resource that was bound to the memory of `target` at its start.
[[nodiscard]] inline Allocation alias_of(const Allocation& target, std::uint64_t resource, bool image, Bytes required) {
  Allocation alias = target;
  alias.resource = resource;
  alias.image = image;
  alias.charged = required;
  alias.fallback = false;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  alias.token = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(target.token) | 1u);
  return alias;
}

// Whether a resource may be bound to the memory of `target` at its start: it fits, in a memory type that serves it, and
// no neighbour of the other kind (linear or optimal) comes onto one of its pages. Requires memory that is not dedicated
// in Vulkan's sense.
[[nodiscard]] inline bool may_alias(const Device& device, const VkMemoryRequirements& asked, const MemoryChoice& memory,
                                    Bytes alignment, bool image, const Allocation& target) {
  const VkMemoryPropertyFlags required = rule_of(memory).required;
  const VkMemoryPropertyFlags flags = device.info->memory.memoryTypes[target.memory_type].propertyFlags;
  if ((flags & required) != required || (asked.memoryTypeBits >> target.memory_type & 1u) == 0) return false;
  if (asked.size > target.charged) return false;
  if (!is_aligned(target.offset, std::max({asked.alignment, alignment, Bytes{1}}))) return false;
  const Bytes page = std::max<Bytes>(device.info->limits.bufferImageGranularity, 1);
  const bool whole_pages = is_aligned(target.offset, page) && is_aligned(target.charged, page);
  return page == 1 || (!image && !target.image) || whole_pages;
}

// Creates the buffer or image of a request bound to the memory of `target`. VK_ERROR_FEATURE_NOT_PRESENT when
// may_alias() says no or the resource requires memory of its own; a failure leaves nothing behind. `bind` takes the
// resource.
template <typename Request, typename Bind>
[[nodiscard]] Expected<Allocation> make_alias(const Device& device, const Request& request, const Allocation& target,
                                              const Bind& bind) {
  constexpr bool kImage = std::is_same_v<Request, ImageRequest>;
  Bytes alignment = 0;
  if constexpr (!kImage) alignment = request.alignment;
  const Expected<std::uint64_t> made = create_resource(device, chained_info(request).get());
  if (!made) return made.result();
  const auto [asked, dedicated] = needs_of(device, *made, kImage);
  const bool may = !dedicated && may_alias(device, asked, request.memory, alignment, kImage, target);
  const VkResult bound = may ? bind(*made) : VK_ERROR_FEATURE_NOT_PRESENT;
  if (bound == VK_SUCCESS) return alias_of(target, *made, kImage, asked.size);
  destroy_resource(device, *made, kImage);
  return bound;
}

}  // namespace vkmembench
