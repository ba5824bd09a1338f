#include "allocator/oracle/mapping_oracle.h"

#include <algorithm>
#include <string>

#include "allocator/device/off_the_clock.h"

namespace vkmembench {

MappingOracle::MappingOracle(const Device& next, Violations& violations) : Layer(next), violations_(violations) {}

std::byte* MappingOracle::base_of(VkDeviceMemory memory) const {
  const std::lock_guard lock(mutex_);
  const auto found = memories_.find(memory);
  if (found == memories_.end() || !found->second.mapped) return nullptr;
  return found->second.address - found->second.begin;
}

VkResult MappingOracle::peek(const Device& quiet, VkDeviceMemory handle, Offset begin, Offset end,
                             const std::function<void(std::span<const std::byte>)>& look) {
  const std::lock_guard lock(mutex_);
  const auto found = memories_.find(handle);
  if (found == memories_.end()) return VK_ERROR_MEMORY_MAP_FAILED;
  const Memory& memory = found->second;
  const VkMemoryPropertyFlags flags = next().info->memory.memoryTypes[memory.type].propertyFlags;
  if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0 || begin > end || end > memory.size)
    return VK_ERROR_MEMORY_MAP_FAILED;
  const bool coherent = (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
  const Bytes atom = coherent ? 1 : std::max<Bytes>(1, next().info->limits.nonCoherentAtomSize);
  const Offset from = begin / atom * atom;
  const Offset to = std::min((end + atom - 1) / atom * atom, memory.size);
  if (memory.mapped && (from < memory.begin || to > memory.end)) return VK_ERROR_MEMORY_MAP_FAILED;
  const OffTheClock off(quiet.model_ns);
  std::byte* base = memory.mapped ? memory.address - memory.begin : nullptr;
  if (!memory.mapped) {
    void* address = nullptr;
    const VkResult result = quiet.fn.map_memory(quiet.handle, handle, 0, VK_WHOLE_SIZE, 0, &address);
    if (result != VK_SUCCESS) return result;
    base = static_cast<std::byte*>(address);
  }
  VkResult result = VK_SUCCESS;
  if (!coherent) {
    const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, handle, from, to - from};
    result = quiet.fn.invalidate_mapped_memory_ranges(quiet.handle, 1, &range);
  }
  if (result == VK_SUCCESS) look({base + begin, static_cast<std::size_t>(end - begin)});
  if (!memory.mapped) quiet.fn.unmap_memory(quiet.handle, handle);
  return result;
}

MappingOracle::Watch::Watch(MappingOracle& oracle, Direction direction, VkDeviceMemory memory, Offset begin, Offset end)
    : oracle_(oracle), direction_(direction), memory_(memory), wanted_{begin, end} {
  const std::lock_guard lock(oracle_.mutex_);
  oracle_.watches_[std::this_thread::get_id()] = this;
}

MappingOracle::Watch::~Watch() {
  const std::lock_guard lock(oracle_.mutex_);
  oracle_.watches_.erase(std::this_thread::get_id());
}

bool MappingOracle::Watch::saw_all() const {
  std::vector<Range> seen = seen_;
  std::ranges::sort(seen, {}, &Range::begin);
  Offset at = wanted_.begin;
  for (const Range& range : seen)
    if (range.begin <= at) at = std::max(at, range.end);
  return at >= wanted_.end;
}

void MappingOracle::made(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, const VkDeviceMemory* memory) {
  const std::lock_guard lock(mutex_);
  memories_[*memory] = {.size = info->allocationSize, .type = info->memoryTypeIndex};
}

void MappingOracle::freed(VkDeviceMemory memory, const VkAllocationCallbacks*) {
  const std::lock_guard lock(mutex_);
  memories_.erase(memory);
}

