// A Vulkan layer that counts what a program does with memory, by nothing but the calls: what a recording of the same
// program has to agree with. It shares no code with the layer that records. At the end of each device a line of JSON
// goes to the file that VKMEMBENCH_COUNT_FILE names; where VKMEMBENCH_COUNT_FRAMES is set, also after each submit and
// each present, for programs that are killed.
#include <vulkan/vk_layer.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace {

struct Held {
  VkDeviceSize bytes = 0;
  std::uint64_t memory = 0;
};

struct Counts {
  VkDevice device = VK_NULL_HANDLE;
  PFN_vkGetDeviceProcAddr get = nullptr;
  std::map<std::uint64_t, VkDeviceSize> memories;
  std::map<std::pair<bool, std::uint64_t>, Held> bound;
  std::uint64_t allocations = 0, binds = 0, created = 0, frees = 0;
  VkDeviceSize allocated = 0, allocated_peak = 0, required = 0, required_peak = 0;
};

std::mutex lock;
std::map<void*, Counts> devices;
std::map<void*, std::pair<VkInstance, PFN_vkGetInstanceProcAddr>> instances;

void* key_of(const void* handle) { return *static_cast<void* const*>(handle); }

template <typename Handle>
std::uint64_t number(Handle handle) {
  return reinterpret_cast<std::uint64_t>(handle);
}

template <typename Function>
Function next_of(VkDevice device, const char* name) {
  PFN_vkGetDeviceProcAddr get = nullptr;
  {
    const std::lock_guard hold(lock);
    get = devices.at(key_of(device)).get;
  }
  return reinterpret_cast<Function>(get(device, name));
}

template <typename Count>
void count(VkDevice device, Count how) {
  const std::lock_guard hold(lock);
  how(devices.at(key_of(device)));
}

void bind(VkDevice device, bool image, std::uint64_t resource, VkDeviceMemory memory, VkDeviceSize bytes) {
  count(device, [&](Counts& counts) {
    ++counts.binds;
    counts.bound[{image, resource}] = {bytes, number(memory)};
    counts.required += bytes;
    counts.required_peak = std::max(counts.required_peak, counts.required);
  });
}

void unbind(Counts& counts, std::pair<bool, std::uint64_t> resource) {
  const auto held = counts.bound.find(resource);
  if (held == counts.bound.end()) return;
  counts.required -= held->second.bytes;
  ++counts.frees;
  counts.bound.erase(held);
}

VKAPI_ATTR VkResult VKAPI_CALL create_buffer(VkDevice device, const VkBufferCreateInfo* info,
                                             const VkAllocationCallbacks* callbacks, VkBuffer* buffer) {
  const VkResult result = next_of<PFN_vkCreateBuffer>(device, "vkCreateBuffer")(device, info, callbacks, buffer);
  if (result == VK_SUCCESS) count(device, [](Counts& counts) { ++counts.created; });
  return result;
}
VKAPI_ATTR VkResult VKAPI_CALL create_image(VkDevice device, const VkImageCreateInfo* info,
                                            const VkAllocationCallbacks* callbacks, VkImage* image) {
  const VkResult result = next_of<PFN_vkCreateImage>(device, "vkCreateImage")(device, info, callbacks, image);
  if (result == VK_SUCCESS) count(device, [](Counts& counts) { ++counts.created; });
  return result;
}
VKAPI_ATTR void VKAPI_CALL destroy_buffer(VkDevice device, VkBuffer buffer, const VkAllocationCallbacks* callbacks) {
  count(device, [&](Counts& counts) { unbind(counts, {false, number(buffer)}); });
  next_of<PFN_vkDestroyBuffer>(device, "vkDestroyBuffer")(device, buffer, callbacks);
}
VKAPI_ATTR void VKAPI_CALL destroy_image(VkDevice device, VkImage image, const VkAllocationCallbacks* callbacks) {
  count(device, [&](Counts& counts) { unbind(counts, {true, number(image)}); });
  next_of<PFN_vkDestroyImage>(device, "vkDestroyImage")(device, image, callbacks);
}
VKAPI_ATTR VkResult VKAPI_CALL allocate(VkDevice device, const VkMemoryAllocateInfo* info,
                                        const VkAllocationCallbacks* callbacks, VkDeviceMemory* memory) {
  const VkResult result = next_of<PFN_vkAllocateMemory>(device, "vkAllocateMemory")(device, info, callbacks, memory);
  if (result != VK_SUCCESS) return result;
  count(device, [&](Counts& counts) {
    ++counts.allocations;
    counts.memories[number(*memory)] = info->allocationSize;
    counts.allocated += info->allocationSize;
    counts.allocated_peak = std::max(counts.allocated_peak, counts.allocated);
  });
  return result;
}
VKAPI_ATTR void VKAPI_CALL free_memory(VkDevice device, VkDeviceMemory memory, const VkAllocationCallbacks* callbacks) {
  count(device, [&](Counts& counts) {
    const auto held = counts.memories.find(number(memory));
    if (held == counts.memories.end()) return;
    counts.allocated -= held->second;
    counts.memories.erase(held);
    for (auto row = counts.bound.begin(); row != counts.bound.end();) {
      const auto resource = row++;
      if (resource->second.memory == number(memory)) unbind(counts, resource->first);
    }
  });
  next_of<PFN_vkFreeMemory>(device, "vkFreeMemory")(device, memory, callbacks);
}

