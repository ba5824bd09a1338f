#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "allocator/base/bytes.h"
#include "scenarios/recording/layer/intercepts.h"

namespace vkmembench {

// What a driver allocated for itself.
struct DriverMemory {
  std::uint64_t allocations = 0;
  Bytes peak_bytes = 0;
};

// Hears from the driver, by VK_EXT_device_memory_report, of the memory of one device. Safe from any thread; it has to
// outlive the device.
class MemoryReport {
 public:
  // nullptr where the driver has no such thing, or its program has it turned off.
  [[nodiscard]] static std::unique_ptr<MemoryReport> of(const NextInstance& next, VkPhysicalDevice physical,
                                                        const VkDeviceCreateInfo& info);

  // As the program asks for it and with reports, or without where that is refused.
  [[nodiscard]] VkResult create_device(PFN_vkCreateDevice create, VkPhysicalDevice physical,
                                       const VkDeviceCreateInfo& info, const VkAllocationCallbacks* callbacks,
                                       VkDevice* device);

  [[nodiscard]] DriverMemory memory() const;

 private:
  static VKAPI_ATTR void VKAPI_CALL hear(const VkDeviceMemoryReportCallbackDataEXT* data, void* report);
  void allocated(std::uint64_t object, Bytes size);
  void freed(std::uint64_t object);

  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Bytes> live_;
  Bytes live_bytes_ = 0;
  DriverMemory memory_;
};

}  // namespace vkmembench
