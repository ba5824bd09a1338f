#pragma once

#include <span>
#include <string>
#include <string_view>

#include "reports/report_reader.h"

namespace vkmembench {

// A format that reports can be written as, for other programs: one row of the table of `report --format`.
struct Exporter {
  std::string_view name;
  std::string_view extension;  // of the file; where several formats share one, the longer wins
  std::string_view description;
  // The texts are those of reports. Throws Error for a damaged one, and when there is nothing to write.
  std::string (*write)(std::span<const ReportText> reports);
};
[[nodiscard]] std::span<const Exporter> exporters();
// The row of a name, or of the longest extension that a file's name ends in; nullptr when there is none.
[[nodiscard]] const Exporter* find_exporter(std::string_view name);
[[nodiscard]] const Exporter* exporter_for_file(std::string_view file);

// One export a file.
[[nodiscard]] std::string export_csv(std::span<const ReportText> reports);
[[nodiscard]] std::string export_markdown(std::span<const ReportText> reports);
[[nodiscard]] std::string export_google_benchmark(std::span<const ReportText> reports);
[[nodiscard]] std::string export_perfetto(std::span<const ReportText> reports);
[[nodiscard]] std::string export_vma(std::span<const ReportText> reports);

}  // namespace vkmembench
