#pragma once

#include <vulkan/vk_layer.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "allocator/base/bytes.h"
#include "scenarios/recording/layer/entry_points.h"
#include "scenarios/recording/newer_structures.h"

namespace vkmembench {

// What is below the layer where tests and benchmarks use it: a driver that does nothing, of one memory type that the
// host maps, whose buffers need 4096 bytes and images 64 KiB. Of the modifiers that an image may have it
// takes kModifier. Where it reports memory, it tells of two pieces of its own, of 3000 and 5000
// bytes, of which the first goes before the second comes. Sparse images have pages of 128 x 128 texels down to the
// third mip, which is the first of the tail. Safe from any thread.
class NullDriver {
 public:
  static constexpr Bytes kRequired = 4096;
  static constexpr std::uint64_t kModifier = 0x0100000000000002;
  static constexpr Bytes kPage = 65536;
  static constexpr Offset kTailOffset = 0x100000;

  // An instance and a device through the layer, or without it.
  explicit NullDriver(bool layered = true) : layered_(layered) {
    VkLayerInstanceLink link{nullptr, instance_proc, nullptr};
    VkLayerInstanceCreateInfo chain{};
    chain.sType = VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO;
    chain.function = VK_LAYER_LINK_INFO;
    chain.u.pLayerInfo = &link;
    VkInstanceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
    info.pNext = &chain;
    of_instance<PFN_vkCreateInstance>("vkCreateInstance")(&info, nullptr, &instance_);

    VkLayerDeviceLink device_link{nullptr, instance_proc, device_proc};
    VkLayerDeviceCreateInfo device_chain{};
    device_chain.sType = VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO;
    device_chain.function = VK_LAYER_LINK_INFO;
    device_chain.u.pLayerInfo = &device_link;
    VkDeviceCreateInfo device{};
    device.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    device.pNext = &device_chain;
    // Its physical devices begin as the instance does.
    of_instance<PFN_vkCreateDevice>("vkCreateDevice")(reinterpret_cast<VkPhysicalDevice>(instance_), &device, nullptr,
                                                      &device_);
    create_buffer_ = call<PFN_vkCreateBuffer>("vkCreateBuffer");
    allocate_ = call<PFN_vkAllocateMemory>("vkAllocateMemory");
    bind_ = call<PFN_vkBindBufferMemory>("vkBindBufferMemory");
    destroy_buffer_ = call<PFN_vkDestroyBuffer>("vkDestroyBuffer");
    free_ = call<PFN_vkFreeMemory>("vkFreeMemory");
    submit_ = call<PFN_vkQueueSubmit>("vkQueueSubmit");
  }
  ~NullDriver() { end(); }
  NullDriver(const NullDriver&) = delete;
  NullDriver& operator=(const NullDriver&) = delete;

  // Ends device and instance.
  void end() {
    if (device_ != nullptr) call<PFN_vkDestroyDevice>("vkDestroyDevice")(device_, nullptr);
    if (instance_ != nullptr) of_instance<PFN_vkDestroyInstance>("vkDestroyInstance")(instance_, nullptr);
    device_ = nullptr;
    instance_ = nullptr;
  }

  template <typename Function>
  [[nodiscard]] Function call(const char* name) const {
    return reinterpret_cast<Function>(layered_ ? layer_device_proc(device_, name) : find(name));
  }
  template <typename Function>
  [[nodiscard]] Function of_instance(const char* name) const {
    return reinterpret_cast<Function>(layered_ ? layer_instance_proc(instance_, name) : find(name));
  }
  [[nodiscard]] VkDevice device() const { return device_; }
  // Queues and command buffers begin as their device does.
  [[nodiscard]] VkQueue queue() const { return reinterpret_cast<VkQueue>(device_); }
  [[nodiscard]] VkCommandBuffer commands() const { return reinterpret_cast<VkCommandBuffer>(device_); }

