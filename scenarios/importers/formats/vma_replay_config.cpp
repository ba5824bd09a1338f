#include "scenarios/importers/formats/vma_replay_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/error.h"
#include "scenarios/importers/formats/columns.h"

namespace vkmembench {
namespace {

void read_identity_line(Columns& line, RecordedDevice& device) {
  const std::string_view key = line.text("key");
  if (key == "deviceName")
    device.name = line.rest();
  else if (key == "vendorID")
    device.vendor_id = line.number32(key);
  else if (key == "deviceID")
    device.device_id = line.number32(key);
  else if (key == "apiVersion") {
    const std::uint32_t version = line.number32(key);
    device.api_version = fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version),
                                     VK_API_VERSION_PATCH(version));
  }
}

void read_limit_line(Columns& line, RecordedDevice& device) {
  const std::string_view key = line.text("key");
  const auto row = std::ranges::find(kRecordedLimits, key);
  if (row != kRecordedLimits.end())
    device.limits[static_cast<std::size_t>(row - kRecordedLimits.begin())] = line.number(key);
}

void read_memory_line(Columns& line, VkPhysicalDeviceMemoryProperties& memory) {
  const std::string_view key = line.text("key");
  if (key == "HeapCount") {
    memory.memoryHeapCount = static_cast<std::uint32_t>(line.number(key, VK_MAX_MEMORY_HEAPS));
  } else if (key == "TypeCount") {
    memory.memoryTypeCount = static_cast<std::uint32_t>(line.number(key, VK_MAX_MEMORY_TYPES));
  } else if (key == "Heap") {
    VkMemoryHeap& heap = memory.memoryHeaps[line.number("heap", VK_MAX_MEMORY_HEAPS - 1)];
    const std::string_view field = line.text("key");
    if (field == "size") heap.size = line.number("size");
    if (field == "flags") heap.flags = line.number32("flags");
  } else if (key == "Type") {
    VkMemoryType& type = memory.memoryTypes[line.number("memory type", VK_MAX_MEMORY_TYPES - 1)];
    const std::string_view field = line.text("key");
    if (field == "heapIndex")
      type.heapIndex = static_cast<std::uint32_t>(line.number("heapIndex", VK_MAX_MEMORY_HEAPS - 1));
    if (field == "propertyFlags") type.propertyFlags = line.number32("propertyFlags");
  }
}

}  // namespace

void read_vma_replay_config(Import& import) {
  RecordedDevice device;
  for (;;) {
    Columns line(import.require_line("Config,End"));
    const std::string_view section = line.text("section");
    if (section == "Config") break;
    if (section == "PhysicalDevice") read_identity_line(line, device);
    if (section == "PhysicalDeviceLimits") read_limit_line(line, device);
    if (section == "PhysicalDeviceMemory") read_memory_line(line, device.memory);
  }
  require_heaps_of_types(device.memory);
  import.out().recorded().device = device;
}

}  // namespace vkmembench
