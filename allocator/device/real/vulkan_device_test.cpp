#include "allocator/device/real/vulkan_device.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "allocator/base/error.h"
#include "allocator/device/memory_use.h"

namespace vkmembench {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Bytes kSize = 64 * kKiB;
constexpr std::uint32_t kEdge = 64;  // of an RGBA8 image
constexpr Bytes kImageBytes = Bytes{kEdge} * kEdge * 4;

struct Setting {
  std::uint32_t newest;
  bool validation;
};

bool layer_installed() {
  const VulkanLoader loader(kVulkanLoader);
  return loader && loader.has_layer(kValidationLayer);
}

// The first device of this machine, at a version and with or without validation. Frees what its objects forget to.
class OnVulkan : public testing::TestWithParam<Setting> {
 protected:
  void SetUp() override {
    const VulkanDevices devices = list_vulkan_devices();
    if (devices.infos.empty()) GTEST_SKIP() << devices.reason;
    if (GetParam().validation && !layer_installed()) GTEST_SKIP() << "no validation layer";
    VulkanOptions options;
    options.newest = GetParam().newest;
    options.validation = GetParam().validation;
    owner_ = open_vulkan_device(0, options);
    device_ = owner_->device();
    types_ = order_memory_types(device_.info->memory);
  }
  void TearDown() override {
    if (owner_ == nullptr) return;
    for (const VkBuffer buffer : buffers_) device_.fn.destroy_buffer(device_.handle, buffer, nullptr);
    for (const VkImage image : images_) device_.fn.destroy_image(device_.handle, image, nullptr);
    for (const VkDeviceMemory memory : memories_) device_.fn.free_memory(device_.handle, memory, nullptr);
    if (!breaks_rules_) {
      EXPECT_THAT(owner_->validation_errors(), IsEmpty());
    }
  }

  VkBuffer make_buffer(Bytes size) {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.size = size;
    info.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    VkBuffer buffer = VK_NULL_HANDLE;
    EXPECT_EQ(device_.fn.create_buffer(device_.handle, &info, nullptr, &buffer), VK_SUCCESS);
    buffers_.push_back(buffer);
    return buffer;
  }
  VkDeviceMemory make_memory(const VkMemoryRequirements& needs, MemoryUse use) {
    const int type = types_[static_cast<std::size_t>(use)].pick(needs.memoryTypeBits);
    EXPECT_GE(type, 0);
    VkMemoryAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
    info.allocationSize = needs.size;
    info.memoryTypeIndex = static_cast<std::uint32_t>(type);
    VkDeviceMemory memory = VK_NULL_HANDLE;
    EXPECT_EQ(device_.fn.allocate_memory(device_.handle, &info, nullptr, &memory), VK_SUCCESS);
    memories_.push_back(memory);
    return memory;
  }
  struct Mapped {
    VkBuffer buffer;
    VkDeviceMemory memory;
    std::span<std::uint8_t> bytes;
  };
  Mapped make_mapped(Bytes size, MemoryUse use) {
    Mapped made{make_buffer(size), VK_NULL_HANDLE, {}};
    VkMemoryRequirements needs{};
    device_.fn.get_buffer_memory_requirements(device_.handle, made.buffer, &needs);
    EXPECT_GE(needs.size, size);
    EXPECT_TRUE(std::has_single_bit(needs.alignment));
    made.memory = make_memory(needs, use);
    EXPECT_EQ(device_.fn.bind_buffer_memory(device_.handle, made.buffer, made.memory, 0), VK_SUCCESS);
    void* start = nullptr;
    EXPECT_EQ(device_.fn.map_memory(device_.handle, made.memory, 0, VK_WHOLE_SIZE, 0, &start), VK_SUCCESS);
    made.bytes = {static_cast<std::uint8_t*>(start), size};
    return made;
  }
  static VkMappedMemoryRange whole(VkDeviceMemory memory) {
    VkMappedMemoryRange range{};
    range.sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE;
    range.memory = memory;
    range.size = VK_WHOLE_SIZE;
    return range;
  }
  void fill(const Mapped& target) {
    for (std::size_t i = 0; i < target.bytes.size(); ++i) target.bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    const VkMappedMemoryRange range = whole(target.memory);
    EXPECT_EQ(device_.fn.flush_mapped_memory_ranges(device_.handle, 1, &range), VK_SUCCESS);
  }
  void expect_same(const Mapped& left, const Mapped& right) {
    const VkMappedMemoryRange range = whole(right.memory);
    EXPECT_EQ(device_.fn.invalidate_mapped_memory_ranges(device_.handle, 1, &range), VK_SUCCESS);
    EXPECT_TRUE(std::equal(left.bytes.begin(), left.bytes.end(), right.bytes.begin(), right.bytes.end()));
  }

