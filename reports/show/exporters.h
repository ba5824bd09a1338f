#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/json/report_reader.h"

namespace vkmembench {

// What an exporter makes of reports.
struct Exported {
  std::string text;
  std::string taken;                  // which part of them, where it is not all
  std::vector<std::string> warnings;  // what the text lacks or cannot say
};

// A format that reports can be written as, for other programs: one row of the table of `report --format`.
struct Exporter {
  std::string_view name;
  std::string_view extension;  // of the file; where several formats share one, the longer wins
  std::string_view description;
  // The texts are those of reports. Throws Error for a damaged one, and when there is nothing to write.
  Exported (*write)(std::span<const ReportText> reports);
};
[[nodiscard]] std::span<const Exporter> exporters();
// The row of a name, or of the longest extension that a file's name ends in; nullptr when there is none.
[[nodiscard]] const Exporter* find_exporter(std::string_view name);
[[nodiscard]] const Exporter* exporter_for_file(std::string_view file);

// X(name, extension, function, description): every row, one a file.
// clang-format off
#define VKMEMBENCH_EXPORTERS(X) \
  X("html", ".html", export_html, "one page to look at, without network") \
  X("md", ".md", export_markdown, "headline metrics as Markdown tables") \
  X("csv", ".csv", export_csv, "every metric of every run, a row each") \
  X("gbench", ".gbench.json", export_google_benchmark, "times as Google Benchmark's JSON, for its compare.py") \
  X("perfetto", ".perfetto.json", export_perfetto, "series as a Chrome trace, for Perfetto") \
  X("vma", ".vma.json", export_vma, "the largest memory map as VMA's dump, for its GpuMemDumpVis")
// clang-format on

#define VKMEMBENCH_ROW(name, extension, function, description) \
  [[nodiscard]] Exported function(std::span<const ReportText> reports);
VKMEMBENCH_EXPORTERS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

}  // namespace vkmembench
