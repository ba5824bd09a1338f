#include "bench/replay/record/lazy_memory.h"

#include <algorithm>
#include <utility>

namespace vkmembench {
namespace {

bool is_lazy(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t type) {
  return (memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT) != 0;
}

bool any_is_lazy(const VkPhysicalDeviceMemoryProperties& memory) {
  for (std::uint32_t type = 0; type < memory.memoryTypeCount; ++type)
    if (is_lazy(memory, type)) return true;
  return false;
}

}  // namespace

LazyMemory::LazyMemory(const Device& device) : device_(device), is_there_(any_is_lazy(device.info->memory)) {}

void LazyMemory::look(const std::vector<const CallRecord*>& records) {
  if (!is_there_) return;
  seen_.resize(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::vector<MemoryEvent>& events = records[i]->memory;
    for (; seen_[i] < events.size(); ++seen_[i]) take(events[seen_[i]]);
  }
  std::erase_if(blocks_, [](const auto& block) { return block.second.count == 0; });
  Bytes held = 0;
  Bytes committed = 0;
  for (const auto& [memory, block] : blocks_) {
    if (block.count < 0 || !is_lazy(device_.info->memory, block.allocation.memory_type)) continue;
    VkDeviceSize bytes = 0;
    device_.fn.get_device_memory_commitment(device_.handle, memory, &bytes);
    held += block.allocation.size;
    committed += bytes;
  }
  peaks_.held = std::max(peaks_.held, held);
  peaks_.committed = std::max(peaks_.committed, committed);
}

void LazyMemory::take(const MemoryEvent& event) {
  Block& block = blocks_[event.memory];
  block.count += event.freed ? -1 : 1;
  const auto is_later = [&](const MemoryEvent& other) {
    return std::pair(event.stamp, event.position) >= std::pair(other.stamp, other.position);
  };
  if (!event.freed && is_later(block.allocation)) block.allocation = event;
}

}  // namespace vkmembench
