#include <gtest/gtest.h>

#include <cstring>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kDeviceType = 0;
constexpr std::uint32_t kCoherentType = 1;
constexpr std::uint32_t kCachedType = 2;

// A mapped buffer in coherent memory.
struct Staging {
  Staging(const SimulatedFixture& sim, Bytes size) : buffer(sim.buffer(size)) {
    data = sim.map(sim.give_memory(buffer, kCoherentType));
  }
  VkBuffer buffer;
  std::byte* data = nullptr;
};

VkBufferImageCopy whole_mip(const VkImageCreateInfo& info, std::uint32_t level, Offset offset,
                            VkImageAspectFlags aspect = VK_IMAGE_ASPECT_COLOR_BIT) {
  const auto shrink = [&](std::uint32_t side) { return std::max(1u, side >> level); };
  VkBufferImageCopy region{};
  region.bufferOffset = offset;
  region.imageSubresource = {aspect, level, 0, info.arrayLayers};
  region.imageExtent = {shrink(info.extent.width), shrink(info.extent.height), shrink(info.extent.depth)};
  return region;
}

TEST(SimulatedCopies, BuffersKeepTheirBytesThroughDeviceMemory) {
  const SimulatedFixture sim(test_profile());
  const auto bytes = pattern(10000, 3);
  const Staging up(sim, 10000);
  const Staging down(sim, 10000);
  const VkBuffer middle = sim.buffer(10000);
  sim.give_memory(middle, kDeviceType);
  std::memcpy(up.data, bytes.data(), bytes.size());
  sim.copy(up.buffer, middle, 10000);
  sim.copy(middle, down.buffer, 10000);
  EXPECT_EQ(std::memcmp(down.data, bytes.data(), bytes.size()), 0);
}

TEST(SimulatedCopies, UnverifiedDeviceMemoryHasNoBytes) {
  const SimulatedFixture sim(test_profile(), {});
  const Staging up(sim, 64);
  const VkBuffer middle = sim.buffer(64);
  sim.give_memory(middle, kDeviceType);
  std::memset(up.data, 7, 64);
  sim.copy(up.buffer, middle, 64);
  sim.copy(middle, up.buffer, 64);
  EXPECT_EQ(up.data[0], std::byte{7});
}

TEST(SimulatedCopies, NonCoherentMemoryNeedsFlushAndInvalidate) {
  const SimulatedFixture sim(test_profile());
  const VkBuffer cached = sim.buffer(256);
  const VkDeviceMemory memory = sim.give_memory(cached, kCachedType);
  std::byte* host = sim.map(memory);
  const Staging other(sim, 256);
  std::memset(host, 5, 256);
  sim.copy(cached, other.buffer, 256);
  EXPECT_EQ(other.data[0], std::byte{0}) << "not flushed, so the device sees none of it";
  EXPECT_EQ(sim.flush(memory, 0, 64), VK_SUCCESS);
  sim.copy(cached, other.buffer, 256);
  EXPECT_EQ(other.data[63], std::byte{5});
  EXPECT_EQ(other.data[64], std::byte{0}) << "only what was flushed";
  std::memset(other.data, 9, 256);
  sim.copy(other.buffer, cached, 256);
  EXPECT_EQ(host[0], std::byte{5}) << "not invalidated, so the host sees none of it";
  EXPECT_EQ(sim.invalidate(memory, 192), VK_SUCCESS);
  EXPECT_EQ(host[191], std::byte{5});
  EXPECT_EQ(host[192], std::byte{9});
}

struct ImageCase {
  const char* name;
  VkFormat format;
  VkExtent3D extent;
  std::uint32_t mips;
  std::uint32_t layers;
};
class EveryImage : public testing::TestWithParam<ImageCase> {};