  // Records, submits and waits.
  template <typename Record>
  void execute(Record record) {
    VkCommandPoolCreateInfo pool_info{};
    pool_info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
    pool_info.queueFamilyIndex = device_.queue_family;
    VkCommandPool pool = VK_NULL_HANDLE;
    ASSERT_EQ(device_.fn.create_command_pool(device_.handle, &pool_info, nullptr, &pool), VK_SUCCESS);
    VkCommandBufferAllocateInfo buffer_info{};
    buffer_info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
    buffer_info.commandPool = pool;
    buffer_info.commandBufferCount = 1;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    ASSERT_EQ(device_.fn.allocate_command_buffers(device_.handle, &buffer_info, &commands), VK_SUCCESS);
    VkCommandBufferBeginInfo begin{};
    begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    ASSERT_EQ(device_.fn.begin_command_buffer(commands, &begin), VK_SUCCESS);
    record(commands);
    ASSERT_EQ(device_.fn.end_command_buffer(commands), VK_SUCCESS);
    VkFenceCreateInfo fence_info{};
    fence_info.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO;
    VkFence fence = VK_NULL_HANDLE;
    ASSERT_EQ(device_.fn.create_fence(device_.handle, &fence_info, nullptr, &fence), VK_SUCCESS);
    VkSubmitInfo submit{};
    submit.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    submit.commandBufferCount = 1;
    submit.pCommandBuffers = &commands;
    ASSERT_EQ(device_.fn.queue_submit(device_.queue, 1, &submit, fence), VK_SUCCESS);
    ASSERT_EQ(device_.fn.wait_for_fences(device_.handle, 1, &fence, VK_TRUE, ~std::uint64_t{0}), VK_SUCCESS);
    device_.fn.destroy_fence(device_.handle, fence, nullptr);
    device_.fn.destroy_command_pool(device_.handle, pool, nullptr);
  }
  void barrier(VkCommandBuffer commands, VkImage image, VkImageLayout from, VkImageLayout to) {
    VkImageMemoryBarrier barrier{};
    barrier.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER;
    barrier.srcAccessMask = from == VK_IMAGE_LAYOUT_UNDEFINED ? VK_ACCESS_NONE : VK_ACCESS_TRANSFER_WRITE_BIT;
    barrier.dstAccessMask =
        to == VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL ? VK_ACCESS_TRANSFER_WRITE_BIT : VK_ACCESS_TRANSFER_READ_BIT;
    barrier.oldLayout = from;
    barrier.newLayout = to;
    barrier.srcQueueFamilyIndex = barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    barrier.image = image;
    barrier.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    device_.fn.cmd_pipeline_barrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 0,
                                    nullptr, 0, nullptr, 1, &barrier);
  }

  std::unique_ptr<DeviceOwner> owner_;
  Device device_;
  MemoryTypeOrders types_{};
  std::vector<VkBuffer> buffers_;
  std::vector<VkImage> images_;
  std::vector<VkDeviceMemory> memories_;
  bool breaks_rules_ = false;
};

TEST_P(OnVulkan, opens_no_newer_than_asked) {
  EXPECT_LE(device_.info->api_version, GetParam().newest);
  EXPECT_GE(device_.info->api_version, VK_API_VERSION_1_0);
  EXPECT_NE(device_.handle, VK_NULL_HANDLE);
  EXPECT_NE(device_.queue, VK_NULL_HANDLE);
  EXPECT_EQ(device_.model_ns, nullptr);
}

