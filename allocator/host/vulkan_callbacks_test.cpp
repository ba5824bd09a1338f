#include "allocator/host/vulkan_callbacks.h"

#include <gmock/gmock.h>

#include <cstring>
#include <limits>
#include <thread>

#include "allocator/base/error.h"
#include "allocator/device/real/vulkan_device.h"
#include "allocator/host/host_operation.h"
#include "allocator/strategy/vma/vma_header.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr VkSystemAllocationScope kObject = VK_SYSTEM_ALLOCATION_SCOPE_OBJECT;
constexpr VkSystemAllocationScope kDevice = VK_SYSTEM_ALLOCATION_SCOPE_DEVICE;

class VulkanCallbacksTest : public testing::Test {
 protected:
  void* allocate(std::size_t size, std::size_t alignment, VkSystemAllocationScope scope) const {
    return call_.pfnAllocation(call_.pUserData, size, alignment, scope);
  }
  void* reallocate(void* original, std::size_t size, std::size_t alignment, VkSystemAllocationScope scope) const {
    return call_.pfnReallocation(call_.pUserData, original, size, alignment, scope);
  }
  void free(void* memory) const { call_.pfnFree(call_.pUserData, memory); }
  [[nodiscard]] HostCounts counts(const char* category) const { return tracker_.snapshot().counts(category); }
  [[nodiscard]] VulkanScopeCounts scope(HostScope scope) const {
    return callbacks_.counts()[static_cast<std::size_t>(scope)];
  }

  HostTracker tracker_{{.checked = true}};
  VulkanCallbacks callbacks_{tracker_, "driver"};
  const VkAllocationCallbacks& call_ = *callbacks_.get();
};

TEST_F(VulkanCallbacksTest, CountByScope) {
  const std::array<std::pair<VkSystemAllocationScope, const char*>, 5> scopes = {
      {{VK_SYSTEM_ALLOCATION_SCOPE_COMMAND, "driver::command"},
       {VK_SYSTEM_ALLOCATION_SCOPE_OBJECT, "driver::object"},
       {VK_SYSTEM_ALLOCATION_SCOPE_CACHE, "driver::cache"},
       {VK_SYSTEM_ALLOCATION_SCOPE_DEVICE, "driver::device"},
       {VK_SYSTEM_ALLOCATION_SCOPE_INSTANCE, "driver::instance"}}};
  std::size_t size = 1;
  for (const auto& [scope, category] : scopes) {
    void* memory = allocate(size, 64, scope);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0u);
    EXPECT_EQ(counts(category).live_bytes(), size);
    EXPECT_EQ(counts("driver").live_bytes(), size) << "the others went back";
    free(memory);
    size *= 2;
  }
  void* memory = allocate(3, 8, static_cast<VkSystemAllocationScope>(77));
  EXPECT_EQ(counts("driver::unknown").live_bytes(), 3u);
  free(memory);
  free(nullptr);
  EXPECT_EQ(tracker_.path(callbacks_.category(HostScope::cache)), "driver::cache");
}

