#include <utility>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/device/resource.h"
#include "allocator/seam/strategy.h"
#include "bench/capture/meter.h"
#include "bench/capture/probes.h"
#include "bench/replay/request/image_support.h"

namespace vkmembench {
namespace {

// The calls of buffers, and of images: the same work under different names.
struct BufferCalls {
  const Device& device;
  VkBufferCreateInfo info;
  using Handle = VkBuffer;

  static constexpr EntryPoint kCreate = EntryPoint::create_buffer;
  static constexpr EntryPoint kAsk = EntryPoint::get_buffer_memory_requirements;
  static constexpr EntryPoint kAsk2 = EntryPoint::get_buffer_memory_requirements2;
  static constexpr EntryPoint kAskDevice = EntryPoint::get_device_buffer_memory_requirements;
  static constexpr EntryPoint kBind = EntryPoint::bind_buffer_memory;
  static constexpr EntryPoint kBind2 = EntryPoint::bind_buffer_memory2;
  static constexpr EntryPoint kDestroy = EntryPoint::destroy_buffer;

  VkResult create(Handle& out) const { return device.fn.create_buffer(device.handle, &info, nullptr, &out); }
  void ask(Handle of, VkMemoryRequirements& out) const {
    device.fn.get_buffer_memory_requirements(device.handle, of, &out);
  }
  [[nodiscard]] bool has_ask2() const { return device.fn.get_buffer_memory_requirements2 != nullptr; }
  void ask2(Handle of, VkMemoryRequirements2& out) const {
    const VkBufferMemoryRequirementsInfo2 asked{VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2, nullptr, of};
    device.fn.get_buffer_memory_requirements2(device.handle, &asked, &out);
  }
  [[nodiscard]] bool has_ask_device() const { return device.fn.get_device_buffer_memory_requirements != nullptr; }
  void ask_device(VkMemoryRequirements2& out) const {
    const VkDeviceBufferMemoryRequirements asked{VK_STRUCTURE_TYPE_DEVICE_BUFFER_MEMORY_REQUIREMENTS, nullptr, &info};
    device.fn.get_device_buffer_memory_requirements(device.handle, &asked, &out);
  }
  VkResult bind(Handle what, VkDeviceMemory memory, Offset offset) const {
    return device.fn.bind_buffer_memory(device.handle, what, memory, offset);
  }
  [[nodiscard]] bool has_bind2() const { return device.fn.bind_buffer_memory2 != nullptr; }
  VkResult bind2(Handle what, VkDeviceMemory memory, Offset offset) const {
    const VkBindBufferMemoryInfo bound{VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, what, memory, offset};
    return device.fn.bind_buffer_memory2(device.handle, 1, &bound);
  }
  // Memory that is this resource's alone.
  [[nodiscard]] static VkMemoryDedicatedAllocateInfo owner(Handle of) {
    return {VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, nullptr, VK_NULL_HANDLE, of};
  }
  void destroy(Handle what) const { device.fn.destroy_buffer(device.handle, what, nullptr); }
};

struct ImageCalls {
  const Device& device;
  VkImageCreateInfo info;
  using Handle = VkImage;

  static constexpr EntryPoint kCreate = EntryPoint::create_image;
  static constexpr EntryPoint kAsk = EntryPoint::get_image_memory_requirements;
  static constexpr EntryPoint kAsk2 = EntryPoint::get_image_memory_requirements2;
  static constexpr EntryPoint kAskDevice = EntryPoint::get_device_image_memory_requirements;
  static constexpr EntryPoint kBind = EntryPoint::bind_image_memory;
  static constexpr EntryPoint kBind2 = EntryPoint::bind_image_memory2;
  static constexpr EntryPoint kDestroy = EntryPoint::destroy_image;

  VkResult create(Handle& out) const { return device.fn.create_image(device.handle, &info, nullptr, &out); }
  void ask(Handle of, VkMemoryRequirements& out) const {
    device.fn.get_image_memory_requirements(device.handle, of, &out);
  }
  [[nodiscard]] bool has_ask2() const { return device.fn.get_image_memory_requirements2 != nullptr; }
  void ask2(Handle of, VkMemoryRequirements2& out) const {
    const VkImageMemoryRequirementsInfo2 asked{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, nullptr, of};
    device.fn.get_image_memory_requirements2(device.handle, &asked, &out);
  }
  [[nodiscard]] bool has_ask_device() const { return device.fn.get_device_image_memory_requirements != nullptr; }
  void ask_device(VkMemoryRequirements2& out) const {
    const VkDeviceImageMemoryRequirements asked{VK_STRUCTURE_TYPE_DEVICE_IMAGE_MEMORY_REQUIREMENTS, nullptr, &info,
                                                VK_IMAGE_ASPECT_NONE};
    device.fn.get_device_image_memory_requirements(device.handle, &asked, &out);
  }
  VkResult bind(Handle what, VkDeviceMemory memory, Offset offset) const {
    return device.fn.bind_image_memory(device.handle, what, memory, offset);
  }
  [[nodiscard]] bool has_bind2() const { return device.fn.bind_image_memory2 != nullptr; }
  VkResult bind2(Handle what, VkDeviceMemory memory, Offset offset) const {
    const VkBindImageMemoryInfo bound{VK_STRUCTURE_TYPE_BIND_IMAGE_MEMORY_INFO, nullptr, what, memory, offset};
    return device.fn.bind_image_memory2(device.handle, 1, &bound);
  }
  // Memory that is this resource's alone.
  [[nodiscard]] static VkMemoryDedicatedAllocateInfo owner(Handle of) {
    return {VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, nullptr, of, VK_NULL_HANDLE};
  }
  void destroy(Handle what) const { device.fn.destroy_image(device.handle, what, nullptr); }
};

// How the resources of a run get their memory: one after the other in one allocation, or each one of its own.
enum class Memory : std::uint8_t { shared, dedicated };

// Memory for the resources of a run.
template <typename Calls>
class RunMemory {
 public:
  RunMemory(const Calls& calls, const std::vector<typename Calls::Handle>& resources, const VkMemoryRequirements& needs,
            Memory memory)
      : device_(calls.device), step_(memory == Memory::shared ? align_up(needs.size, needs.alignment) : 0) {
    if (memory == Memory::shared) {
      blocks_.push_back(memory_for(device_, {step_ * resources.size(), needs.alignment, needs.memoryTypeBits}));
      return;
    }
    for (const auto resource : resources) {
      const VkMemoryDedicatedAllocateInfo owner = calls.owner(resource);
      blocks_.push_back(memory_for(device_, needs, &owner));
    }
  }
  RunMemory(const RunMemory&) = delete;
  RunMemory& operator=(const RunMemory&) = delete;
  ~RunMemory() {
    for (const VkDeviceMemory block : blocks_) device_.fn.free_memory(device_.handle, block, nullptr);
  }

