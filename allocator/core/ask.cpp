#include "allocator/core/ask.h"

namespace vkmembench {

AllocationRecord record_for(const MemoryRequest& request, std::uint64_t resource, std::uint32_t frame) {
  AllocationRecord record;
  record.resource = resource;
  record.born_frame = record.used_frame = frame;
  record.user = request.user;
  record.origin = request.origin.file;
  record.origin_line = request.origin.line;
  record.memory = request.memory.use;
  record.evictable = request.evictable;
  record.kind = request.kind;
  return record;
}

AllocationRecord record_for(const MemoryRequest& request, VkBuffer buffer, const VkBufferCreateInfo& info,
                            std::uint32_t frame) {
  AllocationRecord record = record_for(request, reinterpret_cast<std::uint64_t>(buffer), frame);
  record.asked = info.size;
  record.description = info.usage;
  record.pinned = request.needs_own_memory() || info.pNext != nullptr || info.flags != 0 ||
                  info.sharingMode != VK_SHARING_MODE_EXCLUSIVE;
  return record;
}

AllocationRecord record_for(const MemoryRequest& request, VkImage image, const VkImageCreateInfo& info,
                            std::uint32_t frame, ImageDescriptions& images) {
  AllocationRecord record = record_for(request, reinterpret_cast<std::uint64_t>(image), frame);
  record.image = true;
  const std::optional<std::uint32_t> description = images.intern(info);
  record.description = description.value_or(0);
  record.pinned = !description || request.needs_own_memory();
  return record;
}

}  // namespace vkmembench
