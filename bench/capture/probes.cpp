#include "bench/capture/probes.h"

#include <functional>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/resource.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {
namespace {

// Resources of a probe, with the memory that they are bound to.
class Probed {
 public:
  explicit Probed(const Device& device) : device_(device) {}
  Probed(const Probed&) = delete;
  Probed& operator=(const Probed&) = delete;
  ~Probed() {
    for (const Resource& made : resources_) destroy_resource(device_, made.handle, made.image);
    for (const VkDeviceMemory memory : memory_) device_.fn.free_memory(device_.handle, memory, nullptr);
  }

  VkBuffer buffer(Bytes size) {
    BufferRequest request;
    request.size = size;
    request.usage =
        VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    return buffer_of(make(create_info(request), false));
  }
  VkImage image(std::uint32_t side) {
    ImageRequest request;
    request.format = VK_FORMAT_R8G8B8A8_UNORM;
    request.extent = {side, side, 1};
    request.usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    return image_of(make(create_info(request), true));
  }

 private:
  template <typename Info>
  std::uint64_t make(const Info& info, bool image) {
    const Expected<std::uint64_t> made = create_resource(device_, info);
    require_success(device_, made.result(), image ? "create an image" : "create a buffer");
    resources_.push_back({*made, image});
    memory_.push_back(memory_for(device_, requirements_of(device_, *made, image)));
    require_success(device_, bind_resource(device_, *made, image, memory_.back(), 0),
                    image ? "bind an image" : "bind a buffer");
    return *made;
  }

  struct Resource {
    std::uint64_t handle = 0;
    bool image = false;
  };
  const Device& device_;
  std::vector<Resource> resources_;
  std::vector<VkDeviceMemory> memory_;
};

}  // namespace

void require_success(const Device& device, VkResult result, const char* what) {
  if (result == VK_SUCCESS) return;
  throw Error(device.info->name + " failed to " + what + " for the capture: " + result_name(result) + "; try again",
              ErrorKind::internal);
}

bool is_for_anybody(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t type) {
  return (memory.memoryTypes[type].propertyFlags &
          (VK_MEMORY_PROPERTY_PROTECTED_BIT | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT)) == 0;
}

VkDeviceMemory memory_for(const Device& device, const VkMemoryRequirements& needs,
                          const VkMemoryDedicatedAllocateInfo* owner) {
  const VkPhysicalDeviceMemoryProperties& memory = device.info->memory;
  for (const VkMemoryPropertyFlags wanted :
       {VkMemoryPropertyFlags{VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT}, VkMemoryPropertyFlags{0}}) {
    for (std::uint32_t type = 0; type < memory.memoryTypeCount; ++type) {
      if ((needs.memoryTypeBits >> type & 1u) == 0 || !is_for_anybody(memory, type)) continue;
      if ((memory.memoryTypes[type].propertyFlags & wanted) != wanted) continue;
      VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, owner, needs.size, type};
      VkDeviceMemory made = VK_NULL_HANDLE;
      if (device.fn.allocate_memory(device.handle, &info, nullptr, &made) == VK_SUCCESS) return made;
    }
  }
  throw Error(device.info->name + " has no memory for a resource of the capture; free some", ErrorKind::internal);
}