  [[nodiscard]] VkBuffer buffer(Bytes size, const void* next = nullptr, VkBufferCreateFlags flags = 0) const {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.pNext = next;
    info.flags = flags;
    info.size = size;
    info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    VkBuffer buffer = VK_NULL_HANDLE;
    create_buffer_(device_, &info, nullptr, &buffer);
    return buffer;
  }
  [[nodiscard]] VkDeviceMemory memory(Bytes size, const void* next = nullptr) const {
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, next, size, 0};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    allocate_(device_, &info, nullptr, &memory);
    return memory;
  }
  void bind(VkBuffer buffer, VkDeviceMemory memory, Offset offset = 0) const { bind_(device_, buffer, memory, offset); }
  void destroy(VkBuffer buffer) const { destroy_buffer_(device_, buffer, nullptr); }
  void destroy(VkDeviceMemory memory) const { free_(device_, memory, nullptr); }
  void submit(const void* next = nullptr) const {
    VkSubmitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = next;
    submit_(queue(), 1, &info, VK_NULL_HANDLE);
  }

  // Whether devices to come have VK_EXT_device_memory_report.
  static void set_reports(bool offered) { reports_ = offered ? VK_TRUE : VK_FALSE; }
  // What vkGetPhysicalDeviceMemoryProperties2 tells the program from now on.
  static void set_budget(Bytes bytes) { budget_ = bytes; }
  void ask_budget() const {
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
    budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
    VkPhysicalDeviceMemoryProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2;
    properties.pNext = &budget;
    of_instance<PFN_vkGetPhysicalDeviceMemoryProperties2>("vkGetPhysicalDeviceMemoryProperties2")(
        reinterpret_cast<VkPhysicalDevice>(instance_), &properties);
  }

  // The last structure that came to vkCreateBuffer below the layer.
  static const void* last_buffer_structure() { return seen_; }

 private:
  // What a dispatchable handle leads to: the loader's pointer first.
  struct Dispatchable {
    void* key = this;
  };
  template <typename Handle>
  static Handle new_handle() {
    static std::atomic<std::uint64_t> next = 0x1000;
    return reinterpret_cast<Handle>(next += 16);
  }

