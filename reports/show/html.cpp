#include "reports/show/html.h"

#include <string_view>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "reports/json/metric_json.h"
#include "scenarios/json/embedded.h"

namespace vkmembench {

std::span<const EmbeddedFile> built_page();  // of reports/viewer/; its text is empty when it was not built

namespace {

constexpr std::string_view kPlace = "<!--reports-->";

// JSON that a script element cannot end in or be ended by. Outside of strings JSON has no `<`; U+2028 and U+2029 end a
// line in older scripts.
void append_inert(std::string& out, std::string_view json) {
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '<') {
      out += "\\u003c";
    } else if (json.substr(i, 3) == "\xe2\x80\xa8" || json.substr(i, 3) == "\xe2\x80\xa9") {
      out += json[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += json[i];
    }
  }
}

void append_attribute(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
}

}  // namespace

std::string html_page(std::span<const ReportText> reports) {
  const std::string_view page = built_page().front().text;
  if (page.empty())
    throw Error(
        "this program was built without the HTML page; install npm (Debian: apt-get install npm), run cmake again with "
        "-DVKMEMBENCH_PAGE=ON and build",
        ErrorKind::internal);
  const std::size_t place = page.find(kPlace);
  VKMEMBENCH_CHECK(place != std::string_view::npos, "the page has a place for the reports");
  std::string out(page.substr(0, place));
  out += "<script type=\"application/json\" id=\"metrics\">";
  append_inert(out, metric_json(shown_metrics()));
  out += "</script>\n";
  for (const ReportText& report : reports) {
    out += "<script type=\"application/json\" class=\"report\" data-file=\"";
    append_attribute(out, report.file);
    out += "\">";
    append_inert(out, report.json);
    out += "</script>\n";
  }
  out += page.substr(place + kPlace.size());
  return out;
}

}  // namespace vkmembench
