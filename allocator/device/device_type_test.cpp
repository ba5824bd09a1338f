#include "allocator/device/device_type.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

TEST(DeviceTypes, AreNamedAsVulkanOrdersThem) {
  EXPECT_EQ(device_type_name(VK_PHYSICAL_DEVICE_TYPE_OTHER), "other");
  EXPECT_EQ(device_type_name(VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU), "integrated");
  EXPECT_EQ(device_type_name(VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU), "discrete");
  EXPECT_EQ(device_type_name(VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU), "virtual");
  EXPECT_EQ(device_type_name(VK_PHYSICAL_DEVICE_TYPE_CPU), "cpu");
}

TEST(DeviceTypes, AreFoundByTheirNames) {
  for (const std::string_view name : kDeviceTypeNames) EXPECT_EQ(device_type_name(device_type_of(name)), name);
}

TEST(DeviceTypes, WhatHasNoNameIsAnother) {
  EXPECT_EQ(device_type_name(static_cast<VkPhysicalDeviceType>(99)), "other");
  EXPECT_EQ(device_type_of("quantum"), VK_PHYSICAL_DEVICE_TYPE_OTHER);
}

}  // namespace
}  // namespace vkmembench
