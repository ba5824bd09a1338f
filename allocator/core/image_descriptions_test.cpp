#include "allocator/core/image_descriptions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace vkmembench {
namespace {

VkImageCreateInfo texture(std::uint32_t width) {
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_R8G8B8A8_UNORM;
  info.extent = {width, 64, 1};
  info.mipLevels = info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  return info;
}

TEST(ImageDescriptions, EqualOnesShareANumberThatGivesThemBack) {
  ImageDescriptions descriptions(*std::pmr::new_delete_resource());
  const auto first = descriptions.intern(texture(10));
  const auto second = descriptions.intern(texture(11));
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_EQ(descriptions.intern(texture(10)), first);
  EXPECT_EQ(descriptions.at(*first).extent.width, 10u);
  EXPECT_EQ(descriptions.at(*second).extent.width, 11u);
}

TEST(ImageDescriptions, EveryFieldCounts) {
  using Change = void (*)(VkImageCreateInfo&);
  ImageDescriptions descriptions(*std::pmr::new_delete_resource());
  std::vector<std::uint32_t> numbers{*descriptions.intern(texture(16))};
  for (const Change change : std::initializer_list<Change>{
           [](VkImageCreateInfo& i) { i.flags = VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT; },
           [](VkImageCreateInfo& i) { i.imageType = VK_IMAGE_TYPE_3D; },
           [](VkImageCreateInfo& i) { i.format = VK_FORMAT_R8G8B8A8_SRGB; },
           [](VkImageCreateInfo& i) { i.extent.width = 17; }, [](VkImageCreateInfo& i) { i.extent.height = 65; },
           [](VkImageCreateInfo& i) { i.extent.depth = 2; }, [](VkImageCreateInfo& i) { i.mipLevels = 2; },
           [](VkImageCreateInfo& i) { i.arrayLayers = 2; },
           [](VkImageCreateInfo& i) { i.samples = VK_SAMPLE_COUNT_4_BIT; },
           [](VkImageCreateInfo& i) { i.tiling = VK_IMAGE_TILING_LINEAR; },
           [](VkImageCreateInfo& i) { i.usage |= VK_IMAGE_USAGE_STORAGE_BIT; }}) {
    VkImageCreateInfo info = texture(16);
    change(info);
    const auto number = descriptions.intern(info);
    ASSERT_TRUE(number);
    EXPECT_EQ(std::count(numbers.begin(), numbers.end(), *number), 0);
    numbers.push_back(*number);
  }
}

TEST(ImageDescriptions, WhatCannotBeCreatedAgainHasNone) {
  ImageDescriptions descriptions(*std::pmr::new_delete_resource());
  ASSERT_TRUE(descriptions.intern(texture(16)));  // the plain one being known changes nothing
  VkImageCreateInfo info = texture(16);
  VkBaseInStructure chained{};
  info.pNext = &chained;
  EXPECT_FALSE(descriptions.intern(info));
  info = texture(16);
  info.sharingMode = VK_SHARING_MODE_CONCURRENT;
  EXPECT_FALSE(descriptions.intern(info));
  info = texture(16);
  info.flags = VK_IMAGE_CREATE_SPARSE_BINDING_BIT;
  EXPECT_FALSE(descriptions.intern(info));
  info = texture(16);
  info.initialLayout = VK_IMAGE_LAYOUT_PREINITIALIZED;
  EXPECT_FALSE(descriptions.intern(info));
  info = texture(16);
  info.format = VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM;
  EXPECT_TRUE(descriptions.intern(info));
  info.flags = VK_IMAGE_CREATE_DISJOINT_BIT;
  EXPECT_FALSE(descriptions.intern(info));
}

TEST(ImageDescriptions, AFullTableStillKnowsWhatItHas) {
  ImageDescriptions descriptions(*std::pmr::new_delete_resource());
  for (std::uint32_t width = 1; width <= ImageDescriptions::kMost; ++width)
    ASSERT_EQ(descriptions.intern(texture(width)), width - 1);
  EXPECT_FALSE(descriptions.intern(texture(ImageDescriptions::kMost + 1)));
  EXPECT_EQ(descriptions.intern(texture(77)), 76u);
  EXPECT_EQ(descriptions.at(ImageDescriptions::kMost - 1).extent.width, ImageDescriptions::kMost);
}

TEST(ImageDescriptions, ThreadsAgreeOnTheNumbers) {
  ImageDescriptions descriptions(*std::pmr::new_delete_resource());
  std::vector<std::vector<std::uint32_t>> numbers(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : numbers)
      threads.emplace_back([&descriptions, &mine] {
        for (std::uint32_t i = 0; i < 3000; ++i) mine.push_back(*descriptions.intern(texture(1 + i % 1000)));
      });
  }
  for (const auto& mine : numbers) EXPECT_EQ(mine, numbers.front());
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(descriptions.at(numbers[0][i]).extent.width, 1 + i);
}

TEST(ImageDescriptionsDeathTest, AnUnknownNumberAborts) {
  const ImageDescriptions descriptions(*std::pmr::new_delete_resource());
  EXPECT_DEATH((void)descriptions.at(5), "intern");
  EXPECT_DEATH((void)descriptions.at(~0u), "intern");
}

}  // namespace
}  // namespace vkmembench