bool MappingOracle::may_map(VkDeviceMemory handle, Offset offset, Bytes size, VkMemoryMapFlags, void* const*) {
  const auto found = memories_.find(handle);
  if (found == memories_.end()) {
    violations_.add(Violation::use_after_free, "memory is mapped that is not alive");
    return false;
  }
  Memory& memory = found->second;
  const bool visible =
      (next().info->memory.memoryTypes[memory.type].propertyFlags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0;
  if (!visible || memory.mapped) {
    violations_.add(Violation::mapping, memory.mapped ? "memory is mapped that is mapped already"
                                                      : "memory is mapped that the host cannot see");
    return false;
  }
  const bool whole = size == VK_WHOLE_SIZE;
  if (offset >= memory.size || (!whole && (size == 0 || size > memory.size - offset))) {
    violations_.add(Violation::bounds, "a mapping at " + std::to_string(offset) + " reaches beyond its memory of " +
                                           std::to_string(memory.size));
    return false;
  }
  return true;
}

void MappingOracle::mapped(VkDeviceMemory handle, Offset offset, Bytes size, VkMemoryMapFlags, void* const* address) {
  Memory& memory = memories_.at(handle);
  memory.mapped = true;
  memory.begin = offset;
  memory.end = size == VK_WHOLE_SIZE ? memory.size : offset + size;
  memory.address = static_cast<std::byte*>(*address);
}

bool MappingOracle::unmapped(VkDeviceMemory handle) {
  const auto found = memories_.find(handle);
  if (found != memories_.end() && found->second.mapped) {
    found->second.mapped = false;
    return true;
  }
  violations_.add(
      found == memories_.end() ? Violation::use_after_free : Violation::mapping,
      found == memories_.end() ? "memory is unmapped that is not alive" : "memory is unmapped that is not mapped");
  return false;
}

bool MappingOracle::are_whole(std::uint32_t count, const VkMappedMemoryRange* ranges) {
  const std::lock_guard lock(mutex_);
  bool all = true;
  for (std::uint32_t i = 0; i < count; ++i) all = is_whole(ranges[i]) && all;
  return all;
}

bool MappingOracle::is_whole(const VkMappedMemoryRange& range) {
  const auto forbid = [&](Violation kind, const std::string& text) {
    violations_.add(kind, "a flush or invalidate " + text);
    return false;
  };
  const auto found = memories_.find(range.memory);
  if (found == memories_.end()) return forbid(Violation::use_after_free, "of memory that is not alive");
  const Memory& memory = found->second;
  if (!memory.mapped) return forbid(Violation::mapping, "of memory that is not mapped");
  const bool whole = range.size == VK_WHOLE_SIZE;
  if (range.offset < memory.begin || range.offset >= memory.end || (!whole && range.size > memory.end - range.offset))
    return forbid(Violation::bounds, "at " + std::to_string(range.offset) + " reaches beyond the mapping");
  const Bytes atom = std::max<Bytes>(1, next().info->limits.nonCoherentAtomSize);
  const Offset end = whole ? memory.end : range.offset + range.size;
  if (range.offset % atom != 0 || (end % atom != 0 && end != memory.size))
    return forbid(Violation::atom, "from " + std::to_string(range.offset) + " to " + std::to_string(end) +
                                       " is not of whole atoms of " + std::to_string(atom) + " bytes");
  return true;
}

void MappingOracle::synchronized(Direction direction, std::uint32_t count, const VkMappedMemoryRange* ranges) {
  const std::lock_guard lock(mutex_);
  const auto watch = watches_.find(std::this_thread::get_id());
  if (watch == watches_.end() || watch->second->direction_ != direction) return;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto memory = memories_.find(ranges[i].memory);
    if (memory == memories_.end() || ranges[i].memory != watch->second->memory_) continue;
    const Offset end = ranges[i].size == VK_WHOLE_SIZE ? memory->second.end : ranges[i].offset + ranges[i].size;
    watch->second->seen_.push_back({ranges[i].offset, end});
  }
}

}  // namespace vkmembench
