#include "bench/capture/call_costs.h"

#include <vector>

#include "allocator/device/resource.h"
#include "allocator/seam/strategy.h"
#include "bench/capture/meter.h"
#include "bench/capture/probes.h"

namespace vkmembench {
namespace {

// Several alive at once, as a program has them, given back in the order that they came.
void measure_memory(const Device& device, Meter& meter) {
  const VkPhysicalDeviceMemoryProperties& memory = device.info->memory;
  for (std::uint32_t type = 0; type < memory.memoryTypeCount; ++type) {
    if (!is_for_anybody(memory, type)) continue;
    const VkMemoryPropertyFlags flags = memory.memoryTypes[type].propertyFlags;
    const Bytes heap = memory.memoryHeaps[memory.memoryTypes[type].heapIndex].size;
    for (Bytes size = 4 * kKiB; size <= 256 * kMiB && size <= heap / 8; size *= 4) {
      const std::size_t alive = size <= kMiB ? 8 : size <= 64 * kMiB ? 3 : 1;
      const int rounds = size <= kMiB ? 4 : 3;
      for (int round = 0; round < rounds; ++round) {
        std::vector<VkDeviceMemory> live;
        for (std::size_t i = 0; i < alive; ++i) {
          VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, size, type};
          VkDeviceMemory made = VK_NULL_HANDLE;
          const VkResult result = meter.time(EntryPoint::allocate_memory, type, size, [&] {
            return device.fn.allocate_memory(device.handle, &info, nullptr, &made);
          });
          if (result != VK_SUCCESS) break;
          live.push_back(made);
          if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0) continue;
          void* bytes = nullptr;
          if (meter.time(EntryPoint::map_memory, type, size, [&] {
                return device.fn.map_memory(device.handle, made, 0, VK_WHOLE_SIZE, 0, &bytes);
              }) != VK_SUCCESS)
            continue;
          const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, made, 0, VK_WHOLE_SIZE};
          meter.time(EntryPoint::flush_mapped_memory_ranges, type, size,
                     [&] { return device.fn.flush_mapped_memory_ranges(device.handle, 1, &range); });
          meter.time(EntryPoint::invalidate_mapped_memory_ranges, type, size,
                     [&] { return device.fn.invalidate_mapped_memory_ranges(device.handle, 1, &range); });
          meter.time(EntryPoint::unmap_memory, type, size, [&] { device.fn.unmap_memory(device.handle, made); });
        }
        for (const VkDeviceMemory memory_object : live)
          meter.time(EntryPoint::free_memory, type, size,
                     [&] { device.fn.free_memory(device.handle, memory_object, nullptr); });
      }
    }
  }
}

