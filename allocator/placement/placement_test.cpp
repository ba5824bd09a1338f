#include "allocator/placement/placement.h"

#include <gtest/gtest.h>

#include <string>

namespace vkmembench {
namespace {

class EveryPlacement : public testing::TestWithParam<NamedPlacement> {
 protected:
  Placement placement_{GetParam().choice, *std::pmr::new_delete_resource()};
};
INSTANTIATE_TEST_SUITE_P(Table, EveryPlacement, testing::ValuesIn(kPlacements),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_P(EveryPlacement, FillsARegionAndMergesItBack) {
  Region region;
  region.capacity = 1000;
  placement_.add(region);
  EXPECT_EQ(placement_.place(100, 1), nullptr);  // idle
  Range* first = placement_.place_in_idle(region, 100);
  Range* second = placement_.place(300, 256);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->offset, 256u);
  EXPECT_TRUE(placement_.store().owns(second));
  EXPECT_EQ(placement_.place(500, 1, true), nullptr);
  EXPECT_EQ(region.used, 400u);
  EXPECT_FALSE(placement_.release(first));
  EXPECT_TRUE(placement_.release(second));
  EXPECT_EQ(region.first->size, region.capacity);
  placement_.remove(region);
  EXPECT_EQ(region.first, nullptr);
}

TEST_P(EveryPlacement, ChangesTheAccessOfRegionsOrSaysThatItCannot) {
  Region region;
  region.capacity = 1000;
  placement_.add(region);
  Range* first = placement_.place_in_idle(region, 100);
  if (placement_.can_pack()) {
    EXPECT_EQ(placement_.largest_free(), 900u);
    placement_.packing().set_access(region, RegionAccess::closed);
    EXPECT_EQ(placement_.place(100, 1), nullptr);
  } else {
    EXPECT_EQ(placement_.largest_free(), 0u);
    EXPECT_DEATH((void)placement_.packing(), "only TLSF knows the access");
  }
  placement_.release(first);
}

}  // namespace
}  // namespace vkmembench
