#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/device/device_features.h"
#include "allocator/device/entry_points.h"

namespace vkmembench {

// What a device says of itself, read once when it is opened.
struct DeviceInfo {
  std::string name;
  VkPhysicalDeviceType type = VK_PHYSICAL_DEVICE_TYPE_OTHER;
  bool simulated = false;
  std::uint32_t vendor_id = 0;
  std::uint32_t device_id = 0;
  std::uint32_t api_version = VK_API_VERSION_1_0;  // that the device was opened at
  std::uint32_t driver_id = 0;                     // VkDriverId, 0 when unknown
  std::string driver_name;
  std::string driver_info;
  std::uint32_t driver_version = 0;
  std::string uuid;  // 32 hex digits
  VkPhysicalDeviceLimits limits{};
  Bytes max_memory_allocation_size = ~Bytes{0};
  Bytes max_buffer_size = ~Bytes{0};  // Vulkan forbids to ask for a larger one; unknown without maintenance4
  VkPhysicalDeviceMemoryProperties memory{};
  // As reported at opening; the heap's size without VK_EXT_memory_budget. See usable_budget().
  std::array<Bytes, VK_MAX_MEMORY_HEAPS> budgets{};
  bool has_memory_budget = false;
  bool has_memory_priority = false;
  bool has_dedicated_allocation = false;
  bool has_maintenance4 = false;
  bool has_storage_image_multisample = false;  // the feature shaderStorageImageMultisample is on
  bool has_sparse_binding = false;             // likewise, and the queue binds sparse memory
  bool has_sparse_residency = false;           // of buffers and 2D images
  // Storage buffer arrays may have empty places, and places that no pending work uses may be written at any time.
  bool has_update_after_bind = false;
  std::uint32_t max_bindless_storage_buffers = 0;  // in one set that a stage sees: update-after-bind where there is
  VkExternalMemoryHandleTypeFlags exportable_buffers = 0;  // handle types that memory of buffers can be exported as
  VkExternalMemoryHandleTypeFlags exportable_images = 0;   // likewise of images
  DeviceFeatureSet offered;                                // features that it could be opened with
  DeviceFeatureSet features;                               // those that it was opened with
  std::vector<std::string> extensions_used;                // whatever the trace asks for
  std::vector<std::pair<std::string, std::string>> provenance;  // group, where its figures come from

  [[nodiscard]] bool has(DeviceFeature feature) const { return features.has(feature); }
};

// Drivers report budgets of 0 and of more than the heap: both say nothing.
[[nodiscard]] constexpr bool is_budget_known(Bytes reported, Bytes heap) { return reported != 0 && reported <= heap; }
// What to hold a heap to: its budget, or 80 % of the heap where that is unknown.
[[nodiscard]] constexpr Bytes usable_budget(Bytes reported, Bytes heap) {
  return is_budget_known(reported, heap) ? reported : heap / 10 * 8 + heap % 10 * 8 / 10;
}

// A function and the dispatchable handle to call it with.
struct CallTarget {
  PFN_vkVoidFunction function = nullptr;
  void* handle = nullptr;
};
using CallTargets = std::array<CallTarget, kEntryPointCount>;

// A Vulkan device as every part of the project sees it: a table of entry points, handles to call them with, and what is
// known of the device. A real GPU, a simulated one and a layer over either differ only in who filled the table. A plain
// view: the DeviceOwner or layer that gave it outlives it.
struct Device {
  DeviceTable fn;
  VkInstance instance = VK_NULL_HANDLE;
  VkPhysicalDevice physical = VK_NULL_HANDLE;
  VkDevice handle = VK_NULL_HANDLE;
  VkQueue queue = VK_NULL_HANDLE;  // transfer-capable; externally synchronised
  std::uint32_t queue_family = 0;
  const DeviceInfo* info = nullptr;
  const CallTargets* targets = nullptr;  // of a layer: where each call goes past the layers that leave it alone
  // For the metadata of the callers, VMA among them; nullptr: the C++ runtime's memory.
  const VkAllocationCallbacks* host = nullptr;
  const std::uint64_t* model_ns = nullptr;  // modelled driver time so far; nullptr unless the clock is `model`
};

// Owns an open device; destroying it closes the device. Requires every object made on the device to be gone, every
// layer over it too.
class DeviceOwner {
 public:
  virtual ~DeviceOwner() = default;
  [[nodiscard]] virtual Device device() const = 0;
  // Errors of the validation layer so far, oldest first; empty when the layer is off.
  [[nodiscard]] virtual std::vector<std::string> validation_errors() const { return {}; }
};

}  // namespace vkmembench
