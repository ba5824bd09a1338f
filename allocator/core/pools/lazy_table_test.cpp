#include "allocator/core/pools/lazy_table.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace vkmembench {
namespace {

TEST(LazyTable, MakesOnceOnDemand) {
  LazyTable<int, 4> table(*std::pmr::new_delete_resource());
  int makes = 0;
  const auto make = [&](std::pmr::memory_resource& memory) { return make_pmr<int>(memory, ++makes); };
  EXPECT_EQ(table.find(3), nullptr);
  EXPECT_EQ(table.get(3, make), 1);
  EXPECT_EQ(table.get(3, make), 1);
  EXPECT_EQ(table.get(0, make), 2);
  std::vector<int> seen;
  table.for_each([&](int value) { seen.push_back(value); });
  EXPECT_EQ(seen, (std::vector<int>{2, 1}));
}

TEST(LazyTable, AFailureToMakeLeavesRoomForTheNext) {
  LazyTable<int, 1> table(*std::pmr::new_delete_resource());
  EXPECT_THROW(table.get(0, [](auto&) -> PmrPtr<int> { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.get(0, [](auto& memory) { return make_pmr<int>(memory, 5); }), 5);
}

TEST(LazyTable, ThreadsAgreeOnTheValue) {
  LazyTable<int, 8> table(*std::pmr::new_delete_resource());
  std::atomic<int> makes{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&] {
        for (std::size_t number = 0; number < 8; ++number)
          EXPECT_EQ(table.get(number,
                              [&](auto& memory) {
                                ++makes;
                                return make_pmr<int>(memory, static_cast<int>(number));
                              }),
                    static_cast<int>(number));
      });
  }
  EXPECT_EQ(makes, 8);
}

TEST(LazyTableDeathTest, NumbersAreBounded) {
  LazyTable<int, 2> table(*std::pmr::new_delete_resource());
  EXPECT_DEATH((void)table.get(2, [](auto& memory) { return make_pmr<int>(memory); }), "no such number");
}

}  // namespace
}  // namespace vkmembench
