#pragma once

#include <dlfcn.h>
#include <vulkan/vulkan_core.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

// As little of Vulkan as a program takes that is recorded: an instance, a device with one queue, and its calls by name.
class SmallVulkan {
 public:
  explicit SmallVulkan(const void* instance_next = nullptr) {
    void* library = dlopen("libvulkan.so.1", RTLD_NOW);
    require(library != nullptr, "libvulkan.so.1");
    get_ = reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(library, "vkGetInstanceProcAddr"));
    VkApplicationInfo application{
        VK_STRUCTURE_TYPE_APPLICATION_INFO, nullptr, "recorded", 1, nullptr, 1, VK_API_VERSION_1_3};
    const char* extension = "VK_EXT_debug_utils";
    VkInstanceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
    info.pNext = instance_next;
    info.pApplicationInfo = &application;
    info.enabledExtensionCount = 1;
    info.ppEnabledExtensionNames = &extension;
    check(call<PFN_vkCreateInstance>("vkCreateInstance")(&info, nullptr, &instance_));
    std::uint32_t count = 1;
    const VkResult listed =
        call<PFN_vkEnumeratePhysicalDevices>("vkEnumeratePhysicalDevices")(instance_, &count, &physical_);
    require(count == 1 && (listed == VK_SUCCESS || listed == VK_INCOMPLETE), "a Vulkan device");
    const float priority = 1;
    VkDeviceQueueCreateInfo queue{};
    queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
    queue.queueCount = 1;
    queue.pQueuePriorities = &priority;
    VkPhysicalDeviceVulkan13Features features{};
    features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES;
    features.synchronization2 = VK_TRUE;
    VkDeviceCreateInfo device{};
    device.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    device.pNext = &features;
    device.queueCreateInfoCount = 1;
    device.pQueueCreateInfos = &queue;
    check(call<PFN_vkCreateDevice>("vkCreateDevice")(physical_, &device, nullptr, &device_));
    of_device<PFN_vkGetDeviceQueue>("vkGetDeviceQueue")(device_, 0, 0, &queue_);
  }
  SmallVulkan(const SmallVulkan&) = delete;
  SmallVulkan& operator=(const SmallVulkan&) = delete;

  // What a program that leaks does not do.
  void destroy() {
    of_device<PFN_vkDeviceWaitIdle>("vkDeviceWaitIdle")(device_);
    of_device<PFN_vkDestroyDevice>("vkDestroyDevice")(device_, nullptr);
    call<PFN_vkDestroyInstance>("vkDestroyInstance")(instance_, nullptr);
  }

  template <typename Function>
  [[nodiscard]] Function call(const char* name) const {
    return reinterpret_cast<Function>(get_(instance_, name));
  }
  template <typename Function>
  [[nodiscard]] Function of_device(const char* name) const {
    const auto get = call<PFN_vkGetDeviceProcAddr>("vkGetDeviceProcAddr");
    return reinterpret_cast<Function>(get(device_, name));
  }
  [[nodiscard]] VkDevice device() const { return device_; }

  [[nodiscard]] VkBuffer buffer(VkDeviceSize size, const void* next = nullptr) const {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.pNext = next;
    info.size = size;
    info.usage =
        VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    VkBuffer buffer = VK_NULL_HANDLE;
    check(of_device<PFN_vkCreateBuffer>("vkCreateBuffer")(device_, &info, nullptr, &buffer));
    return buffer;
  }
  [[nodiscard]] VkImage image(std::uint32_t side, const void* next = nullptr, VkImageCreateFlags flags = 0) const {
    VkImageCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
    info.pNext = next;
    info.flags = flags;
    info.imageType = VK_IMAGE_TYPE_2D;
    info.format = VK_FORMAT_R8G8B8A8_UNORM;
    info.extent = {side, side, 1};
    info.mipLevels = 1;
    info.arrayLayers = 1;
    info.samples = VK_SAMPLE_COUNT_1_BIT;
    info.usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_SAMPLED_BIT;
    VkImage image = VK_NULL_HANDLE;
    check(of_device<PFN_vkCreateImage>("vkCreateImage")(device_, &info, nullptr, &image));
    return image;
  }
  [[nodiscard]] VkMemoryRequirements needs(VkBuffer buffer) const {
    VkMemoryRequirements needs{};
    of_device<PFN_vkGetBufferMemoryRequirements>("vkGetBufferMemoryRequirements")(device_, buffer, &needs);
    return needs;
  }
  [[nodiscard]] VkMemoryRequirements needs(VkImage image) const {
    VkMemoryRequirements needs{};
    of_device<PFN_vkGetImageMemoryRequirements>("vkGetImageMemoryRequirements")(device_, image, &needs);
    return needs;
  }
  [[nodiscard]] VkDeviceMemory memory(VkDeviceSize size, const void* next = nullptr) const {
    VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, next, size, 0};  // lavapipe's only type
    VkDeviceMemory memory = VK_NULL_HANDLE;
    check(of_device<PFN_vkAllocateMemory>("vkAllocateMemory")(device_, &info, nullptr, &memory));
    return memory;
  }
  void bind(VkBuffer buffer, VkDeviceMemory memory, VkDeviceSize offset) const {
    check(of_device<PFN_vkBindBufferMemory>("vkBindBufferMemory")(device_, buffer, memory, offset));
  }
  void bind(VkImage image, VkDeviceMemory memory, VkDeviceSize offset) const {
    check(of_device<PFN_vkBindImageMemory>("vkBindImageMemory")(device_, image, memory, offset));
  }
  void destroy(VkBuffer buffer) const { of_device<PFN_vkDestroyBuffer>("vkDestroyBuffer")(device_, buffer, nullptr); }
  void destroy(VkImage image) const { of_device<PFN_vkDestroyImage>("vkDestroyImage")(device_, image, nullptr); }
  void destroy(VkDeviceMemory memory) const { of_device<PFN_vkFreeMemory>("vkFreeMemory")(device_, memory, nullptr); }
  void name(VkObjectType type, std::uint64_t handle, const char* text) const {
    VkDebugUtilsObjectNameInfoEXT info{VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT, nullptr, type, handle, text};
    check(of_device<PFN_vkSetDebugUtilsObjectNameEXT>("vkSetDebugUtilsObjectNameEXT")(device_, &info));
  }
  void submit(const VkCommandBuffer* commands = nullptr, const void* next = nullptr) const {
    VkSubmitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = next;
    info.commandBufferCount = commands == nullptr ? 0 : 1;
    info.pCommandBuffers = commands;
    check(of_device<PFN_vkQueueSubmit>("vkQueueSubmit")(queue_, 1, &info, VK_NULL_HANDLE));
    of_device<PFN_vkQueueWaitIdle>("vkQueueWaitIdle")(queue_);
  }
  void submit2(VkCommandBuffer commands) const {
    VkCommandBufferSubmitInfo buffer{VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO, nullptr, commands, 0};
    VkSubmitInfo2 info{};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO_2;
    info.commandBufferInfoCount = 1;
    info.pCommandBufferInfos = &buffer;
    check(of_device<PFN_vkQueueSubmit2>("vkQueueSubmit2")(queue_, 1, &info, VK_NULL_HANDLE));
    of_device<PFN_vkQueueWaitIdle>("vkQueueWaitIdle")(queue_);
  }

  static void check(VkResult result) { require(result == VK_SUCCESS, "a call that succeeds"); }
  static void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "recorded_program: needs %s\n", what);
    std::exit(3);
  }

 private:
  PFN_vkGetInstanceProcAddr get_ = nullptr;
  VkInstance instance_ = VK_NULL_HANDLE;
  VkPhysicalDevice physical_ = VK_NULL_HANDLE;
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
};
