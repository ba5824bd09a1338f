#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "allocator/core/descriptors/bindless_registry.h"
#include "allocator/device/memory_use.h"
#include "allocator/testing/simulated_fixture.h"
#include "cmake/source_dir.h"
#include "scenarios/profiles/profile_reader.h"

namespace vkmembench {
namespace {

DeviceProfile shipped(std::string_view name) {
  for (const EmbeddedFile& file : shipped_profiles()) {
    if (file.name == std::string(name) + ".json") return parse_profile(file.text, std::string(file.name));
  }
  ADD_FAILURE() << "no shipped profile " << name;
  return {};
}

std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : shipped_profiles()) names.emplace_back(file.name.substr(0, file.name.rfind('.')));
  return names;
}

class EveryProfile : public testing::TestWithParam<std::string> {
 protected:
  DeviceProfile profile() const { return shipped(GetParam()); }
};

TEST_P(EveryProfile, IsTheFileOfTheTree) {
  const DeviceProfile loaded =
      load_profile(std::filesystem::path(source_dir()) / "scenarios/devices" / (GetParam() + ".json"));
  EXPECT_EQ(loaded.name, profile().name);
  EXPECT_EQ(loaded.provenance.size(), 6u);
}

TEST_P(EveryProfile, FillsTheTableUpToItsVersion) {
  const DeviceProfile from = profile();
  const DeviceTable fn = SimulatedFixture(from).d.fn;
#define VKMEMBENCH_ROW(vulkan, snake, dispatch)                                                                     \
  {                                                                                                                 \
    const bool two = std::string_view(#snake).ends_with('2');                                                       \
    const bool four =                                                                                               \
        std::string_view(#snake).starts_with("get_device_") && std::string_view(#snake).ends_with("_requirements"); \
    const bool sparse = std::string_view(#snake).find("sparse") != std::string_view::npos;                          \
    const bool offered = sparse ? from.has_sparse_binding                                                           \
                         : two  ? from.api_version >= VK_API_VERSION_1_1                                            \
                                : (four ? from.has_maintenance4 : true);                                             \
    EXPECT_EQ(fn.snake != nullptr, offered) << #snake;                                                              \
  }
  VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
}

TEST_P(EveryProfile, ServesEveryUseOfMemory) {
  const SimulatedFixture sim(profile());
  const MemoryTypeOrders orders = order_memory_types(sim.d.info->memory);
  const std::uint32_t bits = sim.requirements(sim.buffer(1000)).memoryTypeBits;
  for (std::size_t use = 0; use < kMemoryUseCount; ++use)
    EXPECT_GE(orders[use].pick(bits), 0) << kMemoryUseRules[use].name;
}

// Every supported format and usage has requirements that hold its texels.
TEST_P(EveryProfile, RequiresNoLessThanTheContents) {
  const SimulatedFixture sim(profile());
  int supported = 0;
  for (const FormatInfo& format : formats()) {
    for (const VkImageTiling tiling : {VK_IMAGE_TILING_OPTIMAL, VK_IMAGE_TILING_LINEAR}) {
      VkImageCreateInfo info = image_info(format.format, {97, 61, 1});
      info.tiling = tiling;
      VkImageFormatProperties properties;
      if (sim.d.fn.get_physical_device_image_format_properties(sim.d.physical, info.format, info.imageType, tiling,
                                                               info.usage, 0, &properties) != VK_SUCCESS)
        continue;
      ++supported;
      if (properties.maxMipLevels > 1) info.mipLevels = full_mip_count(info.extent);
      if (properties.maxArrayLayers > 1) info.arrayLayers = 3;
      Bytes packed = 0;
      for (std::uint32_t level = 0; level < info.mipLevels; ++level) packed += mip_bytes(format, info.extent, level);
      const VkImage image = sim.image(info);
      const VkMemoryRequirements required = sim.requirements(image);
      EXPECT_GE(required.size, packed * info.arrayLayers) << format.name;
      EXPECT_LE(required.size, 32 * packed * info.arrayLayers + 16 * kMiB) << format.name;
      EXPECT_TRUE(is_power_of_two(required.alignment));
      sim.d.fn.destroy_image(sim.d.handle, image, nullptr);
    }
  }
  EXPECT_GE(supported, 40);
}

TEST_P(EveryProfile, KeepsBytesOnTheWayThroughItsMemory) {
  const SimulatedFixture sim(profile());
  const MemoryTypeOrders orders = order_memory_types(sim.d.info->memory);
  const auto type_for = [&](MemoryUse use, std::uint32_t bits) {
    return static_cast<std::uint32_t>(orders[static_cast<std::size_t>(use)].pick(bits));
  };
  const VkBuffer up = sim.buffer(4096);
  const VkBuffer down = sim.buffer(4096);
  const VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, {32, 32, 1});
  const VkImage image = sim.image(info);
  const VkDeviceMemory up_memory =
      sim.give_memory(up, type_for(MemoryUse::upload, sim.requirements(up).memoryTypeBits));
  const VkDeviceMemory down_memory =
      sim.give_memory(down, type_for(MemoryUse::readback, sim.requirements(down).memoryTypeBits));
  sim.give_memory(image, type_for(MemoryUse::device, sim.requirements(image).memoryTypeBits));
  const auto bytes = pattern(4096, 1);
  std::memcpy(sim.map(up_memory), bytes.data(), 4096);
  EXPECT_EQ(sim.flush(up_memory), VK_SUCCESS);
  VkBufferImageCopy region{};
  region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
  region.imageExtent = info.extent;
  sim.run([&](VkCommandBuffer commands) {
    sim.d.fn.cmd_copy_buffer_to_image(commands, up, image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
    sim.d.fn.cmd_copy_image_to_buffer(commands, image, VK_IMAGE_LAYOUT_GENERAL, down, 1, &region);
  });
  const std::byte* read = sim.map(down_memory);
  EXPECT_EQ(sim.invalidate(down_memory), VK_SUCCESS);
  EXPECT_EQ(std::memcmp(read, bytes.data(), 4096), 0);
}

// As many buffers as the device has places for, or the registry takes, then one more.
TEST_P(EveryProfile, HoldsABindlessRegistry) {
  const SimulatedFixture sim(profile());
  const VkBuffer buffer = sim.buffer(4096, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
  const MemoryTypeOrders orders = order_memory_types(sim.d.info->memory);
  sim.give_memory(buffer, static_cast<std::uint32_t>(orders[static_cast<std::size_t>(MemoryUse::device)].pick(
                              sim.requirements(buffer).memoryTypeBits)));
  const std::uint64_t before = simulated_leaks(*sim.owner).total();
  {
    BindlessRegistry registry(sim.d, {.frames_in_flight = 3});
    EXPECT_EQ(registry.capacity(), std::min(sim.d.info->max_bindless_storage_buffers, kMaxBindlessSlots));
    for (std::uint32_t i = 0; i < registry.capacity(); ++i) ASSERT_TRUE(registry.add(buffer, 0, 4096)) << i;
    EXPECT_EQ(registry.add(buffer, 0, 4096).result(), VK_ERROR_OUT_OF_POOL_MEMORY);
    registry.begin_frame(0);
    for (const std::uint32_t slot : {0u, registry.capacity() - 1})
      EXPECT_EQ(simulated_descriptor(registry.descriptor_set(), slot).buffer, buffer);
    EXPECT_EQ(registry.remove({0, 1}), VK_SUCCESS);
    EXPECT_EQ(registry.remove({0, 1}), VK_ERROR_UNKNOWN);
  }
  EXPECT_EQ(simulated_leaks(*sim.owner).total(), before);
}

INSTANTIATE_TEST_SUITE_P(Shipped, EveryProfile, testing::ValuesIn(shipped_names()), [](const auto& row) {
  std::string name = row.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// What real drivers answered (NVIDIA 580.159.04 on an H200; RADV and ANV of Mesa 25.0.7), with the memory types of the
// profile's own device. Columns: nvidia-rtx-3090, amd-rx-6600, intel-iris-xe.
struct Answer {
  Bytes size;
  Bytes alignment;
};
struct RecordedImage {
  const char* name;
  const char* format;
  VkExtent3D extent;
  bool all_mips;
  VkImageUsageFlags usage;
  VkSampleCountFlagBits samples;
  VkImageTiling tiling;
  Answer answers[3];
};
constexpr VkImageUsageFlags kTexture = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
constexpr VkImageUsageFlags kTarget = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
constexpr VkImageUsageFlags kDepth = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
constexpr auto kOne = VK_SAMPLE_COUNT_1_BIT;
constexpr auto kFour = VK_SAMPLE_COUNT_4_BIT;
constexpr auto kOptimal = VK_IMAGE_TILING_OPTIMAL;
constexpr auto kLinear = VK_IMAGE_TILING_LINEAR;
constexpr VkExtent3D kFullHd = {1920, 1080, 1};
// clang-format off
const RecordedImage kImages[] = {
    {"rgba8_16", "R8G8B8A8_UNORM", {16, 16, 1}, false, kTexture, kOne, kOptimal, {{1024, 1024}, {4096, 4096}, {4192, 65536}}},
    {"rgba8_64", "R8G8B8A8_UNORM", {64, 64, 1}, false, kTexture, kOne, kOptimal, {{16384, 1024}, {16384, 4096}, {16480, 65536}}},
    {"rgba8_255", "R8G8B8A8_UNORM", {255, 255, 1}, false, kTexture, kOne, kOptimal, {{262144, 1024}, {262144, 65536}, {263200, 65536}}},
    {"rgba8_1024_mips", "R8G8B8A8_UNORM", {1024, 1024, 1}, true, kTexture, kOne, kOptimal, {{5594112, 1024}, {5636096, 65536}, {6447688, 65536}}},
    {"bc1_512_mips", "BC1_RGBA_UNORM_BLOCK", {512, 512, 1}, true, kTexture, kOne, kOptimal, {{177152, 1024}, {196608, 65536}, {229376, 4096}}},
    {"bc7_2048_mips", "BC7_UNORM_BLOCK", {2048, 2048, 1}, true, kTexture, kOne, kOptimal, {{5594624, 1024}, {5636096, 65536}, {6553600, 4096}}},
    {"rgba8_target", "R8G8B8A8_UNORM", kFullHd, false, kTarget, kOne, kOptimal, {{8847360, 1024}, {8896512, 65536}, {8388512, 65536}}},
    {"rgba16f_target", "R16G16B16A16_SFLOAT", kFullHd, false, kTarget, kOne, kOptimal, {{17694720, 1024}, {16809984, 65536}, {16777056, 65536}}},
    {"d32", "D32_SFLOAT", kFullHd, false, kDepth, kOne, kOptimal, {{8847360, 1024}, {9109512, 65536}, {9432988, 65536}}},
    {"rgba8_msaa4", "R8G8B8A8_UNORM", kFullHd, false, kTarget, kFour, kOptimal, {{33423360, 1024}, {36175888, 65536}, {35396188, 65536}}},
    {"rgba8_linear", "R8G8B8A8_UNORM", {256, 256, 1}, false, kTexture, kOne, kLinear, {{262144, 128}, {262144, 256}, {262144, 4}}},
};
// clang-format on
struct RecordedBuffer {
  VkBufferUsageFlags usage;
  Answer answers[3];  // of 1000 bytes
};
const RecordedBuffer kBuffers[] = {
    {0x10, {{1024, 64}, {1008, 16}, {1000, 64}}}, {0x20, {{1008, 16}, {1008, 16}, {1000, 64}}},
    {0x80, {{1008, 16}, {1008, 16}, {1000, 64}}}, {0x40, {{1000, 4}, {1008, 16}, {1000, 64}}},
    {0x03, {{1008, 16}, {1008, 16}, {1000, 64}}}, {0x04, {{1008, 16}, {1008, 16}, {1000, 64}}}};
struct RecordedDevice {
  const char* profile;
  std::uint32_t optimal_bits;
  std::uint32_t other_bits;  // of linear images and buffers
};
constexpr RecordedDevice kDevices[] = {
    {"nvidia-rtx-3090", 0x03, 0x3b}, {"amd-rx-6600", 0x7ad, 0x7ad}, {"intel-iris-xe", 0x07, 0x07}};

TEST(RecordedRequirements, ImagesAreAsDriversAnswered) {
  for (std::size_t device = 0; device < std::size(kDevices); ++device) {
    const SimulatedFixture sim(shipped(kDevices[device].profile));
    for (const RecordedImage& row : kImages) {
      SCOPED_TRACE(std::string(kDevices[device].profile) + " " + row.name);
      VkImageCreateInfo info = image_info(format_by_name(row.format)->format, row.extent,
                                          row.all_mips ? full_mip_count(row.extent) : 1, 1, row.usage);
      info.samples = row.samples;
      info.tiling = row.tiling;
      const VkMemoryRequirements required = sim.requirements(sim.image(info));
      EXPECT_EQ(required.size, row.answers[device].size);
      EXPECT_EQ(required.alignment, row.answers[device].alignment);
      EXPECT_EQ(required.memoryTypeBits,
                row.tiling == kLinear ? kDevices[device].other_bits : kDevices[device].optimal_bits);
    }
  }
}

TEST(RecordedRequirements, BuffersAreAsDriversAnswered) {
  for (std::size_t device = 0; device < std::size(kDevices); ++device) {
    const SimulatedFixture sim(shipped(kDevices[device].profile));
    for (const RecordedBuffer& row : kBuffers) {
      SCOPED_TRACE(std::string(kDevices[device].profile) + " usage " + std::to_string(row.usage));
      const VkMemoryRequirements required = sim.requirements(sim.buffer(1000, row.usage));
      EXPECT_EQ(required.size, row.answers[device].size);
      EXPECT_EQ(required.alignment, row.answers[device].alignment);
      EXPECT_EQ(required.memoryTypeBits, kDevices[device].other_bits);
    }
  }
}

TEST(ShippedProfiles, DifferWhereDevicesDo) {
  const DeviceProfile mali = shipped("arm-mali-g7x");
  EXPECT_EQ(mali.limits.bufferImageGranularity, 4096u);
  EXPECT_EQ(mali.limits.maxMemoryAllocationCount, 4096u);
  EXPECT_FALSE(mali.has_maintenance4);
  EXPECT_FALSE(mali.has_update_after_bind);
  EXPECT_EQ(SimulatedFixture(mali).d.info->max_bindless_storage_buffers, 35u);
  EXPECT_TRUE(shipped("nvidia-rtx-3090").has_update_after_bind);
  EXPECT_EQ(SimulatedFixture(shipped("nvidia-rtx-3090")).d.info->max_bindless_storage_buffers, 1048576u);
  const SimulatedFixture sim(mali);
  VkImageFormatProperties out;
  const auto ask = [&](VkFormat format) {
    return sim.d.fn.get_physical_device_image_format_properties(sim.d.physical, format, VK_IMAGE_TYPE_2D, kOptimal,
                                                                kTexture, 0, &out);
  };
  EXPECT_EQ(ask(VK_FORMAT_BC7_UNORM_BLOCK), VK_ERROR_FORMAT_NOT_SUPPORTED);
  EXPECT_EQ(ask(VK_FORMAT_ASTC_4x4_UNORM_BLOCK), VK_SUCCESS);
  EXPECT_EQ(ask(VK_FORMAT_ETC2_R8G8B8_UNORM_BLOCK), VK_SUCCESS);
  const DeviceProfile amd = shipped("amd-rx-6600");
  EXPECT_EQ(amd.memory.memoryHeaps[2].size, 256 * kMiB);
  EXPECT_EQ(amd.memory.memoryTypes[3].propertyFlags, 7u);
  EXPECT_EQ(shipped("intel-iris-xe").memory.memoryHeapCount, 1u);
}

TEST(ShippedProfiles, LargeTargetsPreferDedicatedMemoryOnNvidia) {
  const SimulatedFixture sim(shipped("nvidia-rtx-3090"));
  const auto prefers = [&](VkExtent3D extent) {
    const VkImage image = sim.image(image_info(VK_FORMAT_R8G8B8A8_UNORM, extent, 1, 1, kTarget));
    VkMemoryDedicatedRequirements dedicated{};
    dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS;
    VkMemoryRequirements2 required = {VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, &dedicated, {}};
    const VkImageMemoryRequirementsInfo2 info = {VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, nullptr, image};
    sim.d.fn.get_image_memory_requirements2(sim.d.handle, &info, &required);
    return dedicated.prefersDedicatedAllocation == VK_TRUE;
  };
  EXPECT_FALSE(prefers({256, 256, 1}));
  EXPECT_TRUE(prefers({3840, 2160, 1}));
}

}  // namespace
}  // namespace vkmembench
