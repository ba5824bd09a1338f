#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <vector>

#include "allocator/device/simulated/device_profile.h"

namespace vkmembench::simulated {

// What a device supports of images, with the profile's globs matched beforehand.
class FormatTable {
 public:
  // Requires a profile that outlives the table.
  explicit FormatTable(const DeviceProfile& profile);

  // VK_ERROR_FORMAT_NOT_SUPPORTED, with zeros, for a combination that the profile lacks.
  VkResult properties(VkFormat format, VkImageType type, VkImageTiling tiling, VkImageUsageFlags usage,
                      VkImageCreateFlags flags, VkImageFormatProperties& out) const;
  [[nodiscard]] bool supports(const VkImageCreateInfo& info) const;

 private:
  const DeviceProfile& profile_;
  std::vector<const FormatRule*> rules_;  // by format value - 1; nullptr: unsupported
};

}  // namespace vkmembench::simulated
