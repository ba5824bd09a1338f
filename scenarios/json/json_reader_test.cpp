#include "scenarios/json/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    return error.what();
  }
  return "no error";
}

struct BadText {
  std::string text;
  const char* message;
};

class MalformedJson : public testing::TestWithParam<BadText> {};

TEST_P(MalformedJson, NamesFileLineAndColumn) {
  const BadText& bad = GetParam();
  EXPECT_THAT(error_of([&] { static_cast<void>(JsonDocument::parse(bad.text, "f.json")); }), HasSubstr(bad.message));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, MalformedJson,
    testing::Values(BadText{"{\n  \"a\": 1,\n  b\n}", "f.json:3:3: "}, BadText{"{\"a\": 1", "f.json:1:7: "},
                    BadText{"", "f.json:1:0: "}, BadText{"[1, 2] x", "f.json:1:8: "}, BadText{"[NaN]", "f.json:1:"},
                    BadText{"[Infinity]", "f.json:1:"}, BadText{"[1e999]", "number overflow"},
                    BadText{"[-1e999]", "number overflow"}, BadText{"[\"\xff\"]", "ill-formed UTF-8"},
                    BadText{"[\"\xc3\"]", "ill-formed UTF-8"},
                    BadText{"{\"a\": 1,\n\"a\": 2}", "f.json:2: /a: the key"},
                    BadText{"{\"x\": {\"b\": 1,\n\"a\": 2, \n\"b\": 3}}", "f.json:3: /x/b: the key is there twice"},
                    BadText{std::string(65, '['), "nested deeper than 64"},
                    BadText{std::string(100000, '['), "f.json:1:65: nested deeper than 64"},
                    BadText{"[1,]", "f.json:1:4: "}, BadText{"// c\n[]", "f.json:1:1: "},
                    BadText{"[\"a\nb\"]", "f.json:1:"}, BadText{std::string("[1,\0]", 5), "f.json:1:4: "}));

TEST(JsonReader, AllowsTheDeepestNesting) {
  const JsonDocument document = JsonDocument::parse(std::string(64, '[') + std::string(64, ']'), "f.json");
  EXPECT_TRUE(document.root().is_array());
}

TEST(JsonReader, ReadsEveryType) {
  const JsonDocument document = JsonDocument::parse(
      R"({"i": 18446744073709551615, "n": -2, "d": 0.5, "b": true, "t": "x\u00e9", "a": [1, 2], "o": {"k": 3}, "z": null})",
      "f.json");
  const JsonValue root = document.root();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(root.at("i").integer(0, ~std::uint64_t{0}), ~std::uint64_t{0});
  EXPECT_EQ(root.at("n").number(-kInf, kInf), -2.0);
  EXPECT_EQ(root.at("d").number(0, 1), 0.5);
  EXPECT_EQ(root.at("i").number(0, kInf), 18446744073709551615.0);
  EXPECT_TRUE(root.at("b").boolean());
  EXPECT_EQ(root.at("t").text(), "x\xc3\xa9");
  EXPECT_EQ(root.at("a").items().at(1).integer(0, 9), 2u);
  EXPECT_EQ(root.at("o").members().at(0).first, "k");
  EXPECT_EQ(root.find("missing"), std::nullopt);
  EXPECT_TRUE(root.at("a").is_array() && root.at("o").is_object() && root.at("t").is_string());
  EXPECT_TRUE(root.at("i").is_number() && root.at("d").is_number() && root.at("b").is_boolean());
  EXPECT_FALSE(root.at("z").is_number() || root.at("z").is_string() || root.at("z").is_object());
  EXPECT_EQ(root.json().dump(),
            R"({"i":18446744073709551615,"n":-2,"d":0.5,"b":true,"t":"xé","a":[1,2],"o":{"k":3},"z":null})");
}

TEST(JsonReader, NamesThePlaceOfWhatIsWrong) {
  const JsonDocument document =
      JsonDocument::parse("{\n \"a\": [\n  1,\n  {\"x/y~\": \"t\"}\n ],\n \"n\": -1,\n \"d\": 7\n}", "f.json");
  const JsonValue root = document.root();
  const JsonValue inner = root.at("a").items().at(1);
  EXPECT_EQ(error_of([&] { root.fail("is odd"); }), "f.json:1: /: is odd");
  EXPECT_EQ(error_of([&] { static_cast<void>(inner.at("x/y~").integer(0, 5)); }),
            "f.json:4: /a/1/x~1y~0: is a string, not an integer from 0 to 5");
  EXPECT_EQ(error_of([&] { static_cast<void>(inner.at("y")); }), "f.json:4: /a/1: 'y' is missing; add it");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("n").integer(0, 5)); }), "f.json:6: /n: -1 is not from 0 to 5");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("d").integer(0, 5)); }), "f.json:7: /d: 7 is not from 0 to 5");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("d").integer(8, 9)); }), "f.json:7: /d: 7 is not from 8 to 9");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("d").number(0, 0.5)); }), "f.json:7: /d: 7 is not from 0 to 0.5");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("d").text()); }), "f.json:7: /d: is an integer, not a string");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("d").boolean()); }),
            "f.json:7: /d: is an integer, not true or false");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("d").items()); }), "f.json:7: /d: is an integer, not an array");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("a").members()); }), "f.json:2: /a: is an array, not an object");
  EXPECT_EQ(error_of([&] { static_cast<void>(root.at("a").number(0, 1)); }),
            "f.json:2: /a: is an array, not a number from 0 to 1");
}

TEST(JsonReader, PutsThePlaceOfAValueBeforeAnError) {
  const JsonDocument document = JsonDocument::parse("{\n \"n\": 3}", "f.json");
  const JsonValue value = document.root().at("n");
  EXPECT_EQ(at_place(value, [&] { return value.integer(0, 9); }), 3u);
  EXPECT_EQ(error_of([&] { at_place(value, [] { throw Error("is odd; add one"); }); }),
            "f.json:2: /n: is odd; add one");
}

TEST(JsonReader, SuggestsForUnknownKeys) {
  constexpr std::array<std::string_view, 2> kKeys = {"frames", "seed"};
  const JsonDocument document = JsonDocument::parse("{\"seed\": 1,\n\"frmes\": 2}", "f.json");
  EXPECT_EQ(error_of([&] { document.root().only_keys(kKeys); }),
            "f.json:2: /frmes: unknown key 'frmes' (did you mean 'frames'?); the keys here are frames, seed");
  EXPECT_EQ(error_of([&] { JsonDocument::parse("{\"seed\": 1}", "f").root().only_keys(kKeys); }), "no error");
}

TEST(JsonReader, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder temporary;
  const std::filesystem::path& folder = temporary.path();
  const std::filesystem::path empty = temporary.write("empty.json", "");
  EXPECT_THAT(error_of([&] { static_cast<void>(JsonDocument::read(folder / "no" / "such.json")); }),
              HasSubstr("no such file"));
  EXPECT_THAT(error_of([&] { static_cast<void>(JsonDocument::read(folder)); }), HasSubstr("is a folder"));
  EXPECT_THAT(error_of([&] { static_cast<void>(JsonDocument::read(empty)); }), HasSubstr("is empty"));
}

}  // namespace
}  // namespace vkmembench
