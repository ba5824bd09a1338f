#include "allocator/device/simulated/simulated_device.h"

#include <gmock/gmock.h>

#include <cstring>
#include <thread>

#include "allocator/base/error.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kDeviceType = 0;
constexpr std::uint32_t kCoherentType = 1;
constexpr std::uint32_t kCachedType = 2;
constexpr std::uint32_t kLazyType = 3;

TEST(SimulatedDevice, DescribesItselfAsItsProfile) {
  const SimulatedFixture sim(test_profile());
  EXPECT_TRUE(sim.d.info->simulated);
  EXPECT_EQ(sim.d.info->name, "test");
  EXPECT_EQ(sim.d.info->budgets[1], 30 * kMiB);
  EXPECT_EQ(sim.d.info->provenance.at(0).second, "assumed 2026-01-01: a test");
  EXPECT_EQ(sim.d.model_ns, nullptr);
  VkPhysicalDeviceProperties properties;
  sim.d.fn.get_physical_device_properties(sim.d.physical, &properties);
  EXPECT_STREQ(properties.deviceName, "test");
  EXPECT_EQ(properties.vendorID, 0x1234u);
  EXPECT_EQ(properties.pipelineCacheUUID[15], 0x0f);
  EXPECT_EQ(properties.limits.nonCoherentAtomSize, 64u);
}

TEST(SimulatedDevice, LeavesEntryPointsBeyondItsVersionNull) {
  DeviceProfile old = test_profile();
  old.api_version = VK_API_VERSION_1_0;
  old.has_maintenance4 = false;
  const DeviceTable fn = SimulatedFixture(old).d.fn;
  EXPECT_EQ(fn.bind_buffer_memory2, nullptr);
  EXPECT_EQ(fn.get_buffer_memory_requirements2, nullptr);
  EXPECT_EQ(fn.get_physical_device_memory_properties2, nullptr);
  EXPECT_EQ(fn.get_device_buffer_memory_requirements, nullptr);
  EXPECT_NE(fn.bind_buffer_memory, nullptr);
}

TEST(SimulatedDevice, ContradictoryProfilesAreErrors) {
  const auto refuses = [](auto spoil) {
    DeviceProfile profile = test_profile();
    spoil(profile);
    EXPECT_THROW(static_cast<void>(open_simulated_device(profile)), Error);
  };
  refuses([](DeviceProfile& p) { p.memory.memoryHeapCount = 0; });
  refuses([](DeviceProfile& p) { p.memory.memoryTypes[0].heapIndex = 7; });
  refuses([](DeviceProfile& p) { p.buffers.pop_back(); });
  refuses([](DeviceProfile& p) { p.images.pop_back(); });
  refuses([](DeviceProfile& p) { p.buffers[0].answer.alignment = 48; });
  refuses([](DeviceProfile& p) { p.images[1].answer.memory_type_bits = 0x10; });
  refuses([](DeviceProfile& p) { p.limits.nonCoherentAtomSize = 0; });
  refuses([](DeviceProfile& p) { p.has_dedicated_allocation = false; });  // an image requires it
}

TEST(SimulatedRequirements, FollowRulesAndTheExactTable) {
  DeviceProfile profile = test_profile();
  profile.offered.add(DeviceFeature::buffer_device_address);
  const SimulatedFixture sim(profile, {.features = profile.offered});
  const VkMemoryRequirements plain = sim.requirements(sim.buffer(1000));
  EXPECT_EQ(plain.size, 1008u);
  EXPECT_EQ(plain.alignment, 64u);
  EXPECT_EQ(plain.memoryTypeBits, 0b0111u);
  EXPECT_EQ(sim.requirements(sim.buffer(1000, kTransfer | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT)).alignment, 256u);
  constexpr VkBufferUsageFlags kExtension = VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  EXPECT_EQ(sim.requirements(sim.buffer(1000, kExtension)).alignment, 64u);
  EXPECT_EQ(sim.requirements(sim.buffer(1000, kExtension | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT)).alignment, 256u);
  EXPECT_EQ(sim.requirements(sim.buffer(777)).size, 4096u);
}

