#include "reports/show/exporters.h"

#include <algorithm>
#include <array>

namespace vkmembench {
std::span<const Exporter> exporters() {
  static constexpr std::array kExporters = std::to_array<Exporter>({
#define VKMEMBENCH_ROW(name, extension, function, description) {name, extension, description, function},
      VKMEMBENCH_EXPORTERS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
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
