#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "allocator/base/vulkan_names.h"
#include "allocator/device/simulated/simulated_pool.h"
#include "allocator/device/simulated/simulated_requirements.h"

// The objects that a simulated device hands out. Only simulated_*.cpp include this.
namespace vkmembench::simulated {

// Zeroed address space that takes pages when touched; made on first use, from any thread.
class Backing {
 public:
  // nullptr when the host has no address space left.
  [[nodiscard]] std::byte* get(Bytes size);
  // Leaves the bytes to the caller, for drop(); nullptr when they were never made.
  [[nodiscard]] std::byte* take() { return bytes_.exchange(nullptr, std::memory_order_acq_rel); }
  static void drop(std::byte* bytes, Bytes size);

 private:
  std::atomic<std::byte*> bytes_{nullptr};
};

struct Memory : Object {
  static constexpr std::uint32_t kKind = 0xde01;
  Bytes size = 0;
  std::uint32_t type = 0;
  bool host_visible = false;
  bool coherent = false;
  bool backed = false;
  bool mapped = false;
  Bytes mapped_offset = 0;
  Bytes mapped_size = 0;
  VkBuffer dedicated_buffer = VK_NULL_HANDLE;
  VkImage dedicated_image = VK_NULL_HANDLE;
  [[nodiscard]] bool is_dedicated() const {
    return dedicated_buffer != VK_NULL_HANDLE || dedicated_image != VK_NULL_HANDLE;
  }
  Backing device;  // what commands see
  Backing host;    // what the host sees where the type is not coherent
};

// What buffers and images have in common.
struct Resource : Object {
  VkFlags usage = 0;
  Requirements required;
  VkDeviceMemory memory = VK_NULL_HANDLE;  // with its generation, so memory freed since is noticed when used
  Offset offset = 0;
};
// As large as a cache line, so that threads which make and destroy buffers of their own never share one.
struct alignas(64) Buffer : Resource {
  static constexpr std::uint32_t kKind = 0xde02;
  Bytes size = 0;
};
static_assert(sizeof(Buffer) == 64);
// Contents are tightly packed: per layer, mip after mip or plane after plane, texels row by row with all samples of a
// texel together.
struct alignas(64) Image : Resource {
  static constexpr std::uint32_t kKind = 0xde03;
  // Of an image whose planes are bound apart.
  struct Plane {
    Requirements required;
    VkDeviceMemory memory = VK_NULL_HANDLE;
    Offset offset = 0;
  };
  const FormatInfo* format = nullptr;
  VkExtent3D extent{};
  std::uint32_t mips = 1;
  std::uint32_t layers = 1;
  std::uint32_t samples = 1;
  bool three = false;      // of 3 dimensions
  bool residency = false;  // sparse, and its pages are bound by their texels
  std::array<Plane, 3> planes{};
};
struct Fence : Object {
  static constexpr std::uint32_t kKind = 0xde04;
  std::atomic<bool> signaled{false};
};

struct BufferCopy {
  VkBuffer from;
  VkBuffer to;
  VkBufferCopy region;
};
struct ImageCopy {
  VkImage from;
  VkImage to;
  VkImageCopy region;
};
struct BufferImageCopy {  // `to_image` says which way
  VkBuffer buffer;
  VkImage image;
  bool to_image;
  VkBufferImageCopy region;
};
using Command = std::variant<BufferCopy, ImageCopy, BufferImageCopy>;

enum class Recording : std::uint8_t { initial, recording, executable, pending, invalid };
struct CommandBuffer : Object {
  static constexpr std::uint32_t kKind = 0xde05;
  VkCommandPool pool = VK_NULL_HANDLE;
  Recording state = Recording::initial;
  bool one_time = false;
  std::vector<Command> commands;
};
// Work that the queue took in, under its lock.
struct Submission {
  std::vector<VkCommandBuffer> buffers;
  VkFence fence = VK_NULL_HANDLE;
};
struct CommandPool : Object {
  static constexpr std::uint32_t kKind = 0xde06;
  bool buffers_reset = false;
  std::vector<VkCommandBuffer> buffers;
};

// A layout is of one binding of storage buffers.
struct DescriptorSetLayout : Object {
  static constexpr std::uint32_t kKind = 0xde07;
  std::uint32_t binding = 0;
  std::uint32_t count = 0;
  bool update_after_bind = false;
};
struct DescriptorPool : Object {
  static constexpr std::uint32_t kKind = 0xde08;
  bool update_after_bind = false;
  std::uint32_t free_sets = 0;
  std::uint32_t free_descriptors = 0;
  std::vector<VkDescriptorSet> sets;
};
struct DescriptorSet : Object {
  static constexpr std::uint32_t kKind = 0xde09;
  VkDescriptorSetLayout layout = VK_NULL_HANDLE;  // with its generation, so a layout destroyed since is noticed
  std::vector<VkDescriptorBufferInfo> buffers;
};

}  // namespace vkmembench::simulated