TEST(SimulatedRequirements, OfPlanesAreTheirSum) {
  const SimulatedFixture sim(test_profile());
  const VkMemoryRequirements one = sim.requirements(sim.image(image_info(VK_FORMAT_R8_UNORM, {64, 64, 1}, 1, 1)));
  const VkMemoryRequirements planes =
      sim.requirements(sim.image(image_info(VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, {64, 64, 1}, 1, 1)));
  EXPECT_EQ(one.size, 64u * 64);
  EXPECT_EQ(planes.size, 64u * 64 * 3 / 2);
}

TEST(SimulatedRequirements, OfProtectedResourcesAreProtectedTypes) {
  DeviceProfile profile = test_profile();
  profile.offered.add(DeviceFeature::protected_memory);
  profile.memory.memoryTypes[profile.memory.memoryTypeCount++] = {
      VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_PROTECTED_BIT, 0};
  const SimulatedFixture sim(profile, {.features = profile.offered});
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = 64;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  info.flags = VK_BUFFER_CREATE_PROTECTED_BIT;
  VkBuffer buffer = VK_NULL_HANDLE;
  ASSERT_EQ(sim.d.fn.create_buffer(sim.d.handle, &info, nullptr, &buffer), VK_SUCCESS);
  EXPECT_EQ(sim.requirements(buffer).memoryTypeBits, 1u << 4);
  const VkDeviceBufferMemoryRequirements described{VK_STRUCTURE_TYPE_DEVICE_BUFFER_MEMORY_REQUIREMENTS, nullptr, &info};
  VkMemoryRequirements2 answer{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, nullptr, {}};
  sim.d.fn.get_device_buffer_memory_requirements(sim.d.handle, &described, &answer);
  EXPECT_EQ(answer.memoryRequirements.memoryTypeBits, 1u << 4);
  sim.d.fn.destroy_buffer(sim.d.handle, buffer, nullptr);
}

TEST(SimulatedRequirements, AgreeAcrossTheWaysToAsk) {
  const SimulatedFixture sim(test_profile());
  const VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, {100, 50, 1}, 3, 2);
  const VkImage image = sim.image(info);
  const VkMemoryRequirements plain = sim.requirements(image);
  VkMemoryDedicatedRequirements dedicated{};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS;
  VkMemoryRequirements2 chained = {VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, &dedicated, {}};
  const VkImageMemoryRequirementsInfo2 of_image = {VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, nullptr, image};
  sim.d.fn.get_image_memory_requirements2(sim.d.handle, &of_image, &chained);
  EXPECT_EQ(chained.memoryRequirements.size, plain.size);
  EXPECT_EQ(dedicated.prefersDedicatedAllocation, VK_TRUE);
  EXPECT_EQ(dedicated.requiresDedicatedAllocation, VK_FALSE);
  VkDeviceImageMemoryRequirements of_info{};
  of_info.sType = VK_STRUCTURE_TYPE_DEVICE_IMAGE_MEMORY_REQUIREMENTS;
  of_info.pCreateInfo = &info;
  VkMemoryRequirements2 unmade = {VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, nullptr, {}};
  sim.d.fn.get_device_image_memory_requirements(sim.d.handle, &of_info, &unmade);
  EXPECT_EQ(std::memcmp(&unmade.memoryRequirements, &chained.memoryRequirements, sizeof(VkDeviceSize) * 2), 0);
  EXPECT_EQ(plain.size, align_up(Bytes{2} * 4 * (100 * 50 + 50 * 25 + 25 * 12), 256));
}

