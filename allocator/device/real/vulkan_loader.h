#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "allocator/base/os/shared_library.h"
#include "allocator/device/device_features.h"
#include "allocator/device/real/vulkan_validation.h"

namespace vkmembench {

inline constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";
// The newest API version that the project is written against.
inline constexpr std::uint32_t kNewestVulkan = VK_API_VERSION_1_3;

struct VulkanOptions {
  bool validation = false;               // checks of the validation layer, of synchronization too; 18 times slower
  const char* library = kVulkanLoader;   // of the Vulkan loader
  std::uint32_t newest = kNewestVulkan;  // no newer API version is used
  const VkAllocationCallbacks* host = nullptr;  // of instance and device, which they outlive
  DeviceFeatureSet features = {};               // to open it with, as far as it offers them
};

// The Vulkan loader's library, opened at run time so that the program starts on a machine without one. It stays loaded
// until the process ends, for drivers run threads and exit handlers of their own.
class VulkanLoader {
 public:
  explicit VulkanLoader(const char* library);
  // False when there is no such library, or it is no Vulkan loader.
  explicit operator bool() const { return get_proc_ != nullptr; }
  // A function of the loader or, given an instance, of that; nullptr when absent. Requires an open loader.
  template <typename Pfn>
  [[nodiscard]] Pfn get(const char* name, VkInstance instance = VK_NULL_HANDLE) const {
    return reinterpret_cast<Pfn>(get_proc_(instance, name));
  }
  [[nodiscard]] PFN_vkGetInstanceProcAddr get_proc() const { return get_proc_; }
  // The newest instance version that both sides know. Requires an open loader.
  [[nodiscard]] std::uint32_t version() const;
  // Whether an instance may use the layer or extension. Requires an open loader.
  [[nodiscard]] bool has_layer(const char* name) const;
  [[nodiscard]] bool has_extension(const char* name, const char* layer = nullptr) const;

 private:
  PFN_vkGetInstanceProcAddr get_proc_ = nullptr;
};

// Owns a VkInstance at the newest version there is.
class VulkanInstance {
 public:
  // Null when there is no loader, no driver or no device; `reason` then says which, in one line with the remedy.
  // Validation, where the options ask for it, writes to `errors`; throws Error when the layer is not installed.
  // Requires `errors` to outlive the instance.
  [[nodiscard]] static std::unique_ptr<VulkanInstance> create(const VulkanOptions& options, ValidationLog& errors,
                                                              std::string& reason);
  ~VulkanInstance();
  VulkanInstance(const VulkanInstance&) = delete;
  VulkanInstance& operator=(const VulkanInstance&) = delete;

  [[nodiscard]] VkInstance handle() const { return handle_; }
  [[nodiscard]] PFN_vkGetInstanceProcAddr get_proc() const { return loader_.get_proc(); }
  [[nodiscard]] std::uint32_t version() const { return version_; }
  // Whether vkGetPhysicalDeviceProperties2 and its like may be called, in the core or as KHR.
  [[nodiscard]] bool has_properties2() const { return properties2_; }
  [[nodiscard]] const std::vector<VkPhysicalDevice>& devices() const { return devices_; }  // at least one
  template <typename Pfn>
  [[nodiscard]] Pfn get(const char* name) const {
    return loader_.get<Pfn>(name, handle_);
  }
  // The function under its core name, else with the suffix KHR.
  template <typename Pfn>
  [[nodiscard]] Pfn get_or_khr(const std::string& name) const {
    const auto core = get<Pfn>(name.c_str());
    return core != nullptr ? core : get<Pfn>((name + "KHR").c_str());
  }

 private:
  VulkanInstance(VulkanLoader loader, VkInstance handle, const VkAllocationCallbacks* host)
      : loader_(loader), handle_(handle), host_(host) {}

  VulkanLoader loader_;
  VkInstance handle_;
  const VkAllocationCallbacks* host_;
  std::uint32_t version_ = VK_API_VERSION_1_0;
  bool properties2_ = false;
  VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
  std::vector<VkPhysicalDevice> devices_;
};

}  // namespace vkmembench
