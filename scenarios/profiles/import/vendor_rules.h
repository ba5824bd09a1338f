#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace vkmembench {

// The shipped profile that speaks for devices of a vendor where an imported file is silent; for others the nearest by
// type: CPUs and integrated devices like Intel's, what else draws on a phone's memory like a Mali.
[[nodiscard]] std::string_view profile_for_vendor(std::uint32_t vendor_id, VkPhysicalDeviceType type);

// The types of `device` that stand for the types `allowed` of the profile `like`: those with the properties of an
// allowed one; of properties that `like` has not, those that anybody may use (neither protected, nor lazily allocated,
// nor with AMD's device-coherent bits). Of types alike in heap and properties only the first: drivers list the others
// for purposes of their own, and leave them out of VkMemoryRequirements::memoryTypeBits. Never none.
[[nodiscard]] std::uint32_t matching_types(const VkPhysicalDeviceMemoryProperties& like, std::uint32_t allowed,
                                           const VkPhysicalDeviceMemoryProperties& device);

// The type of `like` whose costs a type of `device` takes: the first that has most of its properties, and fewest
// others. Requires some type of `like`.
[[nodiscard]] std::uint32_t nearest_type(const VkPhysicalDeviceMemoryProperties& like,
                                         const VkPhysicalDeviceMemoryProperties& device, std::uint32_t type);

}  // namespace vkmembench
