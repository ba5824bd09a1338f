#include "bench/fleet/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> values_of(const std::string& json) {
  return read_values(JsonDocument::parse(json, "m.json").root());
}

std::string refusal(const std::string& json) {
  try {
    static_cast<void>(values_of(json));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Values, AreTextsOfWhatTheFileSays) {
  EXPECT_THAT(values_of("0.5"), ElementsAre("0.5"));
  EXPECT_THAT(values_of(R"(["best_fit", true, 18446744073709551615])"),
              ElementsAre("best_fit", "true", "18446744073709551615"));
}

TEST(Values, RangesHaveBothEnds) {
  EXPECT_THAT(values_of(R"({"from": 1, "to": 4, "step": 1})"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(values_of(R"({"from": 0.1, "to": 0.5, "step": 0.1})"), ElementsAre("0.1", "0.2", "0.3", "0.4", "0.5"));
  EXPECT_THAT(values_of(R"({"from": "1 MiB", "to": "4 MiB", "factor": 2})"),
              ElementsAre("1048576", "2097152", "4194304"));
  EXPECT_THAT(values_of(R"({"from": 5, "to": 5, "step": 3})"), ElementsAre("5"));
}

TEST(Values, RangesThatDoNotEndAreRefused) {
  EXPECT_THAT(refusal(R"({"from": 0, "to": 4, "factor": 2})"), HasSubstr("not end"));
  EXPECT_THAT(refusal(R"({"from": 1, "to": 4, "factor": 1})"), HasSubstr("not end"));
  EXPECT_THAT(refusal(R"({"from": 1, "to": 4, "step": -1})"), HasSubstr("not end"));
  EXPECT_THAT(refusal(R"({"from": 1, "to": 1e9, "step": 1})"), HasSubstr("10000 values"));
  EXPECT_THAT(refusal(R"({"from": 1, "to": 4})"), HasSubstr("'step' or 'factor'"));
  EXPECT_THAT(refusal("null"), HasSubstr("neither a number"));
}

}  // namespace
}  // namespace vkmembench
