#include "reports/show/exporters.h"

#include <algorithm>
#include <array>

#include "reports/show/html.h"

namespace vkmembench {
namespace {

// The page shows what it is given; whether that is a report is asked here.
Exported export_html(std::span<const ReportText> reports) {
  for (const ReportText& report : reports) static_cast<void>(read_outline(report));
  return {html_page(reports), {}, {}};
}

}  // namespace

std::span<const Exporter> exporters() {
  static constexpr std::array kExporters = std::to_array<Exporter>({
      {"html", ".html", "one page to look at, without network", export_html},
      {"md", ".md", "headline metrics as Markdown tables", export_markdown},
      {"csv", ".csv", "every metric of every run, a row each", export_csv},
      {"gbench", ".gbench.json", "times as Google Benchmark's JSON, for its compare.py", export_google_benchmark},
      {"perfetto", ".perfetto.json", "series as a Chrome trace, for Perfetto", export_perfetto},
      {"vma", ".vma.json", "the largest memory map as VMA's dump, for its GpuMemDumpVis", export_vma},
  });
  return kExporters;
}

const Exporter* find_exporter(std::string_view name) {
  const auto found = std::ranges::find(exporters(), name, &Exporter::name);
  return found == exporters().end() ? nullptr : &*found;
}

const Exporter* exporter_for_file(std::string_view file) {
  const Exporter* best = nullptr;
  for (const Exporter& exporter : exporters()) {
    if (file.ends_with(exporter.extension) && (best == nullptr || exporter.extension.size() > best->extension.size()))
      best = &exporter;
  }
  return best;
}

}  // namespace vkmembench