// Up to one image, across to another, and down again, every mip and layer.
TEST_P(EveryImage, KeepsItsTexels) {
  const SimulatedFixture sim(test_profile());
  const ImageCase& row = GetParam();
  const VkImageCreateInfo info = image_info(row.format, row.extent, row.mips, row.layers);
  const VkImage first = sim.image(info);
  const VkImage second = sim.image(info);
  sim.give_memory(first, kDeviceType);
  sim.give_memory(second, kDeviceType);
  for (std::uint32_t level = 0; level < row.mips; ++level) {
    const Bytes size = mip_bytes(format_info(row.format), row.extent, level) * row.layers;
    const Staging up(sim, size);
    const Staging down(sim, size);
    const auto bytes = pattern(size, level);
    std::memcpy(up.data, bytes.data(), size);
    const VkBufferImageCopy region = whole_mip(info, level, 0);
    const VkImageCopy across = {region.imageSubresource, {}, region.imageSubresource, {}, region.imageExtent};
    sim.run([&](VkCommandBuffer commands) {
      sim.d.fn.cmd_copy_buffer_to_image(commands, up.buffer, first, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
      sim.d.fn.cmd_copy_image(commands, first, VK_IMAGE_LAYOUT_GENERAL, second, VK_IMAGE_LAYOUT_GENERAL, 1, &across);
      sim.d.fn.cmd_copy_image_to_buffer(commands, second, VK_IMAGE_LAYOUT_GENERAL, down.buffer, 1, &region);
    });
    EXPECT_EQ(std::memcmp(down.data, bytes.data(), size), 0) << "mip " << level;
  }
}
INSTANTIATE_TEST_SUITE_P(Table, EveryImage,
                         testing::Values(ImageCase{"color", VK_FORMAT_R8G8B8A8_UNORM, {37, 21, 1}, 6, 1},
                                         ImageCase{"layers", VK_FORMAT_R16_SFLOAT, {16, 8, 1}, 5, 3},
                                         ImageCase{"volume", VK_FORMAT_R8_UNORM, {9, 7, 5}, 4, 1},
                                         ImageCase{"blocks", VK_FORMAT_BC7_UNORM_BLOCK, {30, 18, 1}, 5, 2},
                                         ImageCase{"wide_blocks", VK_FORMAT_ASTC_10x8_UNORM_BLOCK, {41, 17, 1}, 3, 1}),
                         [](const auto& row) { return row.param.name; });

TEST(SimulatedCopies, PartsOfAnImageGoWhereTheySay) {
  const SimulatedFixture sim(test_profile());
  const VkImageCreateInfo info = image_info(VK_FORMAT_R8_UNORM, {4, 4, 1});
  const VkImage image = sim.image(info);
  sim.give_memory(image, kDeviceType);
  const Staging staging(sim, 64);
  for (unsigned i = 0; i < 6; ++i) staging.data[i] = static_cast<std::byte>(i + 1);
  VkBufferImageCopy part = whole_mip(info, 0, 0);
  part.bufferRowLength = 3;  // rows of 3, of which 2 are taken
  part.imageOffset = {1, 2, 0};
  part.imageExtent = {2, 2, 1};
  const VkBufferImageCopy all = whole_mip(info, 0, 16);
  sim.run([&](VkCommandBuffer commands) {
    sim.d.fn.cmd_copy_buffer_to_image(commands, staging.buffer, image, VK_IMAGE_LAYOUT_GENERAL, 1, &part);
    sim.d.fn.cmd_copy_image_to_buffer(commands, image, VK_IMAGE_LAYOUT_GENERAL, staging.buffer, 1, &all);
  });
  const unsigned expected[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 4, 5, 0};
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(staging.data[16 + i], static_cast<std::byte>(expected[i])) << i;
}

TEST(SimulatedCopies, DepthAndStencilAreApart) {
  for (const VkFormat format :
       {VK_FORMAT_D24_UNORM_S8_UINT, VK_FORMAT_D32_SFLOAT_S8_UINT, VK_FORMAT_D16_UNORM_S8_UINT}) {
    const SimulatedFixture sim(test_profile());
    const VkImageCreateInfo info = image_info(format, {3, 2, 1});
    const VkImage image = sim.image(info);
    sim.give_memory(image, kDeviceType);
    const Bytes depth_bytes = format == VK_FORMAT_D16_UNORM_S8_UINT ? 2 : 4;
    const Staging up(sim, 64);
    const Staging down(sim, 64);
    const auto bytes = pattern(64, 1);
    std::memcpy(up.data, bytes.data(), 64);
    const VkBufferImageCopy regions[] = {whole_mip(info, 0, 0, VK_IMAGE_ASPECT_DEPTH_BIT),
                                         whole_mip(info, 0, 32, VK_IMAGE_ASPECT_STENCIL_BIT)};
    sim.run([&](VkCommandBuffer commands) {
      sim.d.fn.cmd_copy_buffer_to_image(commands, up.buffer, image, VK_IMAGE_LAYOUT_GENERAL, 2, regions);
      sim.d.fn.cmd_copy_image_to_buffer(commands, image, VK_IMAGE_LAYOUT_GENERAL, down.buffer, 2, regions);
    });
    for (Bytes texel = 0; texel < 6; ++texel) {
      const Bytes kept = format == VK_FORMAT_D24_UNORM_S8_UINT ? 3 : depth_bytes;
      EXPECT_EQ(std::memcmp(down.data + texel * depth_bytes, up.data + texel * depth_bytes, kept), 0) << texel;
      EXPECT_EQ(down.data[32 + texel], up.data[32 + texel]);
    }
  }
}

TEST(SimulatedCopies, CompressedBlocksBecomeTexelsOfTheirSize) {
  const SimulatedFixture sim(test_profile());
  const VkImageCreateInfo blocks_info = image_info(VK_FORMAT_BC7_UNORM_BLOCK, {10, 6, 1});
  const VkImageCreateInfo texels_info = image_info(VK_FORMAT_R32G32B32A32_UINT, {3, 2, 1});
  const VkImage blocks = sim.image(blocks_info);
  const VkImage texels = sim.image(texels_info);
  sim.give_memory(blocks, kDeviceType);
  sim.give_memory(texels, kDeviceType);
  const Staging up(sim, 96);
  const Staging down(sim, 96);
  const auto bytes = pattern(96, 1);
  std::memcpy(up.data, bytes.data(), 96);
  const VkBufferImageCopy in = whole_mip(blocks_info, 0, 0);
  const VkBufferImageCopy out = whole_mip(texels_info, 0, 0);
  const VkImageCopy there = {in.imageSubresource, {}, out.imageSubresource, {}, in.imageExtent};
  const VkImageCopy back = {out.imageSubresource, {}, in.imageSubresource, {}, out.imageExtent};
  sim.run([&](VkCommandBuffer commands) {
    sim.d.fn.cmd_copy_buffer_to_image(commands, up.buffer, blocks, VK_IMAGE_LAYOUT_GENERAL, 1, &in);
    sim.d.fn.cmd_copy_image(commands, blocks, VK_IMAGE_LAYOUT_GENERAL, texels, VK_IMAGE_LAYOUT_GENERAL, 1, &there);
    sim.d.fn.cmd_copy_image(commands, texels, VK_IMAGE_LAYOUT_GENERAL, blocks, VK_IMAGE_LAYOUT_GENERAL, 1, &back);
    sim.d.fn.cmd_copy_image_to_buffer(commands, texels, VK_IMAGE_LAYOUT_GENERAL, down.buffer, 1, &out);
  });
  EXPECT_EQ(std::memcmp(down.data, bytes.data(), 96), 0);
}

TEST(SimulatedCommands, FencesTellWhatWasSubmitted) {
  const SimulatedFixture sim(test_profile());
  const VkFence fence = sim.fence();
  EXPECT_EQ(sim.d.fn.wait_for_fences(sim.d.handle, 1, &fence, VK_TRUE, 0), VK_TIMEOUT);
  EXPECT_EQ(sim.d.fn.queue_submit(sim.d.queue, 0, nullptr, fence), VK_SUCCESS);
  EXPECT_EQ(sim.d.fn.wait_for_fences(sim.d.handle, 1, &fence, VK_TRUE, 1000), VK_SUCCESS);
  EXPECT_EQ(sim.d.fn.reset_fences(sim.d.handle, 1, &fence), VK_SUCCESS);
  EXPECT_EQ(sim.d.fn.wait_for_fences(sim.d.handle, 1, &fence, VK_TRUE, 0), VK_TIMEOUT);
}

TEST(SimulatedCommands, SubmittedWorkIsDoneInOrderWhenSomebodyAsks) {
  const SimulatedFixture sim(test_profile());
  const Staging a(sim, 64);
  const Staging b(sim, 64);
  const Staging c(sim, 64);
  const VkCommandPool pool = sim.pool();
  const VkBufferCopy region = {0, 0, 64};
  const VkFence done = sim.fence();
  std::memset(a.data, 7, 64);
  for (const auto& [from, to] : {std::pair(a.buffer, b.buffer), std::pair(b.buffer, c.buffer)}) {
    const VkCommandBuffer commands = sim.commands(pool);
    sim.begin(commands);
    sim.d.fn.cmd_copy_buffer(commands, from, to, 1, &region);
    sim.d.fn.end_command_buffer(commands);
    EXPECT_EQ(sim.submit(commands, to == c.buffer ? done : VK_NULL_HANDLE), VK_SUCCESS);
  }
  EXPECT_EQ(c.data[0], std::byte{0});
  EXPECT_EQ(sim.d.fn.wait_for_fences(sim.d.handle, 1, &done, VK_TRUE, 0), VK_SUCCESS);
  EXPECT_EQ(c.data[63], std::byte{7});
}

TEST(SimulatedCommands, BuffersCanBeSubmittedAgainAndRecordedAnew) {
  const SimulatedFixture sim(test_profile());
  const Staging a(sim, 64);
  const Staging b(sim, 64);
  const VkCommandPool pool = sim.pool(VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT);
  const VkCommandBuffer commands = sim.commands(pool);
  const VkBufferCopy region = {0, 0, 64};
  sim.begin(commands);
  sim.d.fn.cmd_copy_buffer(commands, a.buffer, b.buffer, 1, &region);
  sim.d.fn.end_command_buffer(commands);
  for (const int value : {1, 2}) {
    std::memset(a.data, value, 64);
    EXPECT_EQ(sim.submit(commands), VK_SUCCESS);
    EXPECT_EQ(sim.d.fn.device_wait_idle(sim.d.handle), VK_SUCCESS);
    EXPECT_EQ(b.data[63], static_cast<std::byte>(value));
  }
  sim.begin(commands);
  sim.d.fn.end_command_buffer(commands);
  std::memset(a.data, 3, 64);
  EXPECT_EQ(sim.submit(commands), VK_SUCCESS);
  EXPECT_EQ(sim.d.fn.device_wait_idle(sim.d.handle), VK_SUCCESS);
  EXPECT_EQ(b.data[0], std::byte{2}) << "the copy is no longer recorded";
  sim.d.fn.free_command_buffers(sim.d.handle, pool, 1, &commands);
  sim.d.fn.destroy_command_pool(sim.d.handle, pool, nullptr);
  EXPECT_EQ(simulated_leaks(*sim.owner).command_buffers, 0u);
}

}  // namespace
}  // namespace vkmembench
