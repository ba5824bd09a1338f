#include "reports/show/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "reports/json/metric_json.h"
#include "reports/model/metric_columns.h"
#include "reports/store/store.h"
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

void append_script(std::string& out, std::string_view kind, const std::string& file, std::string_view json) {
  out += fmt::format("<script type=\"application/json\" class=\"{}\" data-file=\"", kind);
  append_attribute(out, file);
  out += "\">";
  append_inert(out, json);
  out += "</script>\n";
}

// The page with what `append` puts into it.
template <typename Append>
std::string page_with(Append append) {
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
  append(out);
  out += page.substr(place + kPlace.size());
  return out;
}

// Whether the page's table shows a metric, or one that stands for it where samples are few.
bool is_shown(std::string_view id) {
  static const std::vector<ShownColumn> columns = columns_for("page");
  return std::ranges::any_of(
      columns, [&](const ShownColumn& column) { return glob_match(column.id(), id) || column.max_id() == id; });
}

// The index's lines as an array, with no more figures than the page shows.
std::string store_lines(const std::filesystem::path& store) {
  std::string json = "[" + read_store_head(store).dump();
  for_each_cell(store, [&](nlohmann::ordered_json& cell) {
    nlohmann::ordered_json shown = nlohmann::ordered_json::object();
    for (const auto& [id, value] : cell.at("metrics").items()) {
      if (is_shown(id)) shown[id] = value;
    }
    cell["metrics"] = std::move(shown);
    json += ",\n" + cell.dump();
  });
  return json + "]";
}

}  // namespace

std::string html_page(std::span<const ReportText> reports) {
  return page_with([&](std::string& out) {
    for (const ReportText& report : reports) append_script(out, "report", report.file, report.json);
  });
}

std::string html_page(std::span<const std::filesystem::path> stores) {
  return page_with([&](std::string& out) {
    for (const std::filesystem::path& store : stores) append_script(out, "store", store.string(), store_lines(store));
  });
}

}  // namespace vkmembench