void measure_resources(const Device& device, Meter& meter) {
  constexpr int kRounds = 101;
  for (int round = 0; round < kRounds; ++round) {
    BufferRequest request;
    request.size = 64 * kKiB;
    request.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    const VkBufferCreateInfo info = create_info(request);
    VkBuffer buffer = VK_NULL_HANDLE;
    if (meter.time(EntryPoint::create_buffer, 0, 0,
                   [&] { return device.fn.create_buffer(device.handle, &info, nullptr, &buffer); }) != VK_SUCCESS)
      return;
    VkMemoryRequirements needs{};
    meter.time(EntryPoint::get_buffer_memory_requirements, 0, 0,
               [&] { device.fn.get_buffer_memory_requirements(device.handle, buffer, &needs); });
    if (device.fn.get_buffer_memory_requirements2 != nullptr) {
      const VkBufferMemoryRequirementsInfo2 of{VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2, nullptr, buffer};
      VkMemoryRequirements2 answer{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, nullptr, {}};
      meter.time(EntryPoint::get_buffer_memory_requirements2, 0, 0,
                 [&] { device.fn.get_buffer_memory_requirements2(device.handle, &of, &answer); });
    }
    if (device.fn.get_device_buffer_memory_requirements != nullptr) {
      const VkDeviceBufferMemoryRequirements of{VK_STRUCTURE_TYPE_DEVICE_BUFFER_MEMORY_REQUIREMENTS, nullptr, &info};
      VkMemoryRequirements2 answer{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, nullptr, {}};
      meter.time(EntryPoint::get_device_buffer_memory_requirements, 0, 0,
                 [&] { device.fn.get_device_buffer_memory_requirements(device.handle, &of, &answer); });
    }
    const VkDeviceMemory memory = memory_for(device, needs);
    if (round % 2 == 0 || device.fn.bind_buffer_memory2 == nullptr) {
      meter.time(EntryPoint::bind_buffer_memory, 0, 0,
                 [&] { return device.fn.bind_buffer_memory(device.handle, buffer, memory, 0); });
    } else {
      const VkBindBufferMemoryInfo bind{VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, buffer, memory, 0};
      meter.time(EntryPoint::bind_buffer_memory2, 0, 0,
                 [&] { return device.fn.bind_buffer_memory2(device.handle, 1, &bind); });
    }
    meter.time(EntryPoint::destroy_buffer, 0, 0, [&] { device.fn.destroy_buffer(device.handle, buffer, nullptr); });
    device.fn.free_memory(device.handle, memory, nullptr);
  }
  for (const std::uint32_t side : {64u, 512u, 2048u}) {
    for (int round = 0; round < kRounds / 4; ++round) {
      ImageRequest request;
      request.format = VK_FORMAT_R8G8B8A8_UNORM;
      request.extent = {side, side, 1};
      request.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
      const VkImageCreateInfo info = create_info(request);
      VkImage image = VK_NULL_HANDLE;
      const Bytes bytes = Bytes{side} * side * 4;
      if (meter.time(EntryPoint::create_image, 0, bytes,
                     [&] { return device.fn.create_image(device.handle, &info, nullptr, &image); }) != VK_SUCCESS)
        return;
      VkMemoryRequirements needs{};
      meter.time(EntryPoint::get_image_memory_requirements, 0, 0,
                 [&] { device.fn.get_image_memory_requirements(device.handle, image, &needs); });
      if (device.fn.get_image_memory_requirements2 != nullptr) {
        const VkImageMemoryRequirementsInfo2 of{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, nullptr, image};
        VkMemoryRequirements2 answer{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, nullptr, {}};
        meter.time(EntryPoint::get_image_memory_requirements2, 0, 0,
                   [&] { device.fn.get_image_memory_requirements2(device.handle, &of, &answer); });
      }
      const VkDeviceMemory memory = memory_for(device, needs);
      if (round % 2 == 0 || device.fn.bind_image_memory2 == nullptr) {
        meter.time(EntryPoint::bind_image_memory, 0, 0,
                   [&] { return device.fn.bind_image_memory(device.handle, image, memory, 0); });
      } else {
        const VkBindImageMemoryInfo bind{VK_STRUCTURE_TYPE_BIND_IMAGE_MEMORY_INFO, nullptr, image, memory, 0};
        meter.time(EntryPoint::bind_image_memory2, 0, 0,
                   [&] { return device.fn.bind_image_memory2(device.handle, 1, &bind); });
      }
      meter.time(EntryPoint::destroy_image, 0, 0, [&] { device.fn.destroy_image(device.handle, image, nullptr); });
      device.fn.free_memory(device.handle, memory, nullptr);
    }
  }
}

void measure_queries(const Device& device, Meter& meter) {
  for (int round = 0; round < 51; ++round) {
    VkPhysicalDeviceProperties properties{};
    meter.time(EntryPoint::get_physical_device_properties, 0, 0,
               [&] { device.fn.get_physical_device_properties(device.physical, &properties); });
    VkPhysicalDeviceMemoryProperties memory{};
    meter.time(EntryPoint::get_physical_device_memory_properties, 0, 0,
               [&] { device.fn.get_physical_device_memory_properties(device.physical, &memory); });
    VkImageFormatProperties images{};
    meter.time(EntryPoint::get_physical_device_image_format_properties, 0, 0, [&] {
      return device.fn.get_physical_device_image_format_properties(device.physical, VK_FORMAT_R8G8B8A8_UNORM,
                                                                   VK_IMAGE_TYPE_2D, VK_IMAGE_TILING_OPTIMAL,
                                                                   VK_IMAGE_USAGE_SAMPLED_BIT, 0, &images);
    });
    if (device.fn.get_physical_device_memory_properties2 == nullptr || !device.info->has_memory_budget) continue;
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
    budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
    VkPhysicalDeviceMemoryProperties2 both{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, &budget, {}};
    meter.time(EntryPoint::get_physical_device_memory_properties2, 0, 0,
               [&] { device.fn.get_physical_device_memory_properties2(device.physical, &both); });
  }
}

}  // namespace

std::array<CallCost, kEntryPointCount> measure_costs(const Device& device) {
  Meter meter(device);
  measure_queries(device, meter);
  measure_memory(device, meter);
  measure_resources(device, meter);
  measure_commands(device, meter);
  measure_descriptors(device, meter);
  return meter.costs();
}

}  // namespace vkmembench
