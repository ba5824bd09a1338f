#include "allocator/core/pools/block_mapping.h"

#include <algorithm>

namespace vkmembench {

Expected<std::byte*> map_block(const Device& device, Block& block) {
  if (block.mapped == nullptr) {
    void* address = nullptr;
    const VkResult result = device.fn.map_memory(device.handle, block.memory, 0, VK_WHOLE_SIZE, 0, &address);
    if (result != VK_SUCCESS) return result;
    block.mapped = static_cast<std::byte*>(address);
  }
  return block.mapped;
}

void unmap_block(const Device& device, Block& block) {
  device.fn.unmap_memory(device.handle, block.memory);
  block.mapped = nullptr;
}

VkResult flush_range(const Device& device, const Range& range, Offset offset, Bytes size, bool invalidate) {
  const Bytes atom = std::max<Bytes>(device.info->limits.nonCoherentAtomSize, 1);
  const Block& block = block_of(range);
  const Offset start = align_down(range.offset + offset, atom);
  const Offset end = std::min(align_up(range.offset + offset + size, atom), block.capacity);
  VkMappedMemoryRange mapped{};
  mapped.sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE;
  mapped.memory = block.memory;
  mapped.offset = start;
  mapped.size = end - start;
  return invalidate ? device.fn.invalidate_mapped_memory_ranges(device.handle, 1, &mapped)
                    : device.fn.flush_mapped_memory_ranges(device.handle, 1, &mapped);
}

}  // namespace vkmembench
