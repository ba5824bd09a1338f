#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <span>

#include "allocator/core/allocator_parts.h"

namespace vkmembench {

enum class BatchMode : std::uint8_t { partial, all_or_nothing };

// See Allocator::create_buffers().
void create_buffers(const AllocatorParts& parts, const VkBufferCreateInfo& common, std::span<const Bytes> sizes,
                    const MemoryRequest& request, std::span<Expected<Allocation>> results, BatchMode mode);

}  // namespace vkmembench
