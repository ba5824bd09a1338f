#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "allocator/device/device.h"
#include "allocator/device/simulated/device_profile.h"
#include "allocator/device/simulated/simulated_device.h"
#include "allocator/device/simulated/simulated_formats.h"
#include "allocator/device/simulated/simulated_objects.h"
#include "allocator/device/simulated/simulated_pool.h"
#include "allocator/device/simulated/simulated_requirements.h"

// What the parts of the simulated device share. Only simulated_*.cpp include this.
namespace vkmembench::simulated {

inline constexpr std::uint64_t kDeviceMagic = 0x76'6b'6d'65'6d'73'69'6d;
// Physical devices and queues are handles to one of these.
struct Dispatchable {
  std::uint64_t magic = kDeviceMagic;
  Device* device = nullptr;
};

struct Device {
  Device(const DeviceProfile& from, const SimulatedOptions& with);
  ~Device();

  // Adds the call to the modelled time.
  void charge(EntryPoint call, const CallSubject& subject = {}) {
    if (options.model_clock) [[unlikely]]
      model_ns += profile.costs[static_cast<std::size_t>(call)].ns(subject);
  }
  void release(Memory& memory);
  void drop_freed();  // Requires queue_mutex.

  Dispatchable self;
  Dispatchable physical;
  Dispatchable queue;
  const DeviceProfile profile;
  const SimulatedOptions options;
  const RequirementTable requirements;
  const FormatTable formats;
  DeviceInfo info;
  VkBufferUsageFlags buffer_usages;  // that buffers may have, and flags
  VkBufferCreateFlags buffer_flags;
  std::uint64_t model_ns = 0;
  std::array<std::atomic<Bytes>, VK_MAX_MEMORY_HEAPS> heap_usage{};
  std::atomic<std::uint32_t> memory_count{0};
  std::mutex queue_mutex;
  std::vector<Submission> submissions;  // not done yet
  // Backing of freed memory: returning its pages is the host's work for simulating it and takes long, so like submitted
  // work it is done when somebody waits.
  std::vector<std::pair<std::byte*, Bytes>> freed;
  Bytes freed_bytes = 0;

  ObjectPool<Memory> memories;
  ObjectPool<Buffer> buffers;
  ObjectPool<Image> images;
  ObjectPool<Fence> fences;
  ObjectPool<CommandBuffer> command_buffers;
  ObjectPool<CommandPool> command_pools;
  ObjectPool<DescriptorSetLayout> descriptor_set_layouts;
  ObjectPool<DescriptorPool> descriptor_pools;
  ObjectPool<DescriptorSet> descriptor_sets;
};

template <class Handle>
[[nodiscard]] Device& device_of(Handle handle) {
  const auto* view = reinterpret_cast<const Dispatchable*>(handle);
  VKMEMBENCH_CHECK(view != nullptr && view->magic == kDeviceMagic,
                   "handle of another device, or of one that was closed");
  return *view->device;
}

// The object of a handle of this very device.
template <class T, class Handle>
[[nodiscard]] T& object_on(const Device& device, Handle handle) {
  T& object = object_of<T>(handle);
  VKMEMBENCH_CHECK(object.owner == &device, "handle of another device");
  return object;
}

// The first structure of the type in a chain, or nullptr.
template <class T, class Base>
[[nodiscard]] T* chained(Base* chain, VkStructureType type) {
  for (; chain != nullptr; chain = chain->pNext) {
    if (chain->sType == type) return reinterpret_cast<T*>(chain);
  }
  return nullptr;
}
template <class T>
[[nodiscard]] const T* chained_in(const void* chain, VkStructureType type) {
  return chained<const T>(static_cast<const VkBaseInStructure*>(chain), type);
}
template <class T>
[[nodiscard]] T* chained_out(void* chain, VkStructureType type) {
  return chained<T>(static_cast<VkBaseOutStructure*>(chain), type);
}

// The entry points, each of the type that Vulkan gives it.
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name
#define VKMEMBENCH_ROW(vulkan, snake, dispatch) std::remove_pointer_t<PFN_vk##vulkan> snake;
VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

// How the pages of a sparse image lie that is bound by texels: mip after mip of each layer, then the mips that are
// smaller than a page, together, layer after layer.
struct SparseLayout {
  VkExtent3D page{};  // texels
  std::uint32_t tail_mip = 0;
  Bytes tail_bytes = 0;   // of a layer
  Bytes tail_offset = 0;  // the bytes of all pages before
  Bytes bytes = 0;
};
[[nodiscard]] SparseLayout sparse_layout(const FormatInfo& format, const VkExtent3D& extent, bool three,
                                         std::uint32_t mips, std::uint32_t layers);
// What a sparse resource requires that would require so much as a whole.
[[nodiscard]] Requirements in_pages(Requirements whole);

// Checks a command's resources, ranges and regions. Misuse aborts.
void check(const Command& command);
// Gives the memory that it uses bytes. VK_ERROR_OUT_OF_HOST_MEMORY when the host has none left.
[[nodiscard]] VkResult prepare(const Command& command);
// Moves the bytes. Requires that it was prepared.
void execute(const Command& command);
// Bytes that the command moves.
[[nodiscard]] Bytes bytes_of(const Command& command);

}  // namespace vkmembench::simulated