VkDeviceSize size_of(VkDevice device, VkBuffer buffer) {
  VkMemoryRequirements needs{};
  next_of<PFN_vkGetBufferMemoryRequirements>(device, "vkGetBufferMemoryRequirements")(device, buffer, &needs);
  return needs.size;
}
VkDeviceSize size_of(VkDevice device, VkImage image) {
  VkMemoryRequirements needs{};
  next_of<PFN_vkGetImageMemoryRequirements>(device, "vkGetImageMemoryRequirements")(device, image, &needs);
  return needs.size;
}

VKAPI_ATTR VkResult VKAPI_CALL bind_buffer(VkDevice device, VkBuffer buffer, VkDeviceMemory memory,
                                           VkDeviceSize offset) {
  bind(device, false, number(buffer), memory, size_of(device, buffer));
  return next_of<PFN_vkBindBufferMemory>(device, "vkBindBufferMemory")(device, buffer, memory, offset);
}
VKAPI_ATTR VkResult VKAPI_CALL bind_image(VkDevice device, VkImage image, VkDeviceMemory memory, VkDeviceSize offset) {
  bind(device, true, number(image), memory, size_of(device, image));
  return next_of<PFN_vkBindImageMemory>(device, "vkBindImageMemory")(device, image, memory, offset);
}
VKAPI_ATTR VkResult VKAPI_CALL bind_buffers(VkDevice device, std::uint32_t binds, const VkBindBufferMemoryInfo* infos) {
  for (std::uint32_t i = 0; i < binds; ++i)
    bind(device, false, number(infos[i].buffer), infos[i].memory, size_of(device, infos[i].buffer));
  auto next = next_of<PFN_vkBindBufferMemory2>(device, "vkBindBufferMemory2");
  if (next == nullptr) next = next_of<PFN_vkBindBufferMemory2>(device, "vkBindBufferMemory2KHR");
  return next(device, binds, infos);
}
VKAPI_ATTR VkResult VKAPI_CALL bind_images(VkDevice device, std::uint32_t binds, const VkBindImageMemoryInfo* infos) {
  for (std::uint32_t i = 0; i < binds; ++i)
    if (infos[i].memory != VK_NULL_HANDLE)
      bind(device, true, number(infos[i].image), infos[i].memory, size_of(device, infos[i].image));
  auto next = next_of<PFN_vkBindImageMemory2>(device, "vkBindImageMemory2");
  if (next == nullptr) next = next_of<PFN_vkBindImageMemory2>(device, "vkBindImageMemory2KHR");
  return next(device, binds, infos);
}

