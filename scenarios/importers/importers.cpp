#include "scenarios/importers/importers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vkmembench {

std::span<const Importer> importers() {
  static constexpr auto kImporters = std::to_array<Importer>({
#define VKMEMBENCH_ROW(name, symbol, command, description) {name, description, command, is_##symbol, import_##symbol},
      VKMEMBENCH_IMPORTERS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  });
  return kImporters;
}

const Importer* importer_of(std::string_view head) {
  const auto row = std::ranges::find_if(importers(), [&](const Importer& importer) { return importer.is(head); });
  return row == importers().end() ? nullptr : &*row;
}

std::string importing_command(const Importer& importer, std::string_view file) {
  return fmt::format("{} {} -o trace.jsonl", importer.command, file);
}

}  // namespace vkmembench
