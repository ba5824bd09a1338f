#include "allocator/base/parameter.h"

#include <gtest/gtest.h>

#include <array>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 2> kChoices = {"near", "far"};
constexpr Parameter kBytes{"limit_bytes", ParameterKind::bytes, 4096, 1, 1 << 30, {}, ""};
constexpr Parameter kCount{"count", ParameterKind::integer, 4, 1, 10, {}, ""};
constexpr Parameter kRatio{"ratio", ParameterKind::real, 0.5, 0, 1, {}, ""};
constexpr Parameter kFlag{"flag", ParameterKind::flag, 1, 0, 1, {}, ""};
constexpr Parameter kChoice{"choice", ParameterKind::choice, 1, 0, 1, kChoices, ""};

struct Good {
  const Parameter* parameter;
  std::string text;
  ParameterValue value;
};
class GoodText : public testing::TestWithParam<Good> {};
INSTANTIATE_TEST_SUITE_P(
    Table, GoodText,
    testing::Values(Good{&kBytes, "64MiB", std::uint64_t{64} << 20}, Good{&kBytes, "7", std::uint64_t{7}},
                    Good{&kBytes, "1.5 KiB", std::uint64_t{1536}}, Good{&kBytes, "3KiB", std::uint64_t{3072}},
                    Good{&kBytes, "1GiB", std::uint64_t{1} << 30}, Good{&kBytes, "12B", std::uint64_t{12}},
                    Good{&kCount, "10", std::uint64_t{10}}, Good{&kRatio, "0.25", 0.25}, Good{&kRatio, "1", 1.0},
                    Good{&kFlag, "true", true}, Good{&kFlag, "false", false},
                    Good{&kChoice, "far", std::string("far")}));
TEST_P(GoodText, IsRead) {
  EXPECT_EQ(parse_parameter(*GetParam().parameter, GetParam().text, "here"), GetParam().value);
  EXPECT_EQ(parse_parameter(*GetParam().parameter, to_text(GetParam().value), "here"), GetParam().value);
}

struct Bad {
  const Parameter* parameter;
  std::string text;
  std::string says;
};
class BadText : public testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(
    Table, BadText,
    testing::Values(Bad{&kBytes, "", "bytes"}, Bad{&kBytes, "MiB", "bytes"}, Bad{&kBytes, "-1", "bytes"},
                    Bad{&kBytes, "0.3KiB", "bytes"}, Bad{&kBytes, "2GiB", "from 1 to 1073741824"},
                    Bad{&kBytes, "99999999999GiB", "bytes"}, Bad{&kBytes, "18446744073709551616", "bytes"},
                    Bad{&kCount, "1KiB", "not an integer"}, Bad{&kCount, "0", "from 1 to 10"},
                    Bad{&kCount, "11", "from 1 to 10"}, Bad{&kRatio, "nan", "from 0 to 1"},
                    Bad{&kRatio, "1.01", "from 0 to 1"}, Bad{&kRatio, "x", "not a number"},
                    Bad{&kRatio, "", "not a number"}, Bad{&kFlag, "yes", "true or false"},
                    Bad{&kChoice, "fer", "did you mean 'far'"}, Bad{&kChoice, "", "near and far"}));
TEST_P(BadText, IsRefusedInOneLineThatSaysWhereAndWhatIsTaken) {
  try {
    (void)parse_parameter(*GetParam().parameter, GetParam().text, "here");
    FAIL() << "accepted '" << GetParam().text << "'";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(GetParam().says), std::string::npos) << text;
    EXPECT_NE(text.find("here: "), std::string::npos) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  }
}

TEST(CheckParameter, WrongTypesAreRefused) {
  EXPECT_THROW(check_parameter(kCount, 4.0, "here"), Error);
  EXPECT_THROW(check_parameter(kRatio, std::uint64_t{1}, "here"), Error);
  EXPECT_THROW(check_parameter(kFlag, std::string("true"), "here"), Error);
  EXPECT_NO_THROW(check_parameter(kFlag, true, "here"));
}

TEST(DefaultOf, IsAValueOfTheKind) {
  EXPECT_EQ(default_of(kBytes), ParameterValue(std::uint64_t{4096}));
  EXPECT_EQ(default_of(kRatio), ParameterValue(0.5));
  EXPECT_EQ(default_of(kFlag), ParameterValue(true));
  EXPECT_EQ(default_of(kChoice), ParameterValue(std::string("far")));
}

TEST(ToText, IsShortAndExact) {
  EXPECT_EQ(to_text(true), "true");
  EXPECT_EQ(to_text(std::uint64_t{18446744073709551615u}), "18446744073709551615");
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(std::string("far")), "far");
}

}  // namespace
}  // namespace vkmembench