// Buffers and images are copied, then waited for: by a fence, or in every other round with the whole device.
void measure_commands(const Device& device, Meter& meter) {
  constexpr std::array<std::uint32_t, 3> kSides = {64, 512, 2048};
  const auto& fn = device.fn;
  Probed probed(device);
  for (const std::uint32_t side : kSides) {
    const Bytes bytes = Bytes{side} * side * 4;
    const VkBuffer from = probed.buffer(bytes);
    const VkBuffer to = probed.buffer(bytes);
    const VkImage image = probed.image(side);
    const VkImage other = probed.image(side);
    const VkImageSubresourceLayers layers{VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    const VkBufferCopy copy{0, 0, bytes};
    const VkBufferImageCopy staged{0, 0, 0, layers, {}, {side, side, 1}};
    const VkImageCopy imaged{layers, {}, layers, {}, {side, side, 1}};
    constexpr VkImageLayout kGeneral = VK_IMAGE_LAYOUT_GENERAL;
    // 0 copies nothing, so that a wait for nothing is measured as well.
    struct Probe {
      EntryPoint entry;
      Bytes bytes;
      std::function<void(VkCommandBuffer)> record;
    };
    const Probe probes[] = {
        {EntryPoint::cmd_pipeline_barrier, 0,
         [&](VkCommandBuffer commands) {
           VkImageMemoryBarrier ready[2]{};
           for (std::size_t i = 0; i < 2; ++i) {
             ready[i].sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER;
             ready[i].dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
             ready[i].newLayout = kGeneral;
             ready[i].srcQueueFamilyIndex = ready[i].dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
             ready[i].image = i == 0 ? image : other;
             ready[i].subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
           }
           fn.cmd_pipeline_barrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 0,
                                   nullptr, 0, nullptr, 2, ready);
         }},
        {EntryPoint::cmd_copy_buffer, bytes,
         [&](VkCommandBuffer commands) { fn.cmd_copy_buffer(commands, from, to, 1, &copy); }},
        {EntryPoint::cmd_copy_buffer_to_image, bytes,
         [&](VkCommandBuffer commands) { fn.cmd_copy_buffer_to_image(commands, from, image, kGeneral, 1, &staged); }},
        {EntryPoint::cmd_copy_image, bytes,
         [&](VkCommandBuffer commands) { fn.cmd_copy_image(commands, image, kGeneral, other, kGeneral, 1, &imaged); }},
        {EntryPoint::cmd_copy_image_to_buffer, bytes,
         [&](VkCommandBuffer commands) { fn.cmd_copy_image_to_buffer(commands, image, kGeneral, to, 1, &staged); }},
    };
    for (int round = 0; round < 4; ++round) {
      const VkCommandPoolCreateInfo pool_info{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, nullptr, 0,
                                              device.queue_family};
      VkCommandPool pool = VK_NULL_HANDLE;
      require_success(device,
                      meter.time(EntryPoint::create_command_pool, {},
                                 [&] { return fn.create_command_pool(device.handle, &pool_info, nullptr, &pool); }),
                      "create a command pool");
      for (const Probe& probe : probes) {
        const VkFenceCreateInfo fence_info{VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, nullptr, 0};
        VkFence fence = VK_NULL_HANDLE;
        require_success(device,
                        meter.time(EntryPoint::create_fence, {},
                                   [&] { return fn.create_fence(device.handle, &fence_info, nullptr, &fence); }),
                        "create a fence");
        const VkCommandBufferAllocateInfo wanted{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, nullptr, pool,
                                                 VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
        VkCommandBuffer commands = VK_NULL_HANDLE;
        require_success(device,
                        meter.time(EntryPoint::allocate_command_buffers, {},
                                   [&] { return fn.allocate_command_buffers(device.handle, &wanted, &commands); }),
                        "allocate a command buffer");
        const VkCommandBufferBeginInfo begin{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, nullptr,
                                             VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT, nullptr};
        meter.time(EntryPoint::begin_command_buffer, {}, [&] { return fn.begin_command_buffer(commands, &begin); });
        meter.time(probe.entry, {.bytes = probe.bytes}, [&] { probe.record(commands); });
        meter.time(EntryPoint::end_command_buffer, {}, [&] { return fn.end_command_buffer(commands); });
        const bool by_fence = round % 2 == 0;
        VkSubmitInfo submit{};
        submit.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
        submit.commandBufferCount = 1;
        submit.pCommandBuffers = &commands;
        require_success(
            device,
            meter.time(EntryPoint::queue_submit, {},
                       [&] { return fn.queue_submit(device.queue, 1, &submit, by_fence ? fence : VK_NULL_HANDLE); }),
            "submit commands");
        if (by_fence) {
          meter.time(EntryPoint::wait_for_fences, {.bytes = probe.bytes},
                     [&] { return fn.wait_for_fences(device.handle, 1, &fence, VK_TRUE, ~std::uint64_t{0}); });
          meter.time(EntryPoint::reset_fences, {}, [&] { return fn.reset_fences(device.handle, 1, &fence); });
        } else {
          meter.time(EntryPoint::device_wait_idle, {.bytes = probe.bytes},
                     [&] { return fn.device_wait_idle(device.handle); });
        }
        meter.time(EntryPoint::destroy_fence, {}, [&] { fn.destroy_fence(device.handle, fence, nullptr); });
        meter.time(EntryPoint::free_command_buffers, {},
                   [&] { fn.free_command_buffers(device.handle, pool, 1, &commands); });
      }
      meter.time(EntryPoint::reset_command_pool, {}, [&] { return fn.reset_command_pool(device.handle, pool, 0); });
      meter.time(EntryPoint::destroy_command_pool, {}, [&] { fn.destroy_command_pool(device.handle, pool, nullptr); });
    }
  }
}

// Sets of few descriptors and of many, all written at once.
void measure_descriptors(const Device& device, Meter& meter) {
  constexpr Bytes kDescriptorBytes = 16;  // that a profile's sizes count for each
  const VkPhysicalDeviceLimits& limits = device.info->limits;
  const std::uint32_t most =
      std::min({limits.maxPerStageDescriptorStorageBuffers, limits.maxDescriptorSetStorageBuffers, 1024u});
  const auto& fn = device.fn;
  Probed probed(device);
  const VkBuffer buffer = probed.buffer(64 * kKiB);
  for (const std::uint32_t count : {1u, 4u, 64u, 1024u}) {
    if (count > most) break;
    const Bytes bytes = count * kDescriptorBytes;
    const std::vector<VkDescriptorBufferInfo> buffers(count, {buffer, 0, VK_WHOLE_SIZE});
    for (int round = 0; round < 9; ++round) {
      const VkDescriptorSetLayoutBinding binding{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, count,
                                                 VK_SHADER_STAGE_COMPUTE_BIT, nullptr};
      const VkDescriptorSetLayoutCreateInfo layout_info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, nullptr, 0,
                                                        1, &binding};
      VkDescriptorSetLayout layout = VK_NULL_HANDLE;
      require_success(
          device,
          meter.time(EntryPoint::create_descriptor_set_layout, {},
                     [&] { return fn.create_descriptor_set_layout(device.handle, &layout_info, nullptr, &layout); }),
          "create a descriptor set layout");
      const VkDescriptorPoolSize size{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, count};
      const VkDescriptorPoolCreateInfo pool_info{
          VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, nullptr, 0, 1, 1, &size};
      VkDescriptorPool pool = VK_NULL_HANDLE;
      require_success(device,
                      meter.time(EntryPoint::create_descriptor_pool, {.bytes = bytes},
                                 [&] { return fn.create_descriptor_pool(device.handle, &pool_info, nullptr, &pool); }),
                      "create a descriptor pool");
      const VkDescriptorSetAllocateInfo wanted{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, nullptr, pool, 1,
                                               &layout};
      VkDescriptorSet set = VK_NULL_HANDLE;
      require_success(device,
                      meter.time(EntryPoint::allocate_descriptor_sets, {},
                                 [&] { return fn.allocate_descriptor_sets(device.handle, &wanted, &set); }),
                      "allocate a descriptor set");
      VkWriteDescriptorSet write{};
      write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
      write.dstSet = set;
      write.descriptorCount = count;
      write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
      write.pBufferInfo = buffers.data();
      meter.time(EntryPoint::update_descriptor_sets, {.bytes = bytes},
                 [&] { fn.update_descriptor_sets(device.handle, 1, &write, 0, nullptr); });
      meter.time(EntryPoint::destroy_descriptor_pool, {},
                 [&] { fn.destroy_descriptor_pool(device.handle, pool, nullptr); });
      meter.time(EntryPoint::destroy_descriptor_set_layout, {},
                 [&] { fn.destroy_descriptor_set_layout(device.handle, layout, nullptr); });
    }
  }
}

}  // namespace vkmembench