TEST_P(OnVulkan, fills_the_table_as_the_version_promises) {
  const auto present = std::to_array<bool>({
#define VKMEMBENCH_ROW(vulkan, snake, dispatch) device_.fn.snake != nullptr,
      VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  });
  const DeviceInfo& info = *device_.info;
  for (std::size_t i = 0; i < kEntryPointCount; ++i) {
    const std::string_view name = kEntryPointNames[i];
    SCOPED_TRACE(name);
    if (name.starts_with("get_device_") && name.ends_with("_requirements")) {
      EXPECT_EQ(present[i], info.has_maintenance4);
    } else if (!name.ends_with('2') || info.api_version >= VK_API_VERSION_1_1) {
      EXPECT_TRUE(present[i]);
    } else if (name.ends_with("requirements2")) {
      EXPECT_EQ(present[i], info.has_dedicated_allocation);
    } else if (name.ends_with("properties2")) {
      EXPECT_EQ(present[i], info.has_memory_budget);
    }
  }
}

TEST_P(OnVulkan, copies_a_buffer) {
  const Mapped source = make_mapped(kSize, MemoryUse::upload);
  const Mapped target = make_mapped(kSize, MemoryUse::readback);
  fill(source);
  std::fill(target.bytes.begin(), target.bytes.end(), std::uint8_t{0});
  execute([&](VkCommandBuffer commands) {
    const VkBufferCopy region{0, 0, kSize};
    device_.fn.cmd_copy_buffer(commands, source.buffer, target.buffer, 1, &region);
  });
  expect_same(source, target);
  device_.fn.unmap_memory(device_.handle, source.memory);
  device_.fn.unmap_memory(device_.handle, target.memory);
}

