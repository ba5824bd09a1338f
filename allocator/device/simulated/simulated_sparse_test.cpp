#include <gtest/gtest.h>

#include <ostream>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

constexpr Bytes kPage = 64 * kKiB;

class Sparse : public testing::Test {
 protected:
  Sparse() : sim_(test_profile()) {}

  [[nodiscard]] VkBuffer buffer(Bytes size) const {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.flags = VK_BUFFER_CREATE_SPARSE_BINDING_BIT;
    info.size = size;
    info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    VkBuffer buffer = VK_NULL_HANDLE;
    EXPECT_EQ(sim_.d.fn.create_buffer(sim_.d.handle, &info, nullptr, &buffer), VK_SUCCESS);
    return buffer;
  }
  [[nodiscard]] VkImage image(VkFormat format, VkExtent3D extent, std::uint32_t mips, std::uint32_t layers) const {
    VkImageCreateInfo info = image_info(format, extent, mips, layers, VK_IMAGE_USAGE_SAMPLED_BIT);
    info.flags = VK_IMAGE_CREATE_SPARSE_BINDING_BIT | VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT;
    if (extent.depth > 1) info.imageType = VK_IMAGE_TYPE_3D;
    return sim_.image(info);
  }
  [[nodiscard]] VkMemoryRequirements needs(VkImage image) const {
    VkMemoryRequirements needs{};
    sim_.d.fn.get_image_memory_requirements(sim_.d.handle, image, &needs);
    return needs;
  }
  [[nodiscard]] VkSparseImageMemoryRequirements pages(VkImage image) const {
    std::uint32_t count = 1;
    VkSparseImageMemoryRequirements out{};
    sim_.d.fn.get_image_sparse_memory_requirements(sim_.d.handle, image, &count, &out);
    EXPECT_EQ(count, 1u);
    return out;
  }
  VkResult bind(VkBuffer buffer, const VkSparseMemoryBind& range) const {
    const VkSparseBufferMemoryBindInfo binds{buffer, 1, &range};
    VkBindSparseInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO;
    info.bufferBindCount = 1;
    info.pBufferBinds = &binds;
    return sim_.d.fn.queue_bind_sparse(sim_.d.queue, 1, &info, VK_NULL_HANDLE);
  }
  VkResult bind(VkImage image, const VkSparseImageMemoryBind& texels) const {
    const VkSparseImageMemoryBindInfo binds{image, 1, &texels};
    VkBindSparseInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO;
    info.imageBindCount = 1;
    info.pImageBinds = &binds;
    return sim_.d.fn.queue_bind_sparse(sim_.d.queue, 1, &info, VK_NULL_HANDLE);
  }

  SimulatedFixture sim_;
};

