#include "allocator/seam/parameters.h"

#include <gtest/gtest.h>

#include <array>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 2> kChoices = {"near", "far"};
const ParameterInfo kBytes{"limit_bytes", std::uint64_t{4096}, 1, 1 << 30, {}, ""};
const ParameterInfo kCount{"count", std::uint64_t{4}, 1, 10, {}, ""};
const ParameterInfo kRatio{"ratio", 0.5, 0, 1, {}, ""};
const ParameterInfo kFlag{"flag", false, 0, 0, {}, ""};
const ParameterInfo kChoice{"choice", std::string("near"), 0, 0, kChoices, ""};

struct Good {
  const ParameterInfo* info;
  std::string text;
  ParameterValue value;
};
class GoodText : public testing::TestWithParam<Good> {};
INSTANTIATE_TEST_SUITE_P(
    Table, GoodText,
    testing::Values(Good{&kBytes, "64MiB", std::uint64_t{64} << 20}, Good{&kBytes, "7", std::uint64_t{7}},
                    Good{&kBytes, "3KiB", std::uint64_t{3072}}, Good{&kBytes, "1GiB", std::uint64_t{1} << 30},
                    Good{&kBytes, "12B", std::uint64_t{12}}, Good{&kCount, "10", std::uint64_t{10}},
                    Good{&kRatio, "0.25", 0.25}, Good{&kRatio, "1", 1.0}, Good{&kFlag, "true", true},
                    Good{&kFlag, "false", false}, Good{&kChoice, "far", std::string("far")}));
TEST_P(GoodText, IsRead) {
  EXPECT_EQ(parse_parameter(*GetParam().info, GetParam().text), GetParam().value);
  EXPECT_EQ(parse_parameter(*GetParam().info, to_text(GetParam().value)), GetParam().value);
}

struct Bad {
  const ParameterInfo* info;
  std::string text;
  std::string says;
};
class BadText : public testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(Table, BadText,
                         testing::Values(Bad{&kBytes, "", "bytes"}, Bad{&kBytes, "MiB", "bytes"},
                                         Bad{&kBytes, "-1", "bytes"}, Bad{&kBytes, "0.3KiB", "bytes"},
                                         Bad{&kBytes, "2GiB", "out of bounds"}, Bad{&kBytes, "99999999999GiB", "bytes"},
                                         Bad{&kBytes, "18446744073709551616", "bytes"},
                                         Bad{&kCount, "1KiB", "whole number"}, Bad{&kCount, "0", "out of bounds"},
                                         Bad{&kCount, "11", "from 1 to 10"}, Bad{&kRatio, "nan", "out of bounds"},
                                         Bad{&kRatio, "1.01", "out of bounds"}, Bad{&kRatio, "x", "no number"},
                                         Bad{&kRatio, "", "no number"}, Bad{&kFlag, "yes", "'true' nor 'false'"},
                                         Bad{&kChoice, "fer", "did you mean 'far'"}, Bad{&kChoice, "", "near, far"}));
TEST_P(BadText, IsRefusedInOneLineThatNamesTheParameter) {
  try {
    (void)parse_parameter(*GetParam().info, GetParam().text);
    FAIL() << "accepted '" << GetParam().text << "'";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(GetParam().says), std::string::npos) << text;
    EXPECT_NE(text.find(GetParam().info->name), std::string::npos) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  }
}

TEST(CheckParameter, WrongTypesAreRefused) {
  EXPECT_THROW(check_parameter(kCount, 4.0), Error);
  EXPECT_THROW(check_parameter(kRatio, std::uint64_t{1}), Error);
  EXPECT_THROW(check_parameter(kFlag, std::string("true")), Error);
  EXPECT_NO_THROW(check_parameter(kFlag, true));
}

TEST(ToText, IsShortAndExact) {
  EXPECT_EQ(to_text(true), "true");
  EXPECT_EQ(to_text(std::uint64_t{18446744073709551615u}), "18446744073709551615");
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(std::string("far")), "far");
}

}  // namespace
}  // namespace vkmembench
