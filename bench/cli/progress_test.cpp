#include "bench/cli/progress.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

TEST(Progress, SaysHowLongTheRestTakes) {
  EXPECT_EQ(time_left(10, 0.5), "about 10 s left");
  EXPECT_EQ(time_left(10, 0.999), "about 1 s left");
  EXPECT_EQ(time_left(30, 0.1), "about 4 min left");
  EXPECT_EQ(time_left(600, 0.05), "about 3.2 h left");
}

TEST(Progress, SaysNothingOfWhatItCannotTell) {
  EXPECT_EQ(time_left(100, 0), "");
  EXPECT_EQ(time_left(100, 0.01), "");
  EXPECT_EQ(time_left(1, 0.5), "");
  EXPECT_EQ(time_left(100, 1), "");
}

}  // namespace
}  // namespace vkmembench
