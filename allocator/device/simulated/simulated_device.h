#pragma once

#include <cstdint>
#include <memory>

#include "allocator/device/device.h"
#include "allocator/device/simulated/device_profile.h"

namespace vkmembench {

struct SimulatedOptions {
  bool model_clock = false;  // count the profile's cost of each call in Device::model_ns; calls from one thread only
  bool verify_contents = false;    // give device-local memory bytes too, so that copies through it can be read back
  DeviceFeatureSet features = {};  // to open it with, as far as the profile offers them
};

// Opens a device made of a profile. Host-visible memory has real bytes, made when first mapped or copied; copies run
// when submitted. What Vulkan forbids aborts (VKMEMBENCH_CHECK), what it allows to fail is a VkResult. Entry points
// beyond the profile's API version are null. VK_NULL_HANDLE is destroyed and freed silently, as in Vulkan. Throws Error
// when the profile contradicts itself.
[[nodiscard]] std::unique_ptr<DeviceOwner> open_simulated_device(const DeviceProfile& profile,
                                                                 const SimulatedOptions& options = {});

// Objects alive now; just before the owner goes, what was leaked. Closing the device frees them.
struct SimulatedLeaks {
  std::uint64_t buffers = 0;
  std::uint64_t images = 0;
  std::uint64_t memories = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t fences = 0;
  std::uint64_t command_pools = 0;
  std::uint64_t command_buffers = 0;  // in live pools; freed with them
  std::uint64_t descriptor_set_layouts = 0;
  std::uint64_t descriptor_pools = 0;
  std::uint64_t descriptor_sets = 0;  // in live pools; freed with them
  [[nodiscard]] std::uint64_t total() const {
    return buffers + images + memories + fences + command_pools + command_buffers + descriptor_set_layouts +
           descriptor_pools + descriptor_sets;
  }
};
// Requires an owner that open_simulated_device() gave, and no call in flight.
[[nodiscard]] SimulatedLeaks simulated_leaks(const DeviceOwner& owner);

// What an element of a set's binding was last written with; all zero before its first write. Requires a live set of a
// simulated device and an element that it has.
[[nodiscard]] VkDescriptorBufferInfo simulated_descriptor(VkDescriptorSet set, std::uint32_t element);

}  // namespace vkmembench