  static VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo* /*info*/,
                                                        const VkAllocationCallbacks* /*callbacks*/,
                                                        VkInstance* instance) {
    *instance = reinterpret_cast<VkInstance>(new Dispatchable);
    return VK_SUCCESS;
  }
  static VKAPI_ATTR void VKAPI_CALL destroy_instance(VkInstance instance, const VkAllocationCallbacks* /*callbacks*/) {
    delete reinterpret_cast<Dispatchable*>(instance);
  }
  static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice /*physical*/, const VkDeviceCreateInfo* info,
                                                      const VkAllocationCallbacks* /*callbacks*/, VkDevice* device) {
    for (auto* next = static_cast<const VkBaseInStructure*>(info->pNext); next != nullptr; next = next->pNext)
      if (next->sType == VK_STRUCTURE_TYPE_DEVICE_DEVICE_MEMORY_REPORT_CREATE_INFO_EXT)
        report_memory(reinterpret_cast<const VkDeviceDeviceMemoryReportCreateInfoEXT&>(*next));
    *device = reinterpret_cast<VkDevice>(new Dispatchable);
    return VK_SUCCESS;
  }
  static void report_memory(const VkDeviceDeviceMemoryReportCreateInfoEXT& to) {
    VkDeviceMemoryReportCallbackDataEXT data{};
    data.sType = VK_STRUCTURE_TYPE_DEVICE_MEMORY_REPORT_CALLBACK_DATA_EXT;
    const auto tell = [&](VkDeviceMemoryReportEventTypeEXT type, std::uint64_t object, Bytes size, VkObjectType of) {
      data.type = type;
      data.memoryObjectId = object;
      data.size = size;
      data.objectType = of;
      to.pfnUserCallback(&data, to.pUserData);
    };
    tell(VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATE_EXT, 1, 3000, VK_OBJECT_TYPE_DEVICE);
    tell(VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATE_EXT, 2, 1 << 20, VK_OBJECT_TYPE_DEVICE_MEMORY);
    tell(VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_FREE_EXT, 1, 0, VK_OBJECT_TYPE_DEVICE);
    tell(VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATE_EXT, 3, 5000, VK_OBJECT_TYPE_COMMAND_BUFFER);
    tell(VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATION_FAILED_EXT, 4, 7000, VK_OBJECT_TYPE_COMMAND_BUFFER);
  }
  static VKAPI_ATTR VkResult VKAPI_CALL get_extensions(VkPhysicalDevice /*physical*/, const char* /*layer*/,
                                                       std::uint32_t* count, VkExtensionProperties* out) {
    if (out != nullptr) std::strcpy(out->extensionName, VK_EXT_DEVICE_MEMORY_REPORT_EXTENSION_NAME);
    *count = 1;
    return VK_SUCCESS;
  }
  static VKAPI_ATTR void VKAPI_CALL get_features(VkPhysicalDevice /*physical*/, VkPhysicalDeviceFeatures2* out) {
    static_cast<VkPhysicalDeviceDeviceMemoryReportFeaturesEXT*>(out->pNext)->deviceMemoryReport = reports_;
  }
  static VKAPI_ATTR void VKAPI_CALL get_memory2(VkPhysicalDevice physical, VkPhysicalDeviceMemoryProperties2* out) {
    get_memory(physical, &out->memoryProperties);
    static_cast<VkPhysicalDeviceMemoryBudgetPropertiesEXT*>(out->pNext)->heapBudget[0] = budget_;
  }
  static VKAPI_ATTR void VKAPI_CALL destroy_device(VkDevice device, const VkAllocationCallbacks* /*callbacks*/) {
    delete reinterpret_cast<Dispatchable*>(device);
  }
  static VKAPI_ATTR void VKAPI_CALL get_properties(VkPhysicalDevice /*physical*/, VkPhysicalDeviceProperties* out) {
    *out = {};
    std::strcpy(out->deviceName, "null");
    out->apiVersion = VK_API_VERSION_1_0;
  }
  static VKAPI_ATTR void VKAPI_CALL get_memory(VkPhysicalDevice /*physical*/, VkPhysicalDeviceMemoryProperties* out) {
    *out = {};
    out->memoryHeapCount = out->memoryTypeCount = 1;
    out->memoryHeaps[0] = {kGiB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT};
    out->memoryTypes[0] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, 0};
  }
  static VKAPI_ATTR VkResult VKAPI_CALL create_buffer(VkDevice /*device*/, const VkBufferCreateInfo* info,
                                                      const VkAllocationCallbacks* /*callbacks*/, VkBuffer* buffer) {
    seen_ = info->pNext;
    *buffer = new_handle<VkBuffer>();
    return VK_SUCCESS;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL allocate(VkDevice /*device*/, const VkMemoryAllocateInfo* /*info*/,
                                                 const VkAllocationCallbacks* /*callbacks*/, VkDeviceMemory* memory) {
    *memory = new_handle<VkDeviceMemory>();
    return VK_SUCCESS;
  }
  static VKAPI_ATTR void VKAPI_CALL get_needs(VkDevice /*device*/, VkBuffer /*buffer*/, VkMemoryRequirements* out) {
    *out = {kRequired, 64, 1};
  }
  static VKAPI_ATTR VkResult VKAPI_CALL bind_buffer(VkDevice /*device*/, VkBuffer /*buffer*/, VkDeviceMemory /*memory*/,
                                                    VkDeviceSize /*offset*/) {
    return VK_SUCCESS;
  }
  static VKAPI_ATTR void VKAPI_CALL destroy_buffer(VkDevice /*device*/, VkBuffer /*buffer*/,
                                                   const VkAllocationCallbacks* /*callbacks*/) {}
  static VKAPI_ATTR void VKAPI_CALL free_memory(VkDevice /*device*/, VkDeviceMemory /*memory*/,
                                                const VkAllocationCallbacks* /*callbacks*/) {}
  static VKAPI_ATTR void VKAPI_CALL copy_buffer(VkCommandBuffer /*commands*/, VkBuffer /*from*/, VkBuffer /*to*/,
                                                std::uint32_t /*count*/, const VkBufferCopy* /*regions*/) {}
  static VKAPI_ATTR VkResult VKAPI_CALL submit_queue(VkQueue /*queue*/, std::uint32_t /*count*/,
                                                     const VkSubmitInfo* /*infos*/, VkFence /*fence*/) {
    return VK_SUCCESS;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL flush(VkDevice /*device*/, std::uint32_t /*count*/,
                                              const VkMappedMemoryRange* /*ranges*/) {
    return VK_SUCCESS;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL map2(VkDevice /*device*/, const MapInfo* /*info*/, void** data) {
    static std::byte mapped[1 << 16];
    *data = mapped;
    return VK_SUCCESS;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL unmap2(VkDevice /*device*/, const UnmapInfo* /*info*/) { return VK_SUCCESS; }
  static VKAPI_ATTR VkResult VKAPI_CALL create_image(VkDevice /*device*/, const VkImageCreateInfo* /*info*/,
                                                     const VkAllocationCallbacks* /*callbacks*/, VkImage* image) {
    *image = new_handle<VkImage>();
    return VK_SUCCESS;
  }
  static VKAPI_ATTR void VKAPI_CALL destroy_image(VkDevice /*device*/, VkImage /*image*/,
                                                  const VkAllocationCallbacks* /*callbacks*/) {}
  static VKAPI_ATTR void VKAPI_CALL get_image_needs(VkDevice /*device*/, VkImage /*image*/, VkMemoryRequirements* out) {
    *out = {kPage, kPage, 1};
  }
  static VKAPI_ATTR void VKAPI_CALL get_plane_needs(VkDevice /*device*/, const VkImageMemoryRequirementsInfo2* /*info*/,
                                                    VkMemoryRequirements2* out) {
    out->memoryRequirements = {kRequired, 64, 1};
  }
  static VKAPI_ATTR void VKAPI_CALL get_sparse_needs(VkDevice /*device*/, VkImage /*image*/, std::uint32_t* count,
                                                     VkSparseImageMemoryRequirements* out) {
    if (out != nullptr) {
      out[0] = {{VK_IMAGE_ASPECT_METADATA_BIT, {}, 0}, 0, kPage, 0, 0};
      out[1] = {{VK_IMAGE_ASPECT_COLOR_BIT, {128, 128, 1}, 0}, 2, kPage, kTailOffset, 2 * kPage};
    }
    *count = 2;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL bind_images(VkDevice /*device*/, std::uint32_t /*count*/,
                                                    const VkBindImageMemoryInfo* /*infos*/) {
    return VK_SUCCESS;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL bind_sparse(VkQueue /*queue*/, std::uint32_t /*count*/,
                                                    const VkBindSparseInfo* /*infos*/, VkFence /*fence*/) {
    return VK_SUCCESS;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL get_modifier(VkDevice /*device*/, VkImage /*image*/,
                                                     VkImageDrmFormatModifierPropertiesEXT* out) {
    out->drmFormatModifier = kModifier;
    return VK_SUCCESS;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL bind_image(VkDevice /*device*/, VkImage /*image*/, VkDeviceMemory /*memory*/,
                                                   VkDeviceSize /*offset*/) {
    return VK_SUCCESS;
  }
  static VKAPI_ATTR VkResult VKAPI_CALL wait_idle(VkDevice /*device*/) { return VK_SUCCESS; }

  static PFN_vkVoidFunction find(std::string_view name) {
    const std::pair<std::string_view, PFN_vkVoidFunction> rows[] = {
        {"vkCreateInstance", reinterpret_cast<PFN_vkVoidFunction>(create_instance)},
        {"vkDestroyInstance", reinterpret_cast<PFN_vkVoidFunction>(destroy_instance)},
        {"vkCreateDevice", reinterpret_cast<PFN_vkVoidFunction>(create_device)},
        {"vkDestroyDevice", reinterpret_cast<PFN_vkVoidFunction>(destroy_device)},
        {"vkGetPhysicalDeviceProperties", reinterpret_cast<PFN_vkVoidFunction>(get_properties)},
        {"vkGetPhysicalDeviceMemoryProperties", reinterpret_cast<PFN_vkVoidFunction>(get_memory)},
        {"vkGetPhysicalDeviceMemoryProperties2", reinterpret_cast<PFN_vkVoidFunction>(get_memory2)},
        {"vkGetPhysicalDeviceFeatures2", reinterpret_cast<PFN_vkVoidFunction>(get_features)},
        {"vkEnumerateDeviceExtensionProperties", reinterpret_cast<PFN_vkVoidFunction>(get_extensions)},
        {"vkCreateBuffer", reinterpret_cast<PFN_vkVoidFunction>(create_buffer)},
        {"vkAllocateMemory", reinterpret_cast<PFN_vkVoidFunction>(allocate)},
        {"vkGetBufferMemoryRequirements", reinterpret_cast<PFN_vkVoidFunction>(get_needs)},
        {"vkBindBufferMemory", reinterpret_cast<PFN_vkVoidFunction>(bind_buffer)},
        {"vkDestroyBuffer", reinterpret_cast<PFN_vkVoidFunction>(destroy_buffer)},
        {"vkFreeMemory", reinterpret_cast<PFN_vkVoidFunction>(free_memory)},
        {"vkCmdCopyBuffer", reinterpret_cast<PFN_vkVoidFunction>(copy_buffer)},
        {"vkFlushMappedMemoryRanges", reinterpret_cast<PFN_vkVoidFunction>(flush)},
        {"vkMapMemory2KHR", reinterpret_cast<PFN_vkVoidFunction>(map2)},
        {"vkUnmapMemory2KHR", reinterpret_cast<PFN_vkVoidFunction>(unmap2)},
        {"vkCreateImage", reinterpret_cast<PFN_vkVoidFunction>(create_image)},
        {"vkDestroyImage", reinterpret_cast<PFN_vkVoidFunction>(destroy_image)},
        {"vkGetImageMemoryRequirements", reinterpret_cast<PFN_vkVoidFunction>(get_image_needs)},
        {"vkGetImageMemoryRequirements2", reinterpret_cast<PFN_vkVoidFunction>(get_plane_needs)},
        {"vkGetImageSparseMemoryRequirements", reinterpret_cast<PFN_vkVoidFunction>(get_sparse_needs)},
        {"vkBindImageMemory2", reinterpret_cast<PFN_vkVoidFunction>(bind_images)},
        {"vkQueueBindSparse", reinterpret_cast<PFN_vkVoidFunction>(bind_sparse)},
        {"vkGetImageDrmFormatModifierPropertiesEXT", reinterpret_cast<PFN_vkVoidFunction>(get_modifier)},
        {"vkBindImageMemory", reinterpret_cast<PFN_vkVoidFunction>(bind_image)},
        {"vkQueueSubmit", reinterpret_cast<PFN_vkVoidFunction>(submit_queue)},
        {"vkDeviceWaitIdle", reinterpret_cast<PFN_vkVoidFunction>(wait_idle)},
    };
    for (const auto& [row, function] : rows)
      if (row == name) return function;
    return nullptr;
  }
  // Of an instance also what the loader has for all of its devices, and this driver for none.
  static VKAPI_ATTR VkResult VKAPI_CALL name_object(VkDevice /*device*/,
                                                    const VkDebugUtilsObjectNameInfoEXT* /*info*/) {
    return VK_ERROR_UNKNOWN;
  }
  static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_proc(VkInstance /*instance*/, const char* name) {
    if (std::string_view(name) == "vkSetDebugUtilsObjectNameEXT")
      return reinterpret_cast<PFN_vkVoidFunction>(name_object);
    return find(name);
  }
  static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_proc(VkDevice /*device*/, const char* name) {
    return find(name);
  }

  static inline thread_local const void* seen_ = nullptr;
  static inline std::atomic<Bytes> budget_ = kGiB;
  static inline std::atomic<VkBool32> reports_ = VK_FALSE;

  bool layered_ = true;
  VkInstance instance_ = nullptr;
  VkDevice device_ = nullptr;
  PFN_vkCreateBuffer create_buffer_ = nullptr;
  PFN_vkAllocateMemory allocate_ = nullptr;
  PFN_vkBindBufferMemory bind_ = nullptr;
  PFN_vkDestroyBuffer destroy_buffer_ = nullptr;
  PFN_vkFreeMemory free_ = nullptr;
  PFN_vkQueueSubmit submit_ = nullptr;
};

}  // namespace vkmembench
