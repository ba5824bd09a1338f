#include "allocator/base/vulkan_names.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(result_name(static_cast<VkResult>(-77)), "result_-77");
}

}  // namespace
}  // namespace vkmembench
