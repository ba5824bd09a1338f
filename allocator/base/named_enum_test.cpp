#include "allocator/base/named_enum.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

#define VKMEMBENCH_FRUITS(X) X(apple) X(pear) X(passion_fruit)
VKMEMBENCH_NAMED_ENUM(Fruit, VKMEMBENCH_FRUITS);

static_assert(static_cast<int>(Fruit::apple) == 0 && static_cast<int>(Fruit::count) == 3);

TEST(NamedEnum, NamesAreThoseOfTheEnumeratorsByValue) {
  EXPECT_EQ(kFruitNames.size(), 3u);
  EXPECT_EQ(kFruitNames[static_cast<std::size_t>(Fruit::apple)], "apple");
  EXPECT_EQ(kFruitNames[static_cast<std::size_t>(Fruit::passion_fruit)], "passion_fruit");
}

}  // namespace
}  // namespace vkmembench
