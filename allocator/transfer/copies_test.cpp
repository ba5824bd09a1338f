#include "allocator/transfer/copies.h"

#include "allocator/testing/transfer_fixture.h"

namespace vkmembench {
namespace {

struct ImageCase {
  VkFormat format;
  VkExtent3D extent;
  std::uint32_t mips;
  std::uint32_t layers;
  [[nodiscard]] VkImageCreateInfo info() const { return image_info(format, extent, mips, layers); }
  [[nodiscard]] Bytes packed() const {
    Bytes bytes = 0;
    for (std::uint32_t mip = 0; mip < mips; ++mip) bytes += mip_bytes(format_info(format), extent, mip);
    return bytes * layers;
  }
};
const ImageCase kImages[] = {
    {VK_FORMAT_R8G8B8A8_UNORM, {64, 64, 1}, 1, 1},
    {VK_FORMAT_R8_UNORM, {17, 5, 1}, 5, 3},
    {VK_FORMAT_BC7_UNORM_BLOCK, {60, 36, 1}, 6, 2},
    {VK_FORMAT_R8G8B8A8_UNORM, {8, 8, 8}, 4, 1},
    {VK_FORMAT_R32G32B32A32_SFLOAT, {33, 7, 5}, 3, 1},
    {VK_FORMAT_D32_SFLOAT, {32, 32, 1}, 1, 1},
    {VK_FORMAT_BC1_RGB_UNORM_BLOCK, {5, 3, 1}, 3, 4},
    {VK_FORMAT_R8G8_UNORM, {1, 1, 1}, 1, 1},
    {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, {64, 32, 1}, 1, 2},
    {VK_FORMAT_G8_B8_R8_3PLANE_422_UNORM, {6, 5, 1}, 1, 1},
    {VK_FORMAT_G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16, {34, 18, 1}, 1, 3},
};
class Copies : public testing::TestWithParam<ImageCase> {
 protected:
  // Moves the packed bytes through staging memory into the image or, with nullptr, out of it.
  std::vector<std::byte> move(VkImage image, const std::vector<Subresource>& parts, const std::vector<std::byte>* in,
                              bool fresh) {
    const Bytes alignment = staging_alignment(GetParam().format);
    const Offset base = 3 * alignment;
    const VkBuffer staging = fixture_.buffer(base + staged_bytes(parts));
    std::byte* bytes = fixture_.bytes(staging) + base;
    for (const Subresource& part : parts) {
      if (in != nullptr) std::memcpy(bytes + part.region.bufferOffset, in->data() + part.offset, part.size);
    }
    fixture_.sim.run([&](VkCommandBuffer commands) {
      if (in != nullptr)
        record_upload(fixture_.sim.d, commands, staging, base, image, parts, fresh);
      else
        record_readback(fixture_.sim.d, commands, image, staging, base, parts);
    });
    std::vector<std::byte> out(GetParam().packed());
    for (const Subresource& part : parts)
      std::memcpy(out.data() + part.offset, bytes + part.region.bufferOffset, part.size);
    return out;
  }
  TransferFixture fixture_;
};
INSTANTIATE_TEST_SUITE_P(Images, Copies, testing::ValuesIn(kImages));

TEST_P(Copies, SubresourcesCoverTheImageInPackedOrder) {
  const std::vector<Subresource> parts = subresources(GetParam().info());
  const std::uint32_t planes = format_info(GetParam().format).plane_count;
  EXPECT_EQ(parts.size(), std::size_t{GetParam().mips} * GetParam().layers * planes);
  Offset packed = 0;
  Offset staged = 0;
  for (const Subresource& part : parts) {
    EXPECT_EQ(part.offset, packed);
    EXPECT_GE(part.region.bufferOffset, staged);
    EXPECT_EQ(part.region.bufferOffset % staging_alignment(GetParam().format), 0u);
    packed += part.size;
    staged = part.region.bufferOffset + part.size;
  }
  EXPECT_EQ(packed, GetParam().packed());
  EXPECT_EQ(staged_bytes(parts), staged);
}

TEST_P(Copies, APartialAskTakesWholeSubresources) {
  const std::vector<Subresource> all = subresources(GetParam().info());
  for (std::size_t count = 1; count <= all.size(); ++count) {
    const Bytes end = all[count - 1].offset + all[count - 1].size;
    EXPECT_EQ(subresources(GetParam().info(), end).size(), count);
    EXPECT_EQ(subresources(GetParam().info(), end - 1).size(), std::max<std::size_t>(1, count - 1));
  }
}

TEST_P(Copies, WhatIsUploadedIsReadBack) {
  const VkImage image = fixture_.image(GetParam().info());
  const std::vector<Subresource> parts = subresources(GetParam().info());
  const std::vector<std::byte> bytes = pattern(GetParam().packed(), 3);
  move(image, parts, &bytes, true);
  EXPECT_EQ(move(image, parts, nullptr, false), bytes);
}

TEST_P(Copies, PiecesOfAnySizeMakeTheSameImage) {
  const Bytes block = format_info(GetParam().format).block_bytes;
  for (const Bytes limit : {block, 3 * block, Bytes{100}, Bytes{1000}, Bytes{5000}, Bytes{1000000}}) {
    if (limit < block) continue;
    const VkImage image = fixture_.image(GetParam().info());
    const std::vector<std::byte> bytes = pattern(GetParam().packed(), static_cast<unsigned>(limit));
    bool fresh = true;
    for (const Subresource& whole : subresources(GetParam().info())) {
      Offset packed = whole.offset;
      for (const Subresource& piece : pieces(GetParam().info(), whole, limit)) {
        EXPECT_LE(piece.size, limit);
        EXPECT_EQ(piece.offset, packed);
        packed += piece.size;
        move(image, {piece}, &bytes, fresh);
        fresh = false;
      }
      EXPECT_EQ(packed, whole.offset + whole.size);
    }
    EXPECT_EQ(move(image, subresources(GetParam().info()), nullptr, false), bytes) << limit;
  }
}

TEST_P(Copies, APieceThatFitsIsWhole) {
  for (const Subresource& whole : subresources(GetParam().info()))
    EXPECT_EQ(pieces(GetParam().info(), whole, whole.size).size(), 1u);
}

TEST_P(Copies, AnImageCopyTakesEverySubresource) {
  const VkImage from = fixture_.image(GetParam().info());
  const VkImage to = fixture_.image(GetParam().info());
  const std::vector<Subresource> parts = subresources(GetParam().info());
  const std::vector<std::byte> bytes = pattern(GetParam().packed(), 4);
  move(from, parts, &bytes, true);
  fixture_.sim.run(
      [&](VkCommandBuffer commands) { record_image_copy(fixture_.sim.d, commands, from, to, GetParam().info()); });
  EXPECT_EQ(move(to, parts, nullptr, false), bytes);
}

TEST_P(Copies, ThePartsOfAnImageGoToAnother) {
  for (const Bytes size : {Bytes{1}, GetParam().packed() / 2, GetParam().packed()}) {
    const VkImage from = fixture_.image(GetParam().info());
    const VkImage to = fixture_.image(GetParam().info());
    const std::vector<Subresource> all = subresources(GetParam().info());
    const std::vector<Subresource> parts = subresources(GetParam().info(), size);
    const std::vector<std::byte> before = pattern(GetParam().packed(), 5);
    std::vector<std::byte> expected = pattern(GetParam().packed(), 4);
    move(from, all, &before, true);
    move(to, all, &expected, true);
    fixture_.sim.run([&](VkCommandBuffer commands) {
      record_part_copy(fixture_.sim.d, commands, {from, false}, {to, false}, parts);
    });
    std::memcpy(expected.data(), before.data(), packed_bytes(parts));
    EXPECT_EQ(move(to, all, nullptr, false), expected) << size;
  }
}

TEST_P(Copies, ABufferHoldsPackedParts) {
  const std::vector<Subresource> parts = packed_subresources(GetParam().info(), GetParam().packed());
  ASSERT_EQ(parts.size(), subresources(GetParam().info()).size());
  for (const Subresource& part : parts) EXPECT_EQ(part.region.bufferOffset, part.offset);
  EXPECT_EQ(packed_bytes(parts), GetParam().packed());
  const VkImage image = fixture_.image(GetParam().info());
  const VkBuffer buffer = fixture_.buffer(GetParam().packed());
  const std::vector<std::byte> bytes = pattern(GetParam().packed(), 6);
  fixture_.write(buffer, bytes);
  fixture_.sim.run(
      [&](VkCommandBuffer commands) { record_upload(fixture_.sim.d, commands, buffer, 0, image, parts, true); });
  EXPECT_EQ(move(image, subresources(GetParam().info()), nullptr, false), bytes);
}

TEST_P(Copies, CoveringPartsHoldEveryByte) {
  const Bytes packed = GetParam().packed();
  for (const Bytes size : {Bytes{1}, packed / 3 + 1, packed - 1, packed, packed + 1}) {
    const std::vector<Subresource> parts = covering_subresources(GetParam().info(), size);
    EXPECT_GE(packed_bytes(parts), std::min(size, packed));
    EXPECT_LT(parts.back().offset, size);
  }
}

TEST(PackedSubresources, AreNoneWhereVulkanDoesNotTakeTheirPlaces) {
  const VkImageCreateInfo depth = image_info(VK_FORMAT_D16_UNORM, {5, 1, 1}, 2);
  EXPECT_EQ(packed_subresources(depth, 13).size(), 1u);  // the second begins at 10
  EXPECT_TRUE(packed_subresources(depth, 14).empty());
  EXPECT_EQ(packed_subresources(image_info(VK_FORMAT_D16_UNORM, {6, 1, 1}, 2), 18).size(), 2u);
  const VkImageCreateInfo odd = image_info(VK_FORMAT_G8_B8R8_2PLANE_444_UNORM, {3, 3, 1});
  EXPECT_TRUE(packed_subresources(odd, 27).empty());
}

TEST(Planes, CopyApartInTexelsOfTheirOwn) {
  const ImageCase video{VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM, {64, 32, 1}, 1, 1};
  const std::vector<Subresource> parts = subresources(video.info());
  constexpr VkImageAspectFlags kAspects[] = {VK_IMAGE_ASPECT_PLANE_0_BIT, VK_IMAGE_ASPECT_PLANE_1_BIT,
                                             VK_IMAGE_ASPECT_PLANE_2_BIT};
  constexpr Offset kOffsets[] = {0, 64 * 32, 64 * 32 + 32 * 16};
  ASSERT_EQ(parts.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(parts[i].region.imageSubresource.aspectMask, kAspects[i]);
    EXPECT_EQ(parts[i].region.imageExtent.width, i == 0 ? 64u : 32u);
    EXPECT_EQ(parts[i].region.imageExtent.height, i == 0 ? 32u : 16u);
    EXPECT_EQ(parts[i].offset, kOffsets[i]);
  }
}

TEST(BufferCopies, MoveTheRegionOnly) {
  TransferFixture fixture;
  const VkBuffer from = fixture.buffer(100);
  const VkBuffer to = fixture.buffer(100);
  fixture.write(from, pattern(100, 1));
  fixture.write(to, pattern(100, 2));
  fixture.sim.run([&](VkCommandBuffer commands) {
    record_buffer_copy(fixture.sim.d, commands, from, to, {10, 20, 30});
  });
  std::vector<std::byte> expected = pattern(100, 2);
  std::memcpy(expected.data() + 20, pattern(100, 1).data() + 10, 30);
  EXPECT_EQ(fixture.contents(to, 100), expected);
}

TEST(CopiesMisuse, Aborts) {
  TransferFixture fixture;
  const ImageCase c{VK_FORMAT_BC7_UNORM_BLOCK, {8, 8, 1}, 1, 1};
  const std::vector<Subresource> parts = subresources(c.info());
  EXPECT_DEATH((void)pieces(c.info(), parts.front(), 15), "smaller than a texel block");
  EXPECT_DEATH(record_upload(fixture.sim.d, nullptr, VK_NULL_HANDLE, 0, VK_NULL_HANDLE, {}, false), "without regions");
  EXPECT_EQ(staged_bytes({}), 0u);
}

}  // namespace
}  // namespace vkmembench
