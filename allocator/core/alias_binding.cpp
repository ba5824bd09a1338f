#include "allocator/core/alias_binding.h"

#include <algorithm>
#include <new>

#include "allocator/device/resource.h"

namespace vkmembench {
namespace {

// Whether a resource may share the range: it fits, in a memory type that serves it, and no neighbour of the other kind
// (linear or optimal) comes onto one of its pages.
bool may_alias(const AllocatorParts& parts, const Range& target, const AliasAsk& ask, Offset at,
               const MemoryRequest& request) {
  const Block& block = block_of(target);
  const PoolShape& pool = block.pool->shape();
  const Requirements& asked = ask.requirements;
  const VkMemoryPropertyFlags required = rule_of(request.memory).required;
  if (record_of(target).held || (parts.source.flags_of(pool.memory_type) & required) != required) return false;
  if ((asked.type_bits >> pool.memory_type & 1u) == 0 || asked.requires_dedicated) return false;
  if (at > target.end() || asked.size > target.end() - at) return false;
  if (!is_aligned(at, std::max(asked.alignment(), request.alignment))) return false;
  // The specification keeps memory made for one resource to that resource.
  if (block.of_one_resource) return !parts.device().info->has_dedicated_allocation;
  // Where kinds share pools, whatever is optimal lies on whole pages.
  const Bytes page = parts.suballocator.page();
  return page == 1 || pool.optimal == ask.optimal ||
         (is_aligned(target.offset, page) && is_aligned(target.end(), page));
}

}  // namespace

Expected<Allocation> bind_alias(const AllocatorParts& parts, const AliasAsk& ask, const MemoryRequest& request,
                                const Allocation& target) {
  Range* range = parts.residents.live_range(target);
  const Offset at = target.offset + ask.offset;
  const VkResult bound = may_alias(parts, *range, ask, at, request)
                             ? bind_resource(parts.device(), ask.resource, ask.image, target.memory, at)
                             : VK_ERROR_FEATURE_NOT_PRESENT;
  if (bound != VK_SUCCESS) {
    destroy_resource(parts.device(), ask.resource, ask.image);
    return bound;
  }
  try {
    parts.residents.aliases().add(ask.resource, {range, ask.requirements.size, request.user,
                                                 parts.residents.short_frame(), ask.image, request.origin});
  } catch (const std::bad_alloc&) {
    destroy_resource(parts.device(), ask.resource, ask.image);
    return VK_ERROR_OUT_OF_HOST_MEMORY;
  }
  Allocation alias = Residents::allocation_of(range);
  alias.resource = ask.resource;
  alias.image = ask.image;
  alias.offset = at;
  alias.charged = ask.requirements.size;
  alias.fallback = false;
  return alias;
}

}  // namespace vkmembench