TEST_F(Sparse, BuffersRequireWholePages) {
  VkMemoryRequirements needs{};
  sim_.d.fn.get_buffer_memory_requirements(sim_.d.handle, buffer(100'000), &needs);
  EXPECT_EQ(needs.size, 2 * kPage);
  EXPECT_EQ(needs.alignment, kPage);
}

TEST_F(Sparse, TakesPagesAndGivesThemBack) {
  const VkBuffer sparse = buffer(3 * kPage);
  const VkDeviceMemory memory = sim_.allocate(2 * kPage, 0).value();
  EXPECT_EQ(bind(sparse, {kPage, 2 * kPage, memory, 0, 0}), VK_SUCCESS);
  EXPECT_EQ(bind(sparse, {kPage, 2 * kPage, VK_NULL_HANDLE, 0, 0}), VK_SUCCESS);
}

// The standard block shapes, by bytes of a texel block.
struct Shape {
  VkFormat format;
  VkExtent3D extent;
  VkExtent3D page;
};
void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.format; }
class SparseShapes : public Sparse, public testing::WithParamInterface<Shape> {};
INSTANTIATE_TEST_SUITE_P(Table, SparseShapes,
                         testing::Values(Shape{VK_FORMAT_R8_UNORM, {512, 512, 1}, {256, 256, 1}},
                                         Shape{VK_FORMAT_R16_SFLOAT, {512, 512, 1}, {256, 128, 1}},
                                         Shape{VK_FORMAT_R8G8B8A8_UNORM, {512, 512, 1}, {128, 128, 1}},
                                         Shape{VK_FORMAT_R16G16B16A16_SFLOAT, {512, 512, 1}, {128, 64, 1}},
                                         Shape{VK_FORMAT_R32G32B32A32_SFLOAT, {512, 512, 1}, {64, 64, 1}},
                                         Shape{VK_FORMAT_BC7_UNORM_BLOCK, {512, 512, 1}, {256, 256, 1}},
                                         Shape{VK_FORMAT_R8_UNORM, {64, 64, 64}, {64, 32, 32}},
                                         Shape{VK_FORMAT_R8G8B8A8_UNORM, {64, 64, 64}, {32, 32, 16}},
                                         Shape{VK_FORMAT_R32G32B32A32_SFLOAT, {64, 64, 64}, {16, 16, 16}}));
TEST_P(SparseShapes, AreVulkans) {
  const VkExtent3D page = pages(image(GetParam().format, GetParam().extent, 1, 1)).formatProperties.imageGranularity;
  EXPECT_EQ(page.width, GetParam().page.width);
  EXPECT_EQ(page.height, GetParam().page.height);
  EXPECT_EQ(page.depth, GetParam().page.depth);
}

// 256 x 256 texels in 4 pages, 128 x 128 in one; the smaller mips of both layers in tails of a page.
TEST_F(Sparse, SmallMipsShareATail) {
  const VkImage mipped = image(VK_FORMAT_R8G8B8A8_UNORM, {256, 256, 1}, 9, 2);
  const VkSparseImageMemoryRequirements layout = pages(mipped);
  EXPECT_EQ(layout.imageMipTailFirstLod, 2u);
  EXPECT_EQ(layout.imageMipTailSize, kPage);
  EXPECT_EQ(layout.imageMipTailOffset, 10 * kPage);
  EXPECT_EQ(layout.imageMipTailStride, kPage);
  EXPECT_EQ(needs(mipped).size, 12 * kPage);
}

TEST_F(Sparse, PlanesApartRequireMemoryEach) {
  VkImageCreateInfo info =
      image_info(VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, {256, 256, 1}, 1, 1, VK_IMAGE_USAGE_SAMPLED_BIT);
  info.flags = VK_IMAGE_CREATE_DISJOINT_BIT;
  const VkImage planes = sim_.image(info);
  const auto size_of = [&](VkImageAspectFlagBits aspect) {
    VkImagePlaneMemoryRequirementsInfo plane{};
    plane.sType = VK_STRUCTURE_TYPE_IMAGE_PLANE_MEMORY_REQUIREMENTS_INFO;
    plane.planeAspect = aspect;
    const VkImageMemoryRequirementsInfo2 query{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, &plane, planes};
    VkMemoryRequirements2 answer{};
    answer.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2;
    sim_.d.fn.get_image_memory_requirements2(sim_.d.handle, &query, &answer);
    return answer.memoryRequirements.size;
  };
  EXPECT_EQ(size_of(VK_IMAGE_ASPECT_PLANE_0_BIT), 256u * 256);
  EXPECT_EQ(size_of(VK_IMAGE_ASPECT_PLANE_1_BIT), 128u * 128 * 2);
}

using SparseMisuse = Sparse;
TEST_F(SparseMisuse, Aborts) {
  const VkBuffer sparse = buffer(2 * kPage);
  const VkImage texels = image(VK_FORMAT_R8G8B8A8_UNORM, {256, 256, 1}, 9, 1);
  const VkDeviceMemory memory = sim_.allocate(4 * kPage, 0).value();
  const VkImageSubresource top{VK_IMAGE_ASPECT_COLOR_BIT, 0, 0};
  EXPECT_DEATH((void)bind(sparse, {4096, kPage, memory, 0, 0}), "no whole pages");
  EXPECT_DEATH((void)bind(sparse, {0, 3 * kPage, memory, 0, 0}), "pages beyond the resource");
  EXPECT_DEATH((void)bind(sparse, {0, kPage, memory, 4096, 0}), "unaligned offset of memory");
  EXPECT_DEATH((void)bind(sparse, {0, 2 * kPage, memory, 3 * kPage, 0}), "pages beyond the memory");
  EXPECT_DEATH((void)bind(sparse, {0, kPage, sim_.allocate(kPage, 3).value(), 0, 0}), "memory type");
  EXPECT_DEATH((void)bind(sim_.buffer(kPage), {0, kPage, memory, 0, 0}), "not sparse");
  EXPECT_DEATH(sim_.d.fn.bind_buffer_memory(sim_.d.handle, sparse, memory, 0), "bound in parts");
  EXPECT_DEATH((void)bind(texels, {top, {64, 0, 0}, {128, 128, 1}, memory, 0, 0}), "no whole pages");
  EXPECT_DEATH((void)bind(texels, {{top.aspectMask, 2, 0}, {0, 0, 0}, {64, 64, 1}, memory, 0, 0}), "in the tail");
  EXPECT_DEATH((void)bind(sim_.image(image_info(VK_FORMAT_R8_UNORM, {64, 64, 1}, 1, 1, VK_IMAGE_USAGE_SAMPLED_BIT)),
                          {top, {0, 0, 0}, {64, 64, 1}, memory, 0, 0}),
               "bound by ranges");
}

}  // namespace
}  // namespace vkmembench