  [[nodiscard]] VkDeviceMemory of(std::size_t number) const { return step_ != 0 ? blocks_[0] : blocks_[number]; }
  [[nodiscard]] Offset offset(std::size_t number) const { return step_ * number; }
  // Gives back what was the resource's alone.
  void drop(std::size_t number) {
    if (step_ == 0) device_.fn.free_memory(device_.handle, std::exchange(blocks_[number], VK_NULL_HANDLE), nullptr);
  }

 private:
  const Device& device_;
  const Bytes step_;  // 0: each has its own
  std::vector<VkDeviceMemory> blocks_;
};

// Calls of one kind in runs of `count`, as programs make them while they load: the first of a run finds the driver's
// code and data cold, the middle half finds them warm.
template <typename Calls>
void measure_runs(const Calls& calls, std::size_t count, Memory memory, VkImageUsageFlags usage, Meter& meter) {
  constexpr int kRounds = 2;  // one for each way to bind
  const Device& device = calls.device;
  std::vector<typename Calls::Handle> made(count);
  for (int round = 0; round < kRounds; ++round) {
    require_success(device, calls.create(made[0]), "create a resource");
    VkMemoryRequirements needs{};
    calls.ask(made[0], needs);
    calls.destroy(made[0]);
    const CallSubject unbound{.bytes = needs.size, .image_usage = usage};
    CallSubject bound = unbound;
    bound.dedicated = memory == Memory::dedicated;
    for (auto& resource : made)
      require_success(device, meter.time(Calls::kCreate, unbound, [&] { return calls.create(resource); }),
                      "create a resource");
    for (const auto resource : made) meter.time(Calls::kAsk, {}, [&] { calls.ask(resource, needs); });
    VkMemoryRequirements2 answer{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, nullptr, {}};
    if (calls.has_ask2())
      for (const auto resource : made) meter.time(Calls::kAsk2, {}, [&] { calls.ask2(resource, answer); });
    if (calls.has_ask_device())
      for (std::size_t i = 0; i < count; ++i) meter.time(Calls::kAskDevice, {}, [&] { calls.ask_device(answer); });
    RunMemory<Calls> blocks(calls, made, needs, memory);
    const bool plain = round % 2 == 0 || !calls.has_bind2();
    for (std::size_t i = 0; i < count; ++i) {
      const VkResult result =
          plain
              ? meter.time(Calls::kBind, bound, [&] { return calls.bind(made[i], blocks.of(i), blocks.offset(i)); })
              : meter.time(Calls::kBind2, bound, [&] { return calls.bind2(made[i], blocks.of(i), blocks.offset(i)); });
      require_success(device, result, "bind a resource");
    }
    for (std::size_t i = 0; i < count; ++i) {
      meter.time(Calls::kDestroy, bound, [&] { calls.destroy(made[i]); });
      blocks.drop(i);
    }
  }
}

}  // namespace

void measure_resources(const Device& device, Meter& meter) {
  // Those with memory of their own are measured with it.
  for (const auto& [size, count] : {std::pair{kKiB, 64u}, {64 * kKiB, 64u}, {4 * kMiB, 16u}, {32 * kMiB, 4u}}) {
    BufferRequest request;
    request.size = size;
    request.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    measure_runs(BufferCalls{device, create_info(request)}, count, Memory::shared, 0, meter);
  }
  std::vector<Memory> memories = {Memory::shared};
  if (device.info->has_dedicated_allocation) memories.push_back(Memory::dedicated);
  // Attachments and storage images apart: drivers compress them, which takes calls of the kernel.
  constexpr VkImageUsageFlags kKinds[] = {VK_IMAGE_USAGE_SAMPLED_BIT, VK_IMAGE_USAGE_STORAGE_BIT,
                                          VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT,
                                          VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT};
  for (const Memory memory : memories)
    for (const VkImageUsageFlags kind : kKinds)
      for (const std::uint32_t side : {16u, 64u, 128u, 256u, 512u, 1024u, 2048u, 4096u}) {
        ImageRequest request;
        request.format =
            kind == VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT ? VK_FORMAT_D16_UNORM : VK_FORMAT_R8G8B8A8_UNORM;
        request.extent = {side, side, 1};
        request.usage = kind | VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
        if (!unsupported_reason(device, request).empty()) continue;
        measure_runs(ImageCalls{device, create_info(request)}, side > 1024 ? 4 : 16, memory,
                     kind == VK_IMAGE_USAGE_SAMPLED_BIT ? 0 : kind, meter);
      }
}

}  // namespace vkmembench