void print(const Counts& counts) {
  const char* name = std::getenv("VKMEMBENCH_COUNT_FILE");
  std::FILE* file = name == nullptr ? nullptr : std::fopen(name, "a");
  if (file == nullptr) return;
  const auto wide = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::fprintf(
      file,
      R"({"allocations":%llu,"binds":%llu,"created":%llu,"frees":%llu,"allocated_peak":%llu,"required_peak":%llu})"
      "\n",
      wide(counts.allocations), wide(counts.binds), wide(counts.created), wide(counts.frees),
      wide(counts.allocated_peak), wide(counts.required_peak));
  std::fclose(file);
}

template <typename Queue>
void count_frame(Queue queue) {
  static const bool asked = std::getenv("VKMEMBENCH_COUNT_FRAMES") != nullptr;
  if (!asked) return;
  const std::lock_guard hold(lock);
  print(devices.at(key_of(queue)));
}
template <typename Function>
Function next_of_queue(VkQueue queue, const char* name, const char* alias) {
  std::pair<VkDevice, PFN_vkGetDeviceProcAddr> below;
  {
    const std::lock_guard hold(lock);
    const Counts& counts = devices.at(key_of(queue));
    below = {counts.device, counts.get};
  }
  const PFN_vkVoidFunction next = below.second(below.first, name);
  return reinterpret_cast<Function>(next != nullptr ? next : below.second(below.first, alias));
}
VKAPI_ATTR VkResult VKAPI_CALL submit(VkQueue queue, std::uint32_t submits, const VkSubmitInfo* infos, VkFence fence) {
  const auto next = next_of_queue<PFN_vkQueueSubmit>(queue, "vkQueueSubmit", "");
  count_frame(queue);
  return next(queue, submits, infos, fence);
}
VKAPI_ATTR VkResult VKAPI_CALL submit2(VkQueue queue, std::uint32_t submits, const VkSubmitInfo2* infos,
                                       VkFence fence) {
  const auto next = next_of_queue<PFN_vkQueueSubmit2>(queue, "vkQueueSubmit2", "vkQueueSubmit2KHR");
  count_frame(queue);
  return next(queue, submits, infos, fence);
}
VKAPI_ATTR VkResult VKAPI_CALL present(VkQueue queue, const VkPresentInfoKHR* info) {
  const auto next = next_of_queue<PFN_vkQueuePresentKHR>(queue, "vkQueuePresentKHR", "");
  count_frame(queue);
  return next(queue, info);
}

// Of devices that are left to the end of their program.
struct AtExit {
  ~AtExit() {
    for (const auto& [key, counts] : devices) print(counts);
  }
} at_exit;

VKAPI_ATTR void VKAPI_CALL destroy_device(VkDevice device, const VkAllocationCallbacks* callbacks) {
  if (device == VK_NULL_HANDLE) return;
  const auto next = next_of<PFN_vkDestroyDevice>(device, "vkDestroyDevice");
  {
    const std::lock_guard hold(lock);
    print(devices.at(key_of(device)));
    devices.erase(key_of(device));
  }
  next(device, callbacks);
}

template <typename Info>
Info* link_of(const void* next, VkStructureType type) {
  auto* info = static_cast<Info*>(const_cast<void*>(next));
  while (info->sType != type || info->function != VK_LAYER_LINK_INFO)
    info = static_cast<Info*>(const_cast<void*>(info->pNext));
  return info;
}

VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo* info, const VkAllocationCallbacks* callbacks,
                                               VkInstance* instance) {
  auto* link = link_of<VkLayerInstanceCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO);
  const auto get = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  const VkResult result =
      reinterpret_cast<PFN_vkCreateInstance>(get(nullptr, "vkCreateInstance"))(info, callbacks, instance);
  if (result != VK_SUCCESS) return result;
  const std::lock_guard hold(lock);
  instances[key_of(*instance)] = {*instance, get};
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice physical, const VkDeviceCreateInfo* info,
                                             const VkAllocationCallbacks* callbacks, VkDevice* device) {
  auto* link = link_of<VkLayerDeviceCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO);
  const VkLayerDeviceLink below = *link->u.pLayerInfo;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  VkInstance instance = VK_NULL_HANDLE;
  {
    const std::lock_guard hold(lock);
    instance = instances.at(key_of(physical)).first;
  }
  const auto create =
      reinterpret_cast<PFN_vkCreateDevice>(below.pfnNextGetInstanceProcAddr(instance, "vkCreateDevice"));
  const VkResult result = create(physical, info, callbacks, device);
  if (result != VK_SUCCESS) return result;
  const std::lock_guard hold(lock);
  Counts& counts = devices[key_of(*device)];
  counts.device = *device;
  counts.get = below.pfnNextGetDeviceProcAddr;
  return result;
}

struct Row {
  const char* name;
  PFN_vkVoidFunction function;
};
PFN_vkVoidFunction own(const char* name) {
#define ROW(name, function) \
  { name, reinterpret_cast<PFN_vkVoidFunction>(function) }
  static const Row kRows[] = {ROW("vkCreateBuffer", create_buffer),
                              ROW("vkCreateImage", create_image),
                              ROW("vkDestroyBuffer", destroy_buffer),
                              ROW("vkDestroyImage", destroy_image),
                              ROW("vkAllocateMemory", allocate),
                              ROW("vkFreeMemory", free_memory),
                              ROW("vkBindBufferMemory", bind_buffer),
                              ROW("vkBindImageMemory", bind_image),
                              ROW("vkBindBufferMemory2", bind_buffers),
                              ROW("vkBindBufferMemory2KHR", bind_buffers),
                              ROW("vkBindImageMemory2", bind_images),
                              ROW("vkBindImageMemory2KHR", bind_images),
                              ROW("vkQueueSubmit", submit),
                              ROW("vkQueueSubmit2", submit2),
                              ROW("vkQueueSubmit2KHR", submit2),
                              ROW("vkQueuePresentKHR", present),
                              ROW("vkDestroyDevice", destroy_device)};
#undef ROW
  for (const Row& row : kRows)
    if (std::strcmp(row.name, name) == 0) return row.function;
  return nullptr;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_proc(VkDevice device, const char* name) {
  if (std::strcmp(name, "vkGetDeviceProcAddr") == 0) return reinterpret_cast<PFN_vkVoidFunction>(device_proc);
  const auto next = next_of<PFN_vkVoidFunction>(device, name);
  const PFN_vkVoidFunction mine = own(name);
  return next != nullptr && mine != nullptr ? mine : next;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_proc(VkInstance instance, const char* name) {
  if (std::strcmp(name, "vkGetInstanceProcAddr") == 0) return reinterpret_cast<PFN_vkVoidFunction>(instance_proc);
  if (std::strcmp(name, "vkGetDeviceProcAddr") == 0) return reinterpret_cast<PFN_vkVoidFunction>(device_proc);
  if (std::strcmp(name, "vkCreateInstance") == 0) return reinterpret_cast<PFN_vkVoidFunction>(create_instance);
  if (std::strcmp(name, "vkCreateDevice") == 0) return reinterpret_cast<PFN_vkVoidFunction>(create_device);
  if (instance == VK_NULL_HANDLE) return nullptr;
  PFN_vkGetInstanceProcAddr get = nullptr;
  {
    const std::lock_guard hold(lock);
    get = instances.at(key_of(instance)).second;
  }
  const PFN_vkVoidFunction next = get(instance, name);
  const PFN_vkVoidFunction mine = own(name);
  return next != nullptr && mine != nullptr ? mine : next;
}

}  // namespace

extern "C" [[gnu::visibility("default")]] VKAPI_ATTR VkResult VKAPI_CALL
vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface* interface) {
  interface->loaderLayerInterfaceVersion = 2;
  interface->pfnGetInstanceProcAddr = instance_proc;
  interface->pfnGetDeviceProcAddr = device_proc;
  interface->pfnGetPhysicalDeviceProcAddr = nullptr;
  return VK_SUCCESS;
}