TEST_F(VulkanCallbacksTest, CountByTheInnermostOperationOfTheThread) {
  const HostOperation frame(tracker_, tracker_.category("frame"));
  void* memory = nullptr;
  {
    const HostOperation upload(tracker_, tracker_.category("upload::buffer"));
    HostTracker another;
    const HostOperation foreign(another, another.category("foreign"));
    memory = allocate(10, 8, kObject);
    std::jthread([&] { free(allocate(1'000, 8, kObject)); }).join();  // does nothing that has a name
  }
  void* other = allocate(5, 8, kObject);
  EXPECT_EQ(counts("driver::object::upload::buffer").live_bytes(), 10u);
  EXPECT_EQ(counts("driver::object::frame").live_bytes(), 5u);
  EXPECT_EQ(counts("driver::object").live_bytes(), 15u);
  EXPECT_EQ(counts("driver::object").allocated_bytes, 1'015u);
  memory = reallocate(memory, 20, 8, kDevice);
  EXPECT_EQ(counts("driver::object::upload::buffer").live_bytes(), 20u) << "stays where it was counted first";
  free(memory);
  free(other);
}

TEST_F(VulkanCallbacksTest, CountOnTheScopeWhenTheOperationHasTooManyNames) {
  std::string path = "n";
  for (std::uint32_t i = 2; i <= CategoryTree::kMaxDepth; ++i) path += "::n";
  const HostOperation operation(tracker_, tracker_.category(path));
  for (int i = 0; i < 2; ++i) free(allocate(10, 8, kObject));
  EXPECT_EQ(counts("driver::object").allocated_bytes, 20u);
}

TEST_F(VulkanCallbacksTest, ReallocateAsTheSpecificationSays) {
  auto* text = static_cast<char*>(reallocate(nullptr, 6, 8, kObject));  // allocates
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(scope(HostScope::object).reallocations, 0u);
  std::memcpy(text, "hello", 6);
  text = static_cast<char*>(reallocate(text, 5'000, 8, kObject));
  EXPECT_STREQ(text, "hello");
  EXPECT_EQ(counts("driver::object").live_bytes(), 5'000u);
  text = static_cast<char*>(reallocate(text, 6, 8, kObject));
  EXPECT_STREQ(text, "hello");
  EXPECT_EQ(scope(HostScope::object).reallocations, 2u);
  EXPECT_EQ(reallocate(text, std::numeric_limits<std::size_t>::max(), 8, kObject), nullptr);
  EXPECT_STREQ(text, "hello") << "a failure keeps the original";
  EXPECT_EQ(scope(HostScope::object).refusals, 1u);
  EXPECT_EQ(reallocate(text, 0, 8, kObject), nullptr);  // frees
  EXPECT_EQ(counts("driver").live_count(), 0u);
  free(reallocate(nullptr, 0, 8, kObject));  // an allocation of nothing
}

TEST_F(VulkanCallbacksTest, GiveNullWhereNobodyCanServe) {
  EXPECT_EQ(allocate(8, 3, kDevice), nullptr);
  EXPECT_EQ(allocate(8, 0, kDevice), nullptr);
  EXPECT_EQ(allocate(std::numeric_limits<std::size_t>::max() - 4, 16, kDevice), nullptr);
  EXPECT_EQ(scope(HostScope::device).refusals, 3u);
  EXPECT_EQ(counts("driver").allocated_count, 0u);
}

TEST_F(VulkanCallbacksTest, CountInternalNotificationsApart) {
  constexpr VkInternalAllocationType kCode = VK_INTERNAL_ALLOCATION_TYPE_EXECUTABLE;
  call_.pfnInternalAllocation(call_.pUserData, 4'096, kCode, kDevice);
  call_.pfnInternalAllocation(call_.pUserData, 100, kCode, kDevice);
  call_.pfnInternalFree(call_.pUserData, 100, kCode, kDevice);
  call_.pfnInternalFree(call_.pUserData, 7, kCode, kObject);  // a driver's mistake
  EXPECT_EQ(scope(HostScope::device).internal_allocations, 2u);
  EXPECT_EQ(scope(HostScope::device).internal_frees, 1u);
  EXPECT_EQ(scope(HostScope::device).internal_live_bytes(), 4'096u);
  EXPECT_EQ(scope(HostScope::object).internal_live_bytes(), 0u);
  EXPECT_EQ(counts("driver").allocated_count, 0u);
}

TEST_F(VulkanCallbacksTest, RefuseABaseThatIsNoCategory) {
  EXPECT_THAT([&] { const VulkanCallbacks callbacks(tracker_, ""); }, ThrowsMessage<Error>(HasSubstr("empty")));
}

// What VMA asks for on the simulated device, which itself has no use for the callbacks.
TEST_F(VulkanCallbacksTest, TrackWhatVmaHolds) {
  const SimulatedFixture fixture(test_profile());
  const VmaVulkanFunctions functions = vma_functions(fixture.d.fn);
  VmaAllocatorCreateInfo info = vma_allocator_info(fixture.d, functions);
  info.pAllocationCallbacks = &call_;
  VmaAllocator allocator = nullptr;
  ASSERT_EQ(vmaCreateAllocator(&info, &allocator), VK_SUCCESS);
  const Bytes of_allocator = counts("driver").live_bytes();
  EXPECT_GT(of_allocator, 0u);
  const HostOperation operation(tracker_, tracker_.category("create_buffer"));
  std::vector<std::pair<VkBuffer, VmaAllocation>> buffers(64);
  const VkBufferCreateInfo buffer = buffer_info(1'000);
  VmaAllocationCreateInfo how{};
  how.usage = VMA_MEMORY_USAGE_AUTO;
  for (auto& [handle, allocation] : buffers)
    ASSERT_EQ(vmaCreateBuffer(allocator, &buffer, &how, &handle, &allocation, nullptr), VK_SUCCESS);
  EXPECT_GT(counts("driver").live_bytes(), of_allocator);
  EXPECT_EQ(counts("driver::object::create_buffer").live_bytes(), counts("driver").live_bytes() - of_allocator);
  for (const auto& [handle, allocation] : buffers) vmaDestroyBuffer(allocator, handle, allocation);
  vmaDestroyAllocator(allocator);
  EXPECT_EQ(counts("driver").live_count(), 0u);
}

TEST_F(VulkanCallbacksTest, TrackWhatADriverHolds) {
  if (const VulkanDevices devices = list_vulkan_devices(); devices.infos.empty()) GTEST_SKIP() << devices.reason;
  const auto owner = open_vulkan_device(0);
  const Device device = owner->device();
  const VkBufferCreateInfo info = buffer_info(4'096);
  VkBuffer buffer = VK_NULL_HANDLE;
  ASSERT_EQ(device.fn.create_buffer(device.handle, &info, &call_, &buffer), VK_SUCCESS);
  RecordProperty("live_bytes", static_cast<int>(counts("driver::object").live_bytes()));
  EXPECT_EQ(counts("driver").live_bytes(), counts("driver::object").live_bytes());
  device.fn.destroy_buffer(device.handle, buffer, &call_);
  EXPECT_EQ(counts("driver").live_count(), 0u) << "a driver may ask for nothing, but gives back what it asked for";
}

}  // namespace
}  // namespace vkmembench
