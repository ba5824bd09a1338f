#pragma once

#include <span>
#include <string>

namespace vkmembench {

// The text of a report as it stands in its file.
struct ReportText {
  std::string file;
  std::string json;
};

// One self-contained page that shows the reports: no other file, no network. Nothing that their strings hold can act in
// it. Throws Error when the program was built without the page. Requires texts that are JSON.
[[nodiscard]] std::string html_page(std::span<const ReportText> reports);

}  // namespace vkmembench