TEST_P(OnVulkan, copies_through_an_optimal_image) {
  const Mapped source = make_mapped(kImageBytes, MemoryUse::upload);
  const Mapped target = make_mapped(kImageBytes, MemoryUse::readback);
  fill(source);
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_R8G8B8A8_UNORM;
  info.extent = {kEdge, kEdge, 1};
  info.mipLevels = info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  VkImage image = VK_NULL_HANDLE;
  ASSERT_EQ(device_.fn.create_image(device_.handle, &info, nullptr, &image), VK_SUCCESS);
  images_.push_back(image);
  VkMemoryRequirements needs{};
  device_.fn.get_image_memory_requirements(device_.handle, image, &needs);
  EXPECT_GE(needs.size, kImageBytes);
  ASSERT_EQ(device_.fn.bind_image_memory(device_.handle, image, make_memory(needs, MemoryUse::device), 0), VK_SUCCESS);
  execute([&](VkCommandBuffer commands) {
    VkBufferImageCopy region{};
    region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    region.imageExtent = info.extent;
    barrier(commands, image, VK_IMAGE_LAYOUT_UNDEFINED, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    device_.fn.cmd_copy_buffer_to_image(commands, source.buffer, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1,
                                        &region);
    barrier(commands, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
    device_.fn.cmd_copy_image_to_buffer(commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, target.buffer, 1,
                                        &region);
  });
  expect_same(source, target);
}

TEST_P(OnVulkan, answers_requirements_the_same_in_every_way) {
  const VkBuffer buffer = make_buffer(kSize);
  VkMemoryRequirements plain{};
  device_.fn.get_buffer_memory_requirements(device_.handle, buffer, &plain);
  VkMemoryRequirements2 extended{};
  extended.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2;
  if (device_.fn.get_buffer_memory_requirements2 != nullptr) {
    VkBufferMemoryRequirementsInfo2 info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2;
    info.buffer = buffer;
    device_.fn.get_buffer_memory_requirements2(device_.handle, &info, &extended);
    EXPECT_EQ(extended.memoryRequirements.size, plain.size);
    EXPECT_EQ(extended.memoryRequirements.alignment, plain.alignment);
    EXPECT_EQ(extended.memoryRequirements.memoryTypeBits, plain.memoryTypeBits);
  }
  if (device_.fn.get_device_buffer_memory_requirements != nullptr) {
    VkBufferCreateInfo create{};
    create.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    create.size = kSize;
    create.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    VkDeviceBufferMemoryRequirements info{};
    info.sType = VK_STRUCTURE_TYPE_DEVICE_BUFFER_MEMORY_REQUIREMENTS;
    info.pCreateInfo = &create;
    device_.fn.get_device_buffer_memory_requirements(device_.handle, &info, &extended);
    EXPECT_EQ(extended.memoryRequirements.size, plain.size);
    EXPECT_EQ(extended.memoryRequirements.memoryTypeBits, plain.memoryTypeBits);
  }
}

class OnValidatedVulkan : public OnVulkan {};

TEST_P(OnValidatedVulkan, catches_a_misaligned_bind) {
  breaks_rules_ = true;
  const VkBuffer buffer = make_buffer(kSize);
  VkMemoryRequirements needs{};
  device_.fn.get_buffer_memory_requirements(device_.handle, buffer, &needs);
  const VkDeviceMemory memory = make_memory(needs, MemoryUse::upload);
  ASSERT_GT(needs.alignment, 1u);
  EXPECT_EQ(device_.fn.bind_buffer_memory(device_.handle, buffer, memory, 1), VK_SUCCESS);
  EXPECT_THAT(owner_->validation_errors(), Contains(HasSubstr("VUID-vkBindBufferMemory-memoryOffset-01036")));
}

// Two writes of the same bytes that nothing orders.
TEST_P(OnValidatedVulkan, catches_a_copy_that_does_not_wait) {
  breaks_rules_ = true;
  const Mapped source = make_mapped(kSize, MemoryUse::upload);
  const Mapped target = make_mapped(kSize, MemoryUse::readback);
  execute([&](VkCommandBuffer commands) {
    const VkBufferCopy region{0, 0, kSize};
    device_.fn.cmd_copy_buffer(commands, source.buffer, target.buffer, 1, &region);
    device_.fn.cmd_copy_buffer(commands, source.buffer, target.buffer, 1, &region);
  });
  EXPECT_THAT(owner_->validation_errors(), Contains(HasSubstr("SYNC-HAZARD-WRITE-AFTER-WRITE")));
}

INSTANTIATE_TEST_SUITE_P(versions, OnVulkan,
                         testing::Values(Setting{VK_API_VERSION_1_0, false}, Setting{VK_API_VERSION_1_1, false},
                                         Setting{VK_API_VERSION_1_2, false}, Setting{VK_API_VERSION_1_3, false},
                                         Setting{VK_API_VERSION_1_3, true}),
                         [](const auto& row) {
                           return "v1_" + std::to_string(VK_API_VERSION_MINOR(row.param.newest)) +
                                  (row.param.validation ? "_validated" : "");
                         });

INSTANTIATE_TEST_SUITE_P(versions, OnValidatedVulkan,
                         testing::Values(Setting{VK_API_VERSION_1_0, true}, Setting{VK_API_VERSION_1_3, true}),
                         [](const auto& row) { return row.index == 0 ? "v1_0" : "v1_3"; });

TEST(VulkanDevices, are_described_in_full) {
  const VulkanDevices devices = list_vulkan_devices();
  if (devices.infos.empty()) GTEST_SKIP() << devices.reason;
  EXPECT_THAT(devices.reason, IsEmpty());
  for (const DeviceInfo& info : devices.infos) {
    SCOPED_TRACE(info.name);
    EXPECT_THAT(info.name, Not(IsEmpty()));
    EXPECT_FALSE(info.simulated);
    EXPECT_EQ(info.uuid.size(), 32u);
    EXPECT_GT(info.memory.memoryTypeCount, 0u);
    EXPECT_GT(info.limits.maxMemoryAllocationCount, 0u);
    EXPECT_GT(info.max_memory_allocation_size, 0u);
    EXPECT_GT(info.max_buffer_size, 0u);
    if (info.has_maintenance4) {
      EXPECT_NE(info.max_buffer_size, ~Bytes{0});
    }
    EXPECT_GT(info.max_bindless_storage_buffers, 0u);
    if (!info.has_update_after_bind) {
      EXPECT_LE(info.max_bindless_storage_buffers, info.limits.maxPerStageDescriptorStorageBuffers);
      EXPECT_LE(info.max_bindless_storage_buffers, info.limits.maxDescriptorSetStorageBuffers);
    } else if (info.api_version < VK_API_VERSION_1_2) {
      EXPECT_THAT(info.extensions_used, Contains(VK_EXT_DESCRIPTOR_INDEXING_EXTENSION_NAME));
    }
    for (std::uint32_t heap = 0; heap < info.memory.memoryHeapCount; ++heap) {
      EXPECT_GT(info.budgets[heap], 0u);
      EXPECT_LE(info.budgets[heap], info.memory.memoryHeaps[heap].size);
    }
    EXPECT_EQ(info.has_memory_budget, std::count(info.extensions_used.begin(), info.extensions_used.end(),
                                                 VK_EXT_MEMORY_BUDGET_EXTENSION_NAME) == 1);
    if (info.api_version >= VK_API_VERSION_1_1) {
      EXPECT_TRUE(info.has_dedicated_allocation);
      EXPECT_NE(info.max_memory_allocation_size, ~Bytes{0});
    }
    if (info.api_version >= VK_API_VERSION_1_2) {
      EXPECT_NE(info.driver_id, 0u);
      EXPECT_THAT(info.driver_name, Not(IsEmpty()));
    }
  }
}

TEST(VulkanDevices, open_as_they_are_listed) {
  const VulkanDevices devices = list_vulkan_devices();
  if (devices.infos.empty()) GTEST_SKIP() << devices.reason;
  for (std::size_t i = 0; i < devices.infos.size(); ++i) {
    const auto owner = open_vulkan_device(i);
    EXPECT_EQ(owner->device().info->name, devices.infos[i].name);
    EXPECT_EQ(owner->device().info->uuid, devices.infos[i].uuid);
    EXPECT_EQ(owner->device().info->extensions_used, devices.infos[i].extensions_used);
  }
}

TEST(VulkanDevices, two_owners_of_one_device_are_independent) {
  if (list_vulkan_devices().infos.empty()) GTEST_SKIP() << "no Vulkan device";
  auto first = open_vulkan_device(0);
  const auto second = open_vulkan_device(0);
  EXPECT_NE(first->device().handle, second->device().handle);
  first.reset();
  EXPECT_EQ(second->device().fn.device_wait_idle(second->device().handle), VK_SUCCESS);
}

// libc is a library that opens and is no Vulkan loader.
class WithoutLoader : public testing::TestWithParam<const char*> {};

TEST_P(WithoutLoader, lists_nothing_and_says_why) {
  const VulkanDevices devices = list_vulkan_devices(GetParam());
  EXPECT_THAT(devices.infos, IsEmpty());
  EXPECT_THAT(devices.reason, HasSubstr("no Vulkan loader"));
  EXPECT_THAT(devices.reason, HasSubstr(GetParam()));
}

TEST_P(WithoutLoader, refuses_to_open_and_says_why) {
  VulkanOptions options;
  options.library = GetParam();
  try {
    const auto owner = open_vulkan_device(0, options);
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::no_device);
    EXPECT_THAT(error.what(), HasSubstr(GetParam()));
  }
}

INSTANTIATE_TEST_SUITE_P(libraries, WithoutLoader, testing::Values("libvkmembench-no-such-loader.so.1", "libc.so.6"),
                         [](const auto& row) { return row.index == 0 ? "absent" : "not_a_loader"; });

TEST(OpenVulkanDevice, refuses_an_index_beyond_the_last) {
  if (list_vulkan_devices().infos.empty()) GTEST_SKIP() << "no Vulkan device";
  try {
    const auto owner = open_vulkan_device(1000);
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::no_device);
    EXPECT_THAT(error.what(), HasSubstr("no Vulkan device 1000"));
  }
}

}  // namespace
}  // namespace vkmembench
