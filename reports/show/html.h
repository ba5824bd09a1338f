#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "reports/json/report_reader.h"

namespace vkmembench {

// One self-contained page that shows the reports: no other file, no network. Nothing that their strings hold can act in
// it. Throws Error when the program was built without the page. Requires texts that are JSON.
[[nodiscard]] std::string html_page(std::span<const ReportText> reports);
// The same of stores, oldest first: the figures that tables show, of every cell. Throws Error, besides, for what is
// none.
[[nodiscard]] std::string html_page(std::span<const std::filesystem::path> stores);

}  // namespace vkmembench
