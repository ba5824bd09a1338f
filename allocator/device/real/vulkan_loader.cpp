#include "allocator/device/real/vulkan_loader.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "allocator/base/error.h"
#include "allocator/base/os/remedies.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

// What the layer checks only when asked: whether commands wait for what they need.
VkValidationFeaturesEXT synchronization_checks() {
  static constexpr VkValidationFeatureEnableEXT kEnabled = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
  VkValidationFeaturesEXT features{};
  features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT;
  features.enabledValidationFeatureCount = 1;
  features.pEnabledValidationFeatures = &kEnabled;
  return features;
}

}  // namespace

VulkanLoader::VulkanLoader(const char* library) {
  void* opened = open_library(library);
  if (opened != nullptr)
    get_proc_ = reinterpret_cast<PFN_vkGetInstanceProcAddr>(library_function(opened, "vkGetInstanceProcAddr"));
}

std::uint32_t VulkanLoader::version() const {
  // Absent from loaders of Vulkan 1.0.
  const auto enumerate = get<PFN_vkEnumerateInstanceVersion>("vkEnumerateInstanceVersion");
  std::uint32_t version = VK_API_VERSION_1_0;
  if (enumerate == nullptr || enumerate(&version) != VK_SUCCESS) return VK_API_VERSION_1_0;
  return std::min(version, kNewestVulkan);
}

bool VulkanLoader::has_layer(const char* name) const {
  const auto enumerate = get<PFN_vkEnumerateInstanceLayerProperties>("vkEnumerateInstanceLayerProperties");
  std::uint32_t count = 0;
  if (enumerate(&count, nullptr) != VK_SUCCESS) return false;
  std::vector<VkLayerProperties> layers(count);
  if (enumerate(&count, layers.data()) != VK_SUCCESS) return false;
  return std::any_of(layers.begin(), layers.end(),
                     [&](const VkLayerProperties& layer) { return std::string_view(layer.layerName) == name; });
}

bool VulkanLoader::has_extension(const char* name, const char* layer) const {
  const auto enumerate = get<PFN_vkEnumerateInstanceExtensionProperties>("vkEnumerateInstanceExtensionProperties");
  std::uint32_t count = 0;
  if (enumerate(layer, &count, nullptr) != VK_SUCCESS) return false;
  std::vector<VkExtensionProperties> extensions(count);
  if (enumerate(layer, &count, extensions.data()) != VK_SUCCESS) return false;
  return std::any_of(extensions.begin(), extensions.end(), [&](const VkExtensionProperties& extension) {
    return std::string_view(extension.extensionName) == name;
  });
}

std::unique_ptr<VulkanInstance> VulkanInstance::create(const VulkanOptions& options, ValidationLog& errors,
                                                       std::string& reason) {
  const VulkanLoader loader(options.library);
  if (!loader) {
    reason = std::string("no Vulkan loader (") + options.library + "); ";
    reason += remedy_for(Missing::vulkan_loader);
    return nullptr;
  }
  const std::uint32_t version = std::min(loader.version(), options.newest);

  std::vector<const char*> layers;
  std::vector<const char*> extensions;
  VkDebugUtilsMessengerCreateInfoEXT messenger{};
  VkValidationFeaturesEXT features{};
  if (options.validation) {
    if (!loader.has_layer(kValidationLayer) ||
        !(loader.has_extension(VK_EXT_DEBUG_UTILS_EXTENSION_NAME) ||
          loader.has_extension(VK_EXT_DEBUG_UTILS_EXTENSION_NAME, kValidationLayer)))
      throw Error(std::string("the validation layer ") + kValidationLayer + " is not installed; " +
                  std::string(remedy_for(Missing::validation_layer)));
    layers.push_back(kValidationLayer);
    extensions.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    messenger = errors.messenger_info();
    if (loader.has_extension(VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME, kValidationLayer)) {
      extensions.push_back(VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME);
      features = synchronization_checks();
      messenger.pNext = &features;
    }
  }
  bool properties2 = version >= VK_API_VERSION_1_1;
  if (!properties2 && loader.has_extension(VK_KHR_GET_PHYSICAL_DEVICE_PROPERTIES_2_EXTENSION_NAME)) {
    extensions.push_back(VK_KHR_GET_PHYSICAL_DEVICE_PROPERTIES_2_EXTENSION_NAME);
    properties2 = true;
  }

  VkApplicationInfo application{};
  application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  application.pApplicationName = "vkmembench";
  application.apiVersion = version;
  VkInstanceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  info.pNext = options.validation ? &messenger : nullptr;
  info.pApplicationInfo = &application;
  info.enabledLayerCount = static_cast<std::uint32_t>(layers.size());
  info.ppEnabledLayerNames = layers.data();
  info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  VkInstance handle = VK_NULL_HANDLE;
  const VkResult made = loader.get<PFN_vkCreateInstance>("vkCreateInstance")(&info, options.host, &handle);
  if (made != VK_SUCCESS) {
    reason = made == VK_ERROR_INCOMPATIBLE_DRIVER
                 ? "no Vulkan driver; " + std::string(remedy_for(Missing::vulkan_driver))
                 : "vkCreateInstance failed: " + result_name(made);
    return nullptr;
  }
  std::unique_ptr<VulkanInstance> instance(new VulkanInstance(loader, handle, options.host));
  instance->version_ = version;
  instance->properties2_ = properties2;
  if (options.validation) {
    const auto create = instance->get<PFN_vkCreateDebugUtilsMessengerEXT>("vkCreateDebugUtilsMessengerEXT");
    messenger.pNext = nullptr;
    const VkResult watched = create(handle, &messenger, nullptr, &instance->messenger_);
    if (watched != VK_SUCCESS)
      throw Error("vkCreateDebugUtilsMessengerEXT failed: " + result_name(watched), ErrorKind::internal);
  }

  const auto enumerate = instance->get<PFN_vkEnumeratePhysicalDevices>("vkEnumeratePhysicalDevices");
  std::uint32_t count = 0;
  VkResult listed = enumerate(handle, &count, nullptr);
  if (listed == VK_SUCCESS) {
    instance->devices_.resize(count);
    listed = enumerate(handle, &count, instance->devices_.data());
    instance->devices_.resize(count);
  }
  if (listed != VK_SUCCESS && listed != VK_INCOMPLETE) {
    reason = "vkEnumeratePhysicalDevices failed: " + result_name(listed);
    return nullptr;
  }
  if (instance->devices_.empty()) {
    reason = "no Vulkan driver finds a device; ";
    reason += remedy_for(Missing::cpu_driver);
    return nullptr;
  }
  return instance;
}

VulkanInstance::~VulkanInstance() {
  if (messenger_ != VK_NULL_HANDLE)
    get<PFN_vkDestroyDebugUtilsMessengerEXT>("vkDestroyDebugUtilsMessengerEXT")(handle_, messenger_, nullptr);
  get<PFN_vkDestroyInstance>("vkDestroyInstance")(handle_, host_);
}

}  // namespace vkmembench
