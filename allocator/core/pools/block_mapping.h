#pragma once

#include <cstddef>

#include "allocator/base/expected.h"
#include "allocator/core/pools/block.h"
#include "allocator/device/device.h"

namespace vkmembench {

// Maps the block unless it is; where it begins.
[[nodiscard]] Expected<std::byte*> map_block(const Device& device, Block& block);
void unmap_block(const Device& device, Block& block);
// Flushes or invalidates a part of a used range, rounded outwards to whole atoms. Requires it to be mapped and not to
// be coherent.
[[nodiscard]] VkResult flush_range(const Device& device, const Range& range, Offset offset, Bytes size,
                                   bool invalidate);

}  // namespace vkmembench
