#include "reports/show/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

// nullopt when the program was built without the page.
std::optional<std::string> page_of(std::span<const ReportText> reports) {
  try {
    return html_page(reports);
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("install npm"));
    return std::nullopt;
  }
}

TEST(HtmlPage, NothingInAReportActs) {
  const std::string text = "</script><script>alert(1)</script><!-- \xe2\x80\xa8 \xe2\x80\xa9 \xe2\x80\xaa";
  const std::array reports = {ReportText{"a \"b\" <c> & d.json", "{\"x\": \"" + text + "\"}"}};
  const std::optional<std::string> page = page_of(reports);
  if (!page) GTEST_SKIP() << "built without the page";
  EXPECT_EQ(page->find("<script>alert"), std::string::npos);
  EXPECT_THAT(*page, HasSubstr("data-file=\"a &quot;b&quot; &lt;c> &amp; d.json\""));
  const std::size_t begin = page->find('{', page->find("d.json\">"));
  const std::string json = page->substr(begin, page->find("</script>", begin) - begin);
  EXPECT_EQ(json.find_first_of('<'), std::string::npos);
  EXPECT_THAT(json, HasSubstr("\\u2028 \\u2029 \xe2\x80\xaa"));
  EXPECT_EQ(nlohmann::json::parse(json)["x"], text);
}

TEST(HtmlPage, HoldsEveryReport) {
  const std::array reports = {ReportText{"a.json", "{\"n\":1}"}, ReportText{"b.json", "{\"n\":2}"}};
  const std::optional<std::string> page = page_of(reports);
  if (!page) GTEST_SKIP() << "built without the page";
  EXPECT_THAT(*page, HasSubstr("data-file=\"a.json\">{\"n\":1}</script>"));
  EXPECT_THAT(*page, HasSubstr("data-file=\"b.json\">{\"n\":2}</script>"));
  EXPECT_EQ(page->find("https://"), std::string::npos) << "the page names no other place";
}

}  // namespace
}  // namespace vkmembench
