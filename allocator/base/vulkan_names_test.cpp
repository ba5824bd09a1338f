#include "allocator/base/vulkan_names.h"

#include <gtest/gtest.h>

#include <bit>
#include <set>

namespace vkmembench {
namespace {

class EveryFormat : public testing::TestWithParam<FormatInfo> {};

TEST_P(EveryFormat, IsFoundByNameAndByValue) {
  const FormatInfo& format = GetParam();
  ASSERT_NE(format_by_name(format.name), nullptr);
  EXPECT_EQ(format_by_name(format.name)->format, format.format);
  EXPECT_EQ(format_info(format.format).name, format.name);
  EXPECT_GT(format.block_bytes, 0u);
  EXPECT_LE(format.block_bytes, 32u);
}
INSTANTIATE_TEST_SUITE_P(Table, EveryFormat, testing::ValuesIn(formats().begin(), formats().end()),
                         [](const auto& row) { return std::string(row.param.name); });

// One of each way in which Vulkan's names are built.
TEST(FormatNames, AreSpelledAsVulkanDoes) {
  struct Spelling {
    VkFormat format;
    std::string_view name;
    std::uint32_t block_bytes, block_width, block_height;
    VkImageAspectFlags aspects = VK_IMAGE_ASPECT_COLOR_BIT;
  };
  constexpr VkImageAspectFlags kBoth = VK_IMAGE_ASPECT_DEPTH_BIT | VK_IMAGE_ASPECT_STENCIL_BIT;
  for (const Spelling& each : {
           Spelling{VK_FORMAT_A2B10G10R10_UNORM_PACK32, "A2B10G10R10_UNORM_PACK32", 4, 1, 1},
           Spelling{VK_FORMAT_R32G32B32A32_SFLOAT, "R32G32B32A32_SFLOAT", 16, 1, 1},
           Spelling{VK_FORMAT_X8_D24_UNORM_PACK32, "X8_D24_UNORM_PACK32", 4, 1, 1, VK_IMAGE_ASPECT_DEPTH_BIT},
           Spelling{VK_FORMAT_D32_SFLOAT_S8_UINT, "D32_SFLOAT_S8_UINT", 5, 1, 1, kBoth},
           Spelling{VK_FORMAT_S8_UINT, "S8_UINT", 1, 1, 1, VK_IMAGE_ASPECT_STENCIL_BIT},
           Spelling{VK_FORMAT_BC1_RGBA_SRGB_BLOCK, "BC1_RGBA_SRGB_BLOCK", 8, 4, 4},
           Spelling{VK_FORMAT_BC6H_UFLOAT_BLOCK, "BC6H_UFLOAT_BLOCK", 16, 4, 4},
           Spelling{VK_FORMAT_ETC2_R8G8B8A1_UNORM_BLOCK, "ETC2_R8G8B8A1_UNORM_BLOCK", 8, 4, 4},
           Spelling{VK_FORMAT_EAC_R11G11_SNORM_BLOCK, "EAC_R11G11_SNORM_BLOCK", 16, 4, 4},
           Spelling{VK_FORMAT_ASTC_12x10_SRGB_BLOCK, "ASTC_12x10_SRGB_BLOCK", 16, 12, 10},
       }) {
    const FormatInfo& row = format_info(each.format);
    EXPECT_EQ(row.name, each.name);
    EXPECT_EQ(row.block_bytes, each.block_bytes) << each.name;
    EXPECT_EQ(row.block_width, each.block_width) << each.name;
    EXPECT_EQ(row.block_height, each.block_height) << each.name;
    EXPECT_EQ(row.aspects, each.aspects) << each.name;
  }
}

TEST(FlagNames, AreSpelledAsVulkanDoes) {
  EXPECT_EQ(flag_by_name(buffer_usage_names(), "uniform_texel_buffer"), VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT);
  EXPECT_EQ(flag_by_name(buffer_usage_names(), "indirect_buffer"), VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT);
  EXPECT_EQ(flag_by_name(image_usage_names(), "depth_stencil_attachment"), VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT);
  EXPECT_EQ(flag_by_name(memory_property_names(), "device_uncached_amd"), VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD);
  EXPECT_EQ(flag_by_name(heap_flag_names(), "multi_instance"), VK_MEMORY_HEAP_MULTI_INSTANCE_BIT);
  EXPECT_EQ(flag_by_name(heap_flag_names(), "host_visible"), std::nullopt);
  EXPECT_EQ(flag_by_name(buffer_usage_names(), "acceleration_structure_storage_khr"),
            VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR);
  EXPECT_EQ(flag_by_name(buffer_usage_names(), "shader_binding_table"), VK_BUFFER_USAGE_SHADER_BINDING_TABLE_BIT_KHR);
  EXPECT_EQ(flag_by_name(buffer_usage_names(), "video_encode_src_khr"), 0x10000u);  // newer than some headers
  EXPECT_EQ(flag_by_name(image_usage_names(), "host_transfer"), 0x400000u);
  EXPECT_EQ(flag_by_name(image_flag_names(), "cube_compatible"), VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT);
  EXPECT_EQ(flag_by_name(image_flag_names(), "2d_array_compatible"), VK_IMAGE_CREATE_2D_ARRAY_COMPATIBLE_BIT);
  EXPECT_EQ(flag_by_name(external_handle_names(), "opaque_fd"), VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT);
}

TEST(FlagNames, AreOfOneBitEachAndOnlyOnce) {
  for (const auto names : {buffer_usage_names(), image_usage_names(), image_flag_names(), buffer_flag_names(),
                           memory_property_names(), external_handle_names()}) {
    std::set<std::string_view> seen;
    for (const FlagName& row : names) {
      EXPECT_TRUE(std::has_single_bit(row.bit)) << row.name;
      EXPECT_TRUE(seen.insert(row.name).second) << row.name;
      EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string_view::npos)
          << row.name;
    }
  }
}

TEST(FormatNames, OfPlanesHaveTheFactsOfEach) {
  const FormatInfo& nv12 = *format_by_name("G8_B8R8_2PLANE_420_UNORM");
  EXPECT_EQ(nv12.plane_count, 2u);
  EXPECT_EQ(nv12.planes[1].block_bytes, 2u);
  EXPECT_EQ(nv12.planes[1].width_divisor, 2u);
  EXPECT_EQ(nv12.planes[1].height_divisor, 2u);
  EXPECT_EQ(mip_bytes(nv12, {1280, 720, 1}, 0), 1280u * 720 * 3 / 2);
  EXPECT_EQ(mip_bytes(*format_by_name("G8_B8_R8_3PLANE_444_UNORM"), {64, 64, 1}, 0), 64u * 64 * 3);
  EXPECT_EQ(mip_bytes(*format_by_name("G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16"), {64, 64, 1}, 0), 64u * 64 * 3);
}

TEST(MipBytes, FullChainsHaveTheirKnownSizes) {
  const auto chain = [](std::string_view name, std::uint32_t side) {
    Bytes total = 0;
    for (std::uint32_t level = 0; level < full_mip_count({side, side, 1}); ++level)
      total += mip_bytes(*format_by_name(name), {side, side, 1}, level);
    return total;
  };
  EXPECT_EQ(chain("BC7_UNORM_BLOCK", 4), 16u * 3);
  EXPECT_EQ(chain("R8G8B8A8_UNORM", 2), 16u + 4);
  EXPECT_NEAR(static_cast<double>(chain("BC7_UNORM_BLOCK", 1024)) / kMiB, 1.333, 0.001);
  EXPECT_NEAR(static_cast<double>(chain("BC7_UNORM_BLOCK", 4096)) / kMiB, 21.333, 0.001);
}

TEST(FormatByName, UnknownIsNull) { EXPECT_EQ(format_by_name("R8G8B8A8"), nullptr); }

TEST(ResultName, KnownAndUnknown) {
  EXPECT_EQ(result_name(VK_ERROR_OUT_OF_DEVICE_MEMORY), "out_of_device_memory");
  EXPECT_EQ(result_name(VK_SUCCESS), "success");
  EXPECT_EQ(result_name(VK_ERROR_SURFACE_LOST_KHR), "surface_lost_khr");
  EXPECT_EQ(result_name(static_cast<VkResult>(-77)), "result_-77");
}

}  // namespace
}  // namespace vkmembench
