#include "reports/judge/parameter_difference.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

TEST(ParameterDifference, NamesOnlyWhatDiffers) {
  const std::string base = R"({"alike":true,"min_block_bytes":4096,"placement":"first_fit","gone":0.5})";
  EXPECT_EQ(parameter_difference(base, base), "");
  EXPECT_EQ(parameter_difference(base, R"({"placement":"best_fit","alike":true,"min_block_bytes":8192,"new":false})"),
            "min_block_bytes: 4096 -> 8192, placement: first_fit -> best_fit, gone: 0.5 -> none, new: none -> false");
  EXPECT_EQ(parameter_difference(R"({"a":1,"b":2})", R"({"b":2,"a":1})"), "") << "the order means nothing";
}

}  // namespace
}  // namespace vkmembench
