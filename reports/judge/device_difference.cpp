#include "reports/judge/device_difference.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text/units.h"

namespace vkmembench {
namespace {

std::string bytes(Bytes value) { return format_bytes(static_cast<double>(value)); }

bool is_device_local(const VkMemoryHeap& heap) { return (heap.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0; }

// "24.0 GiB device, 94.1 GiB host".
std::string heaps_of(const DeviceInfo& device, bool budgets) {
  std::string text;
  for (std::uint32_t i = 0; i < device.memory.memoryHeapCount; ++i) {
    const VkMemoryHeap& heap = device.memory.memoryHeaps[i];
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", bytes(budgets ? device.budgets[i] : heap.size),
                        is_device_local(heap) ? "device" : "host");
  }
  return text;
}

bool shares_one_memory(const DeviceInfo& device) {
  const auto& heaps = device.memory.memoryHeaps;
  return std::all_of(heaps, heaps + device.memory.memoryHeapCount, is_device_local);
}

// Bytes of the largest heap of a type with all these flags; 0 without one.
Bytes largest_heap_with(const DeviceInfo& device, VkMemoryPropertyFlags flags) {
  Bytes largest = 0;
  for (std::uint32_t i = 0; i < device.memory.memoryTypeCount; ++i) {
    const VkMemoryType& type = device.memory.memoryTypes[i];
    if ((type.propertyFlags & flags) == flags)
      largest = std::max(largest, device.memory.memoryHeaps[type.heapIndex].size);
  }
  return largest;
}

std::string amount(Bytes heap) { return heap == 0 ? "none" : bytes(heap); }

struct NamedFlags {
  const char* what;
  VkMemoryPropertyFlags flags;
};
constexpr NamedFlags kKinds[] = {
    {"device memory that the host writes directly",
     VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT},
    {"cached host memory, for reading back", VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT},
    {"lazily allocated memory, for transient attachments", VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT},
};

}  // namespace

std::vector<std::string> memory_differences(const DeviceInfo& one, const DeviceInfo& other) {
  std::vector<std::string> lines;
  const auto tell = [&](std::string_view what, const std::string& a, const std::string& b, std::string_view so = "") {
    if (a != b) lines.push_back(fmt::format("{}: {} has {}, {} has {}{}", what, one.name, a, other.name, b, so));
  };
  tell("heaps", heaps_of(one, false), heaps_of(other, false));
  tell("budgets", heaps_of(one, true), heaps_of(other, true));
  if (shares_one_memory(one) != shares_one_memory(other))
    lines.push_back(fmt::format("{} has no heap for the host alone: host and device share its memory",
                                shares_one_memory(one) ? one.name : other.name));
  tell("memory types", std::to_string(one.memory.memoryTypeCount), std::to_string(other.memory.memoryTypeCount));
  for (const NamedFlags& kind : kKinds)
    tell(kind.what, amount(largest_heap_with(one, kind.flags)), amount(largest_heap_with(other, kind.flags)));
  tell("granularity", bytes(one.limits.bufferImageGranularity), bytes(other.limits.bufferImageGranularity),
       ", by which buffers and images keep apart in a block");
  tell("object limit", format_count(one.limits.maxMemoryAllocationCount),
       format_count(other.limits.maxMemoryAllocationCount), " VkDeviceMemory objects at once");
  const auto largest = [](const DeviceInfo& device) {
    return device.max_memory_allocation_size == ~Bytes{0} ? "no limit" : bytes(device.max_memory_allocation_size);
  };
  tell("largest object", largest(one), largest(other));
  tell("flush unit", bytes(one.limits.nonCoherentAtomSize), bytes(other.limits.nonCoherentAtomSize),
       " for memory that is not coherent");
  return lines;
}

}  // namespace vkmembench
