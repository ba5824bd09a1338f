#include "allocator/device/memory_use.h"

#include <gtest/gtest.h>

#include <bit>

#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kVisible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
constexpr VkMemoryPropertyFlags kCoherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
constexpr VkMemoryPropertyFlags kLazy = VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT;

VkPhysicalDeviceMemoryProperties types_of(const std::vector<VkMemoryPropertyFlags>& flags) {
  VkPhysicalDeviceMemoryProperties memory{};
  memory.memoryHeapCount = 1;
  memory.memoryTypeCount = static_cast<std::uint32_t>(flags.size());
  for (std::size_t i = 0; i < flags.size(); ++i) memory.memoryTypes[i] = {flags[i], 0};
  return memory;
}

// A discrete GPU with a host-visible window into its memory: device; write-combined; cached; window; lazy.
const std::vector<VkMemoryPropertyFlags> kDiscrete = {kLocal, kVisible | kCoherent, kVisible | kCoherent | kCached,
                                                      kLocal | kVisible | kCoherent, kLocal | kLazy};
// A phone: device and host memory are one; cached memory is not coherent.
const std::vector<VkMemoryPropertyFlags> kPhone = {kLocal | kVisible | kCoherent, kLocal | kVisible | kCached,
                                                   kLocal | kLazy};

struct Choice {
  const char* name;
  const std::vector<VkMemoryPropertyFlags>* types;
  MemoryUse use;
  std::vector<std::uint8_t> order;
};
class Chosen : public testing::TestWithParam<Choice> {};
INSTANTIATE_TEST_SUITE_P(Table, Chosen,
                         testing::Values(Choice{"discrete_device", &kDiscrete, MemoryUse::device, {0, 3, 1, 2}},
                                         Choice{"discrete_upload", &kDiscrete, MemoryUse::upload, {1, 2, 3}},
                                         Choice{"discrete_readback", &kDiscrete, MemoryUse::readback, {2, 1, 3}},
                                         Choice{"discrete_dynamic", &kDiscrete, MemoryUse::dynamic, {3, 1, 2}},
                                         Choice{"discrete_host", &kDiscrete, MemoryUse::host, {1, 2, 3}},
                                         Choice{
                                             "discrete_transient", &kDiscrete, MemoryUse::transient, {4, 0, 3, 1, 2}},
                                         Choice{"phone_device", &kPhone, MemoryUse::device, {0, 1}},
                                         Choice{"phone_upload", &kPhone, MemoryUse::upload, {0, 1}},
                                         Choice{"phone_readback", &kPhone, MemoryUse::readback, {1, 0}},
                                         Choice{"phone_transient", &kPhone, MemoryUse::transient, {2, 0, 1}}),
                         [](const auto& row) { return row.param.name; });
TEST_P(Chosen, FollowsTheTableOfTheFormat) {
  const auto& [name, types, use, expected] = GetParam();
  const MemoryTypeOrder order = order_memory_types(types_of(*types))[static_cast<std::size_t>(use)];
  EXPECT_EQ(std::vector<std::uint8_t>(order.types.begin(), order.types.begin() + order.count), expected);
}

class EveryUse : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryUse, testing::Range(std::size_t{0}, kMemoryUseCount),
                         [](const auto& row) { return std::string(kMemoryUseRules[row.param].name); });

// The rules said again, over every device of the tests: who is in the order, and that nobody before is worse.
TEST_P(EveryUse, TakesWhatItRequiresInOrderOfWhatItMisses) {
  const MemoryUseRule& rule = kMemoryUseRules[GetParam()];
  const auto misses = [&](VkMemoryPropertyFlags flags) {
    return std::popcount(rule.preferred & ~flags) + std::popcount(rule.unwanted & flags);
  };
  for (const DeviceProfile& profile : test_profiles()) {
    const MemoryTypeOrder order = order_memory_types(profile.memory)[GetParam()];
    std::uint32_t seen = 0;
    for (std::uint32_t i = 0; i < order.count; ++i) {
      const VkMemoryPropertyFlags flags = profile.memory.memoryTypes[order.types[i]].propertyFlags;
      EXPECT_EQ(flags & rule.required, rule.required);
      seen |= 1u << order.types[i];
      if (i == 0) continue;
      const VkMemoryPropertyFlags before = profile.memory.memoryTypes[order.types[i - 1]].propertyFlags;
      EXPECT_LE(misses(before), misses(flags));
      if (misses(before) == misses(flags)) {
        EXPECT_LT(order.types[i - 1], order.types[i]);
      }
    }
    for (std::uint32_t type = 0; type < profile.memory.memoryTypeCount; ++type) {
      const bool allowed = (profile.memory.memoryTypes[type].propertyFlags & rule.required) == rule.required;
      EXPECT_EQ((seen >> type & 1u) != 0, allowed) << profile.name << " type " << type;
    }
  }
}

TEST_P(EveryUse, LeavesOutMemoryThatNeedsAFeature) {
  const VkMemoryPropertyFlags all = kLocal | kVisible | kCoherent | kCached;
  const MemoryTypeOrder order = order_memory_types(types_of({
      all | VK_MEMORY_PROPERTY_PROTECTED_BIT,
      all | VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD,
      all | VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD | VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD,
      all,
  }))[GetParam()];
  ASSERT_EQ(order.count, 1u);
  EXPECT_EQ(order.types[0], 3);
}

TEST_P(EveryUse, IsMappableWhenItRequiresSo) {
  const auto use = static_cast<MemoryUse>(GetParam());
  EXPECT_EQ(is_mappable(use), use != MemoryUse::device && use != MemoryUse::transient);
}

TEST(MemoryTypeOrder, PicksTheNthAllowedType) {
  const MemoryTypeOrder order = order_memory_types(types_of(kDiscrete))[static_cast<std::size_t>(MemoryUse::device)];
  EXPECT_EQ(order.pick(~0u), 0);
  EXPECT_EQ(order.pick(~0u, 1), 3);
  EXPECT_EQ(order.pick(~1u), 3);
  EXPECT_EQ(order.pick(0b0110, 1), 2);
  EXPECT_EQ(order.pick(0b0110, 2), -1);
  EXPECT_EQ(order.pick(0b10000), -1);  // lazily allocated memory is for those who ask for it
  EXPECT_EQ(order.pick(0), -1);
}

}  // namespace
}  // namespace vkmembench
