#include "allocator/oracle/mapping_oracle.h"

#include <gtest/gtest.h>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

// What of memory of 4096 bytes a strategy has mapped, what is looked at, and whether that can be.
struct Look {
  Offset mapped_begin, mapped_end, begin, end;
  bool seen;
};

class Peeks : public testing::TestWithParam<Look> {};
INSTANTIATE_TEST_SUITE_P(Table, Peeks,
                         testing::Values(Look{0, 0, 0, 4096, true}, Look{0, 0, 100, 300, true},
                                         Look{0, 4096, 100, 300, true}, Look{1024, 2048, 1024, 2048, true},
                                         Look{1024, 2048, 1100, 1101, true}, Look{1024, 2048, 1000, 1030, false},
                                         Look{1024, 2048, 2000, 2100, false}, Look{1024, 2048, 0, 64, false},
                                         Look{0, 0, 4000, 4100, false}));

TEST_P(Peeks, SeeWhatIsThereAndNothingOutsideOfAMapping) {
  const Look& look = GetParam();
  const SimulatedFixture sim(test_profile());
  Violations violations;
  MappingOracle oracle(sim.d, violations);
  const Device& d = oracle.device();
  std::uint32_t type = 0;
  while ((sim.d.info->memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0) ++type;
  const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, 4096, type};
  VkDeviceMemory memory = VK_NULL_HANDLE;
  ASSERT_EQ(d.fn.allocate_memory(d.handle, &info, nullptr, &memory), VK_SUCCESS);
  void* all = nullptr;
  ASSERT_EQ(d.fn.map_memory(d.handle, memory, 0, VK_WHOLE_SIZE, 0, &all), VK_SUCCESS);
  for (std::size_t i = 0; i < 4096; ++i) static_cast<std::byte*>(all)[i] = static_cast<std::byte>(i / 16);
  d.fn.unmap_memory(d.handle, memory);
  void* part = nullptr;
  if (look.mapped_end != 0) {
    ASSERT_EQ(d.fn.map_memory(d.handle, memory, look.mapped_begin, look.mapped_end - look.mapped_begin, 0, &part),
              VK_SUCCESS);
  }

  bool seen = false;
  const VkResult result = oracle.peek(sim.d, memory, look.begin, look.end, [&](std::span<const std::byte> bytes) {
    seen = true;
    ASSERT_EQ(bytes.size(), look.end - look.begin);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      ASSERT_EQ(bytes[i], static_cast<std::byte>((look.begin + i) / 16)) << i;
  });
  EXPECT_EQ(seen, look.seen);
  EXPECT_EQ(result, look.seen ? VK_SUCCESS : VK_ERROR_MEMORY_MAP_FAILED);

  if (look.mapped_end != 0) d.fn.unmap_memory(d.handle, memory);
  d.fn.free_memory(d.handle, memory, nullptr);
  EXPECT_TRUE(violations.counts().empty());
}

}  // namespace
}  // namespace vkmembench
