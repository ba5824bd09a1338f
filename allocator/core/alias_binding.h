#pragma once

#include <vulkan/vulkan_core.h>

#include "allocator/core/allocator_parts.h"

namespace vkmembench {

// A resource that is to share the memory of a live allocation.
struct AliasAsk {
  std::uint64_t resource = 0;
  bool image = false;
  bool optimal = false;  // an image with optimal tiling
  Offset offset = 0;     // behind the begin of that allocation
  Requirements requirements;
};

// Binds the resource to the target's memory where it may go there; else destroys it. See
// Allocator::create_aliasing_buffer().
[[nodiscard]] Expected<Allocation> bind_alias(const AllocatorParts& parts, const AliasAsk& ask,
                                              const MemoryRequest& request, const Allocation& target);

}  // namespace vkmembench