TEST(SimulatedFormats, AreAnsweredByTilingUsageAndType) {
  const SimulatedFixture sim(test_profile());
  const auto ask = [&](VkFormat format, VkImageTiling tiling, VkImageUsageFlags usage, VkImageType type,
                       VkImageFormatProperties& out) {
    return sim.d.fn.get_physical_device_image_format_properties(sim.d.physical, format, type, tiling, usage, 0, &out);
  };
  VkImageFormatProperties out;
  const auto optimal = VK_IMAGE_TILING_OPTIMAL;
  EXPECT_EQ(ask(VK_FORMAT_R8G8B8A8_UNORM, optimal, 0x10, VK_IMAGE_TYPE_2D, out), VK_SUCCESS);
  EXPECT_EQ(out.maxExtent.width, 4096u);
  EXPECT_EQ(out.maxMipLevels, 13u);
  EXPECT_EQ(out.sampleCounts, VkSampleCountFlags{VK_SAMPLE_COUNT_1_BIT | VK_SAMPLE_COUNT_4_BIT});
  EXPECT_EQ(ask(VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_TILING_LINEAR, 0x04, VK_IMAGE_TYPE_2D, out), VK_SUCCESS);
  EXPECT_EQ(out.maxMipLevels, 1u);
  EXPECT_EQ(ask(VK_FORMAT_BC7_UNORM_BLOCK, optimal, 0x04, VK_IMAGE_TYPE_2D, out), VK_SUCCESS);
  EXPECT_EQ(out.maxExtent.width, 2048u);
  EXPECT_EQ(ask(VK_FORMAT_BC7_UNORM_BLOCK, optimal, 0x10, VK_IMAGE_TYPE_2D, out), VK_ERROR_FORMAT_NOT_SUPPORTED);
  EXPECT_EQ(ask(VK_FORMAT_R64_UINT, optimal, 0x04, VK_IMAGE_TYPE_2D, out), VK_ERROR_FORMAT_NOT_SUPPORTED);
  EXPECT_EQ(ask(VK_FORMAT_D32_SFLOAT, optimal, 0x04, VK_IMAGE_TYPE_3D, out), VK_ERROR_FORMAT_NOT_SUPPORTED);
  EXPECT_EQ(ask(VK_FORMAT_UNDEFINED, optimal, 0x04, VK_IMAGE_TYPE_2D, out), VK_ERROR_FORMAT_NOT_SUPPORTED);
  EXPECT_EQ(ask(static_cast<VkFormat>(1000999000), optimal, 0x04, VK_IMAGE_TYPE_2D, out),
            VK_ERROR_FORMAT_NOT_SUPPORTED);
}

TEST(SimulatedLimits, RefuseAsVulkanDoes) {
  const SimulatedFixture sim(test_profile());
  EXPECT_EQ(sim.allocate(24 * kMiB + 1, kDeviceType).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  const VkDeviceMemory first = sim.allocate(24 * kMiB, kCoherentType).value();
  EXPECT_EQ(sim.allocate(8 * kMiB + 1, kCachedType).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  EXPECT_TRUE(sim.allocate(8 * kMiB, kCachedType));
  EXPECT_EQ(sim.allocate(1, kCoherentType).result(), VK_ERROR_OUT_OF_DEVICE_MEMORY);
  sim.d.fn.free_memory(sim.d.handle, first, nullptr);
  for (int i = 0; i < 31; ++i) EXPECT_TRUE(sim.allocate(1, kCoherentType));
  EXPECT_EQ(sim.allocate(1, kDeviceType).result(), VK_ERROR_TOO_MANY_OBJECTS);
  const VkBufferCreateInfo endless = buffer_info(~Bytes{0});
  VkBuffer buffer = VK_NULL_HANDLE;
  EXPECT_EQ(sim.d.fn.create_buffer(sim.d.handle, &endless, nullptr, &buffer), VK_ERROR_OUT_OF_DEVICE_MEMORY);
}

TEST(SimulatedBudget, CountsLiveBytesPerHeap) {
  const SimulatedFixture sim(test_profile());
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
  budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
  VkPhysicalDeviceMemoryProperties2 properties = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, &budget, {}};
  const VkDeviceMemory memory = sim.allocate(5 * kMiB, kCachedType).value();
  sim.d.fn.get_physical_device_memory_properties2(sim.d.physical, &properties);
  EXPECT_EQ(properties.memoryProperties.memoryTypeCount, 4u);
  EXPECT_EQ(budget.heapBudget[0], 60 * kMiB);
  EXPECT_EQ(budget.heapUsage[0], 0u);
  EXPECT_EQ(budget.heapUsage[1], 5 * kMiB);
  sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
  sim.d.fn.get_physical_device_memory_properties2(sim.d.physical, &properties);
  EXPECT_EQ(budget.heapUsage[1], 0u);
}

TEST(SimulatedBudget, StaysUntouchedWhereTheDeviceLacksIt) {
  DeviceProfile profile = test_profile();
  profile.has_memory_budget = false;
  const SimulatedFixture sim(profile);
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
  budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
  budget.heapBudget[0] = 17;
  VkPhysicalDeviceMemoryProperties2 properties = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, &budget, {}};
  sim.d.fn.get_physical_device_memory_properties2(sim.d.physical, &properties);
  EXPECT_EQ(budget.heapBudget[0], 17u);
}

