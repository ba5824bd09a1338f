#include "bench/capture/call_costs.h"

#include "bench/capture/meter.h"
#include "bench/capture/probes.h"

namespace vkmembench {
namespace {

void measure_queries(const Device& device, Meter& meter) {
  for (int round = 0; round < 17; ++round) {
    VkPhysicalDeviceProperties properties{};
    meter.time(EntryPoint::get_physical_device_properties, {},
               [&] { device.fn.get_physical_device_properties(device.physical, &properties); });
    VkPhysicalDeviceMemoryProperties memory{};
    meter.time(EntryPoint::get_physical_device_memory_properties, {},
               [&] { device.fn.get_physical_device_memory_properties(device.physical, &memory); });
    VkImageFormatProperties images{};
    meter.time(EntryPoint::get_physical_device_image_format_properties, {}, [&] {
      return device.fn.get_physical_device_image_format_properties(device.physical, VK_FORMAT_R8G8B8A8_UNORM,
                                                                   VK_IMAGE_TYPE_2D, VK_IMAGE_TILING_OPTIMAL,
                                                                   VK_IMAGE_USAGE_SAMPLED_BIT, 0, &images);
    });
    if (device.fn.get_physical_device_memory_properties2 == nullptr || !device.info->has_memory_budget) continue;
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
    budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
    VkPhysicalDeviceMemoryProperties2 both{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, &budget, {}};
    meter.time(EntryPoint::get_physical_device_memory_properties2, {},
               [&] { device.fn.get_physical_device_memory_properties2(device.physical, &both); });
  }
}

// Apart in time, so that one good or bad moment of the machine does not speak for all.
constexpr int kPasses = 3;

}  // namespace

std::array<CallCost, kEntryPointCount> measure_costs(const DeviceChoice& choice) {
  Meter meter(choice.info.name);
  const auto anew = [&](const auto& measure) {
    const std::unique_ptr<DeviceOwner> owner = choice.open({});
    measure(owner->device());
  };
  for (int pass = 0; pass < kPasses; ++pass) {
    anew([&](const Device& device) { measure_queries(device, meter); });
    anew([&](const Device& device) { measure_commands(device, meter); });
    anew([&](const Device& device) { measure_descriptors(device, meter); });
    anew([&](const Device& device) { measure_resources(device, meter); });
    for (std::uint32_t type = 0; type < choice.info.memory.memoryTypeCount; ++type)
      anew([&](const Device& device) { measure_memory(device, type, meter); });
  }
  return meter.costs();
}

}  // namespace vkmembench
