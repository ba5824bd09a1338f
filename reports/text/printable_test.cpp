#include "reports/text/printable.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

struct Row {
  std::string text, line;
};

TEST(Printable, LeavesTextAsItIs) {
  for (const char* text :
       {"", "churn on Card 9", "metadata::x", "µs ▲ 显存 🎮", "a\\b", "# 1", "##x", "a::error::b", "\ue000"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, EscapesWhatActs) {
  const Row rows[] = {{"a\nb\r\tc", "a\\nb\\x0d\\x09c"},
                      {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
                      {"\u0085\u009b", "\\u{0085}\\u{009b}"},
                      {"a\u2028b\u2029", "a\\u{2028}b\\u{2029}"},
                      {"\u202ecba\u2066", "\\u{202e}cba\\u{2066}"},
                      {"::error title=x::y", "\\x3a:error title=x::y"},
                      {"  ::error::y", "  \\x3a:error::y"},
                      {"\u00a0::error::y", "\u00a0\\x3a:error::y"},
                      {"\n::error::y", "\\n\\x3a:error::y"},
                      {"a ##[error]b", "a \\x23#[error]b"},
                      {"\uffff\ufffe\U0001ffff\ufeff", "\\u{ffff}\\u{fffe}\\u{1ffff}\\u{feff}"}};
  for (const Row& row : rows) EXPECT_EQ(printable(row.text), row.line);
}

TEST(Printable, EscapesBytesThatAreNoUtf8) {
  const Row rows[] = {{"a\xff\xfe", "a\\xff\\xfe"},
                      {"\xc3", "\\xc3"},
                      {"\xe2\x80", "\\xe2\\x80"},
                      {"\xe2\x41\x80", "\\xe2\x41\\x80"},
                      {"\xc0\xaf", "\\xc0\\xaf"},                    // longer than it must be
                      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // a surrogate
                      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond Unicode
                      {std::string("a\0b", 3), "a\\x00b"}};
  for (const Row& row : rows) EXPECT_EQ(printable(row.text), row.line);
}

}  // namespace
}  // namespace vkmembench