TEST(SimulatedClock, SumsTheCostsOfCalls) {
  const SimulatedFixture sim(test_profile(), {.model_clock = true});
  ASSERT_NE(sim.d.model_ns, nullptr);
  EXPECT_EQ(*sim.d.model_ns, 0u);
  const VkBuffer a = sim.buffer(kMiB);
  const VkBuffer b = sim.buffer(kMiB);
  EXPECT_EQ(*sim.d.model_ns, 20u);
  const VkDeviceMemory memory = sim.give_memory(a, kCoherentType);
  EXPECT_EQ(*sim.d.model_ns, 20u + 1000 + 100);
  sim.give_memory(b, kCoherentType);
  sim.copy(a, b, kMiB / 2);
  EXPECT_EQ(*sim.d.model_ns, 20u + 2 * 1100 + 7 + 512);
  sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
  EXPECT_EQ(*sim.d.model_ns, 20u + 2 * 1100 + 7 + 512 + 550);
}

TEST(SimulatedClock, CurvesGoByTheMemoryTypeAndWaitsByWhatIsMoved) {
  DeviceProfile profile = test_profile();
  profile.costs = {};
  const auto curve = [&](EntryPoint call, std::vector<CostCurve> curves) {
    profile.costs[static_cast<std::size_t>(call)].curves = std::move(curves);
  };
  constexpr std::uint32_t kCoherent = 1u << kCoherentType;
  curve(EntryPoint::allocate_memory,
        {{.memory_types = kCoherent, .points = {{0, 1000}, {2048, 3000}}}, {.points = {{0, 5}}}});
  curve(EntryPoint::free_memory, {{.memory_types = kCoherent, .points = {{0, 70}}}});
  curve(EntryPoint::map_memory, {{.memory_types = kCoherent, .points = {{0, 300}}}});
  curve(EntryPoint::wait_for_fences, {{.points = {{0, 10'000}, {kMiB, 20'000}}}});
  const SimulatedFixture sim(profile, {.model_clock = true});
  const VkDeviceMemory memory = sim.allocate(1024, kCoherentType).value();
  EXPECT_EQ(*sim.d.model_ns, 2000u);
  sim.map(memory);
  EXPECT_EQ(*sim.d.model_ns, 2300u);
  const VkDeviceMemory other = sim.allocate(1024, kCachedType).value();
  EXPECT_EQ(*sim.d.model_ns, 2305u);
  sim.d.fn.free_memory(sim.d.handle, other, nullptr);
  EXPECT_EQ(*sim.d.model_ns, 2305u) << "no curve speaks of the type";
  sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
  EXPECT_EQ(*sim.d.model_ns, 2375u);
  const VkBuffer a = sim.buffer(kMiB);
  const VkBuffer b = sim.buffer(kMiB);
  sim.give_memory(a, kCoherentType);
  sim.give_memory(b, kCoherentType);
  const std::uint64_t before = *sim.d.model_ns;
  sim.copy(a, b, kMiB / 2);
  EXPECT_EQ(*sim.d.model_ns - before, 15'000u);
}

// Drivers that map memory of one resource when it is bound take longer for that and less for the allocation.
TEST(SimulatedClock, KnowsDedicatedMemoryUntilItIsGone) {
  DeviceProfile profile = test_profile();
  profile.costs = {};
  for (const EntryPoint call : {EntryPoint::allocate_memory, EntryPoint::free_memory, EntryPoint::bind_buffer_memory,
                                EntryPoint::destroy_buffer})
    profile.costs[static_cast<std::size_t>(call)].curves = {{.dedicated = true, .points = {{0, 1000}}},
                                                            {.points = {{0, 1}}}};
  const SimulatedFixture sim(profile, {.model_clock = true});
  const auto spent = [&](const auto& call) {
    const std::uint64_t before = *sim.d.model_ns;
    call();
    return *sim.d.model_ns - before;
  };
  for (const bool gone : {false, true}) {
    const VkBuffer buffer = sim.buffer(1024);
    const VkMemoryDedicatedAllocateInfo owner{VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, nullptr, VK_NULL_HANDLE,
                                              buffer};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    const Bytes size = sim.requirements(buffer).size;
    EXPECT_EQ(spent([&] { memory = sim.allocate(size, kCoherentType, &owner).value(); }), 1000u);
    EXPECT_EQ(spent([&] { sim.d.fn.bind_buffer_memory(sim.d.handle, buffer, memory, 0); }), 1000u);
    const auto destroy = [&] { sim.d.fn.destroy_buffer(sim.d.handle, buffer, nullptr); };
    const auto release = [&] { sim.d.fn.free_memory(sim.d.handle, memory, nullptr); };
    const std::uint64_t first = gone ? spent(release) : spent(destroy);
    const std::uint64_t second = gone ? spent(destroy) : spent(release);
    EXPECT_EQ(first, 1000u);
    EXPECT_EQ(second, gone ? 1u : 1000u);
  }
  const VkBuffer shared = sim.buffer(1024);
  EXPECT_EQ(spent([&] { sim.give_memory(shared, kCoherentType); }), 2u);
}

TEST(SimulatedLeaks, AreCountedByKind) {
  const SimulatedFixture sim(test_profile());
  EXPECT_EQ(simulated_leaks(*sim.owner).total(), 0u);
  const VkBuffer kept = sim.buffer(100);
  sim.d.fn.destroy_buffer(sim.d.handle, sim.buffer(100), nullptr);
  sim.give_memory(kept, kCoherentType);
  sim.image(image_info(VK_FORMAT_R8_UNORM, {8, 8, 1}));
  sim.commands(sim.pool());
  sim.fence();
  const SimulatedLeaks leaks = simulated_leaks(*sim.owner);
  EXPECT_EQ(leaks.buffers, 1u);
  EXPECT_EQ(leaks.images, 1u);
  EXPECT_EQ(leaks.memories, 1u);
  EXPECT_EQ(leaks.memory_bytes, 112u);
  EXPECT_EQ(leaks.command_pools, 1u);
  EXPECT_EQ(leaks.command_buffers, 1u);
  EXPECT_EQ(leaks.fences, 1u);
}

TEST(SimulatedDevice, NullHandlesAreDestroyedSilently) {
  const SimulatedFixture sim(test_profile());
  sim.d.fn.destroy_buffer(sim.d.handle, VK_NULL_HANDLE, nullptr);
  sim.d.fn.destroy_image(sim.d.handle, VK_NULL_HANDLE, nullptr);
  sim.d.fn.free_memory(sim.d.handle, VK_NULL_HANDLE, nullptr);
  sim.d.fn.destroy_fence(sim.d.handle, VK_NULL_HANDLE, nullptr);
  EXPECT_EQ(simulated_leaks(*sim.owner).total(), 0u);
}

// Meant for ThreadSanitizer: threads share the device and nothing else.
TEST(SimulatedThreads, CreateBindMapAndDestroyAtOnce) {
  DeviceProfile profile = test_profile();
  profile.limits.maxMemoryAllocationCount = 64;
  const SimulatedFixture sim(profile, {});
  const VkDeviceMemory shared = sim.allocate(kMiB, kCoherentType).value();
  const auto work = [&](std::byte value) {
    for (int i = 0; i < 500; ++i) {
      const VkBuffer small = sim.buffer(1000);
      EXPECT_EQ(sim.d.fn.bind_buffer_memory(sim.d.handle, small, shared, 4096), VK_SUCCESS);
      const VkBuffer own = sim.buffer(4096);
      const VkDeviceMemory memory = sim.give_memory(own, kCachedType);
      sim.map(memory)[i] = value;
      EXPECT_EQ(sim.flush(memory), VK_SUCCESS);
      sim.d.fn.destroy_buffer(sim.d.handle, small, nullptr);
      sim.d.fn.destroy_buffer(sim.d.handle, own, nullptr);
      sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
    }
  };
  {
    const std::jthread first(work, std::byte{1});
    const std::jthread second(work, std::byte{2});
    const std::jthread third(work, std::byte{3});
  }
  const SimulatedLeaks leaks = simulated_leaks(*sim.owner);
  EXPECT_EQ(leaks.buffers, 0u);
  EXPECT_EQ(leaks.memory_bytes, kMiB);
}

TEST(SimulatedThreads, HandlesPassFromThreadToThread) {
  const SimulatedFixture sim(test_profile(), {});
  std::vector<VkBuffer> buffers;
  std::jthread([&] {
    for (int i = 0; i < 300; ++i) buffers.push_back(sim.buffer(64));
  }).join();
  EXPECT_EQ(simulated_leaks(*sim.owner).buffers, 300u);
  for (const VkBuffer buffer : buffers) sim.d.fn.destroy_buffer(sim.d.handle, buffer, nullptr);
  EXPECT_EQ(simulated_leaks(*sim.owner).buffers, 0u);
}

TEST(SimulatedBinding, SeveralAtOnce) {
  const SimulatedFixture sim(test_profile());
  const VkBuffer buffers[] = {sim.buffer(64), sim.buffer(64)};
  const VkDeviceMemory memory = sim.allocate(256, kCoherentType).value();
  const VkBindBufferMemoryInfo infos[] = {{VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, buffers[0], memory, 0},
                                          {VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, buffers[1], memory, 64}};
  EXPECT_EQ(sim.d.fn.bind_buffer_memory2(sim.d.handle, 2, infos), VK_SUCCESS);
  const auto bytes = pattern(64, 1);
  std::memcpy(sim.map(memory), bytes.data(), 64);
  sim.copy(buffers[0], buffers[1], 64);
  void* again = nullptr;
  sim.d.fn.unmap_memory(sim.d.handle, memory);
  EXPECT_EQ(sim.d.fn.map_memory(sim.d.handle, memory, 64, 64, 0, &again), VK_SUCCESS);
  EXPECT_EQ(std::memcmp(again, bytes.data(), 64), 0);
}

TEST(SimulatedBinding, DedicatedMemoryIsItsResources) {
  const SimulatedFixture sim(test_profile());
  const VkImage image =
      sim.image(image_info(VK_FORMAT_R8G8B8A8_UNORM, {64, 64, 1}, 1, 1,
                           VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT));
  VkMemoryDedicatedAllocateInfo dedicated{};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
  dedicated.image = image;
  const VkDeviceMemory memory = sim.allocate(sim.requirements(image).size, kLazyType, &dedicated).value();
  EXPECT_EQ(sim.d.fn.bind_image_memory(sim.d.handle, image, memory, 0), VK_SUCCESS);
}

}  // namespace
}  // namespace vkmembench
