#include "allocator/device/real/adopted_device.h"

#include <gmock/gmock.h>

#include "allocator/base/error.h"
#include "allocator/core/allocator.h"
#include "allocator/device/real/vulkan_loader.h"
#include "allocator/strategy/strategies.h"

namespace vkmembench {
namespace {

// What an engine does: an instance under the validation layer where there is one, and a device with features of its
// own.
class Engine : public testing::Test {
 protected:
  void SetUp() override {
    std::string reason;
    try {
      instance_ = VulkanInstance::create({.validation = true}, errors_, reason);
    } catch (const Error&) {  // the layer is not installed
      instance_ = VulkanInstance::create({}, errors_, reason);
    }
    if (instance_ == nullptr) GTEST_SKIP() << reason;
    if (instance_->version() < VK_API_VERSION_1_2) GTEST_SKIP() << "the loader knows no Vulkan 1.2";
    physical_ = instance_->devices().front();
    VkPhysicalDeviceVulkan12Features offered{};
    offered.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
    VkPhysicalDeviceFeatures2 query{};
    query.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
    query.pNext = &offered;
    instance_->get<PFN_vkGetPhysicalDeviceFeatures2>("vkGetPhysicalDeviceFeatures2")(physical_, &query);
    if (offered.bufferDeviceAddress == VK_FALSE) GTEST_SKIP() << "the device lacks bufferDeviceAddress";
  }

  // A device with the core feature bufferDeviceAddress on or off, and no extension.
  void open(bool addresses) {
    features_.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
    features_.bufferDeviceAddress = addresses ? VK_TRUE : VK_FALSE;
    const float priority = 1.0F;
    VkDeviceQueueCreateInfo queue{};
    queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
    queue.queueCount = 1;
    queue.pQueuePriorities = &priority;
    VkDeviceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    info.pNext = &features_;
    info.queueCreateInfoCount = 1;
    info.pQueueCreateInfos = &queue;
    ASSERT_EQ(instance_->get<PFN_vkCreateDevice>("vkCreateDevice")(physical_, &info, nullptr, &handle_), VK_SUCCESS);
    VkQueue made = VK_NULL_HANDLE;
    instance_->get<PFN_vkGetDeviceQueue>("vkGetDeviceQueue")(handle_, 0, 0, &made);
    owner_ = adopt_vulkan_device({.get_instance_proc = instance_->get_proc(),
                                  .instance = instance_->handle(),
                                  .physical = physical_,
                                  .handle = handle_,
                                  .queue = made,
                                  .queue_family = 0,
                                  .api_version = VK_API_VERSION_1_2,
                                  .features = &features_});
  }
  void TearDown() override {
    if (handle_ == VK_NULL_HANDLE) return;
    owner_.reset();
    instance_->get<PFN_vkDestroyDevice>("vkDestroyDevice")(handle_, nullptr);
    EXPECT_THAT(errors_.lines(), testing::IsEmpty());
  }

  ValidationLog errors_;  // outlives the instance
  std::unique_ptr<VulkanInstance> instance_;
  VkPhysicalDevice physical_ = VK_NULL_HANDLE;
  VkPhysicalDeviceVulkan12Features features_{};
  VkDevice handle_ = VK_NULL_HANDLE;
  std::unique_ptr<DeviceOwner> owner_;
};

VkBufferCreateInfo addressed_buffer() {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = 4096;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  return info;
}

TEST_F(Engine, BuffersHaveAddressesWhereTheFeatureIsOn) {
  open(true);
  EXPECT_TRUE(owner_->device().info->has(DeviceFeature::buffer_device_address));
  Allocator allocator(owner_->device());
  const Expected<Allocation> buffer = allocator.create_buffer(addressed_buffer(), {});
  ASSERT_TRUE(buffer);
  VkBufferDeviceAddressInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO;
  info.buffer = buffer->buffer();
  EXPECT_NE(instance_->get<PFN_vkGetBufferDeviceAddress>("vkGetBufferDeviceAddress")(handle_, &info), 0u);
  allocator.destroy(*buffer);
}

TEST_F(Engine, EveryStrategyFollowsTheFeature) {
  open(true);
  for (const StrategyPreset& preset : strategy_presets()) {
    if (preset.name == "null") continue;
    const auto strategy = parse_strategy(std::string(preset.name)).make(owner_->device());
    BufferRequest request;
    request.size = 4096;
    request.usage = addressed_buffer().usage;
    const Expected<Allocation> buffer = strategy->create_buffer(request);
    ASSERT_TRUE(buffer) << preset.name;
    strategy->destroy(*buffer, 0);
  }
}

TEST_F(Engine, NothingIsUsedThatIsNotOn) {
  open(false);
  EXPECT_FALSE(owner_->device().info->has(DeviceFeature::buffer_device_address));
  EXPECT_FALSE(owner_->device().info->has_memory_budget);
  EXPECT_GT(owner_->device().info->memory.memoryTypeCount, 0u);
  Allocator allocator(owner_->device());
  VkBufferCreateInfo info = addressed_buffer();
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  const Expected<Allocation> buffer = allocator.create_buffer(info, {});
  ASSERT_TRUE(buffer);
  allocator.destroy(*buffer);
}

}  // namespace
}  // namespace vkmembench
