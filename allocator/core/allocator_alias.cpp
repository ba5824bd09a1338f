// The parts of Allocator that bind resources to memory that others own.
#include <algorithm>
#include <new>

#include "allocator/base/check.h"
#include "allocator/core/allocator.h"

namespace vkmembench {

// Whether a resource may share the range: it fits, in a memory type that serves it, and no neighbour of the other kind
// (linear or optimal) comes onto one of its pages.
bool Allocator::may_alias(const Range& target, const Requirements& asked, const MemoryRequest& request,
                          bool optimal) const {
  const Block& block = block_of(target);
  const PoolShape& pool = block.pool->shape();
  const VkMemoryPropertyFlags required = rule_of(request.memory).required;
  if (record_of(target).held || (source_.flags_of(pool.memory_type) & required) != required) return false;
  if ((asked.type_bits >> pool.memory_type & 1u) == 0 || asked.size > target.size || asked.requires_dedicated)
    return false;
  if (!is_aligned(target.offset, std::max(asked.alignment(), request.alignment))) return false;
  // The specification keeps memory made for one resource to that resource.
  if (block.dedicated) return !device_.info->has_dedicated_allocation;
  // Where kinds share pools, whatever is optimal lies on whole pages.
  return page_ == 1 || pool.optimal == optimal || (is_aligned(target.offset, page_) && is_aligned(target.end(), page_));
}

// Binds the resource to the target's memory where it may go there; else destroys it.
Expected<Allocation> Allocator::bind_alias(std::uint64_t resource, bool image, bool optimal, const Requirements& asked,
                                           const MemoryRequest& request, const Allocation& target) {
  Range* range = live_range(target);
  const VkResult bound = may_alias(*range, asked, request, optimal)
                             ? bind_resource(device_, resource, image, target.memory, range->offset)
                             : VK_ERROR_FEATURE_NOT_PRESENT;
  if (bound != VK_SUCCESS) {
    destroy_resource(device_, resource, image);
    return bound;
  }
  const auto frame = static_cast<std::uint32_t>(frame_.load(std::memory_order_relaxed));
  try {
    aliases_.add(resource, {range, asked.size, request.user, frame, image, request.origin});
  } catch (const std::bad_alloc&) {
    destroy_resource(device_, resource, image);
    return VK_ERROR_OUT_OF_HOST_MEMORY;
  }
  Allocation alias = allocation_of(range);
  alias.resource = resource;
  alias.image = image;
  alias.charged = asked.size;
  alias.fallback = false;
  return alias;
}

Expected<Allocation> Allocator::create_aliasing_buffer(const VkBufferCreateInfo& info, const MemoryRequest& request,
                                                       const Allocation& target) {
  const Expected<std::uint64_t> made = create_resource(device_, info);
  if (!made) return made.result();
  return bind_alias(*made, false, false, requirements_.ask(buffer_of(*made)), request, target);
}

Expected<Allocation> Allocator::create_aliasing_image(const VkImageCreateInfo& info, const MemoryRequest& request,
                                                      const Allocation& target) {
  const Expected<std::uint64_t> made = create_resource(device_, info);
  if (!made) return made.result();
  return bind_alias(*made, true, info.tiling == VK_IMAGE_TILING_OPTIMAL, requirements_.of_image(image_of(*made)),
                    request, target);
}

void Allocator::destroy_alias(const Returned& alias) {
  VKMEMBENCH_CHECK(aliases_.remove(alias.resource, alias.range), "an alias is destroyed once");
  destroy_resource(device_, alias.resource, alias.image);
}

}  // namespace vkmembench
