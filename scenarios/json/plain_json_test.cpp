#include "scenarios/json/plain_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vkmembench::testing {
namespace {

// Writes down what it is told, and has enough after so many things.
class Notes {
 public:
  explicit Notes(std::size_t most) : most_(most) {}
  bool null() { return note("null"); }
  bool boolean(bool value) { return note(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return note(fmt::format("integer {}", value)); }
  bool number_unsigned(std::uint64_t value) { return note(fmt::format("unsigned {}", value)); }
  bool number_float(double /*value*/, const std::string& text) { return note("float " + text); }
  bool string(std::string_view text) { return note(fmt::format("text {}", text)); }
  bool binary(nlohmann::json::binary_t& /*value*/) { return false; }
  bool key(std::string_view name) { return note(fmt::format("key {}", name)); }
  bool start_object(std::size_t /*size*/) { return note("{"); }
  bool end_object() { return note("}"); }
  bool start_array(std::size_t /*size*/) { return note("["); }
  bool end_array() { return note("]"); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const nlohmann::detail::exception& /*error*/) {
    return false;
  }
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }

 private:
  bool note(std::string what) {
    all_.push_back(std::move(what));
    return all_.size() != most_;
  }
  std::size_t most_;
  std::vector<std::string> all_;
};

struct Scanned {
  PlainJson how = PlainJson::whole;
  std::vector<std::string> told;
};
Scanned scanned(std::string_view text, std::size_t most = 0) {
  Notes notes(most);
  const PlainJson how = PlainJsonScanner(text, notes).scan();
  return {how, notes.all()};
}
Scanned parsed(std::string_view text, std::size_t most = 0) {
  Notes notes(most);
  const bool is_whole = nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &notes);
  return {is_whole ? PlainJson::whole : PlainJson::not_plain, notes.all()};
}

const std::vector<std::string> kPlainTexts = {
    R"({"index":4,"function":{"name":"vkDestroyBuffer","thread":1,"args":{"device":6,"pAllocator":null}}})",
    R"( { "a" : [ ] , "b" : [ 1 , [ { } , true ] , false ] , "" : 0 } )",
    R"(["a text that is longer than eight characters","1234567","12345678"])",
    "\t[999999999999999999,\r\n0]\n",
    R"("text")",
    "[[[[[[[[]]]]]]]]",
    std::string(kMaxNesting, '[') + std::string(kMaxNesting, ']'),
};

TEST(PlainJson, TellsWhatTheParserTells) {
  for (const std::string& text : kPlainTexts) {
    const Scanned plain = scanned(text);
    EXPECT_EQ(plain.how, PlainJson::whole) << text;
    EXPECT_EQ(plain.told, parsed(text).told) << text;
  }
}

TEST(PlainJson, LeavesToTheParserWhatIsNotPlain) {
  for (const char* text : {R"("\n")", "\"\xc3\xa9\"", R"(-1)", "1.5", "1e3", "1000000000000000000", "[1", "{\"a\":1,}",
                           "01", "1 2", "tru", "", "\"a", "{\"a\" 1}", "[1}", "\"tab\t\""})
    EXPECT_EQ(scanned(text).how, PlainJson::not_plain) << text;
  const std::string deep(kMaxNesting + 1, '[');
  EXPECT_EQ(scanned(deep).how, PlainJson::not_plain);
  EXPECT_EQ(scanned(deep).told.size(), kMaxNesting);
}

TEST(PlainJson, EndsWhenTheReceiverHasEnough) {
  const std::string& text = kPlainTexts.front();
  EXPECT_EQ(scanned(text, 3).how, PlainJson::ended);
  EXPECT_EQ(scanned(text, 3).told, (std::vector<std::string>{"{", "key index", "unsigned 4"}));
}

// Whatever stands anywhere in a text, and wherever it ends: what was told is what the parser tells first.
TEST(PlainJson, TellsNothingElseOfAnyText) {
  const auto expect_begin = [](const std::string& text) {
    const Scanned plain = scanned(text);
    const Scanned whole = parsed(text);
    ASSERT_LE(plain.told.size(), whole.told.size()) << text;
    ASSERT_TRUE(std::equal(plain.told.begin(), plain.told.end(), whole.told.begin())) << text;
    if (plain.how == PlainJson::whole) {
      ASSERT_EQ(whole.how, PlainJson::whole) << text;
      ASSERT_EQ(plain.told.size(), whole.told.size()) << text;
    }
  };
  constexpr std::string_view kOthers = "\"\\{}[]:,019-+.eE tfn\t\n\x1f\x20\x21\x7f\x80\xc3\xff";
  for (const std::string& text : kPlainTexts) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      expect_begin(text.substr(0, i));
      if (i == text.size()) break;
      std::string changed = text;
      for (const char other : kOthers) {
        changed[i] = other;
        expect_begin(changed);
      }
      changed[i] = '\0';
      expect_begin(changed);
    }
  }
}

}  // namespace
}  // namespace vkmembench::testing
