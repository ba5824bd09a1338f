#pragma once

#include <fmt/format.h>

#include <map>
#include <string>

#include "allocator/testing/temporary_folder_fixture.h"
#include "cmake/source_dir.h"
#include "scenarios/generators/generator_testing.h"
#include "scenarios/importers/formats/import.h"

namespace vkmembench::testing {

// Recordings that were made by hand from the descriptions of their formats, one for each row of the table at least.
inline std::filesystem::path samples_folder() { return source_dir() + "/scenarios/importers/samples"; }

inline Imported import_sample(const std::string& name, const ImportOptions& options = {}) {
  return import_trace(samples_folder() / name, nullptr, options);
}

inline Imported import_text(std::string_view text, const ImportOptions& options = {},
                            const Importer* importer = nullptr) {
  const TemporaryFolder folder;
  return import_trace(folder.write("recording", text), importer, options);
}

inline std::map<std::string, std::uint64_t> left_out_of(const Imported& imported) {
  std::map<std::string, std::uint64_t> counts;
  for (const LeftOut& row : imported.left_out) counts[row.what] = row.count;
  return counts;
}

}  // namespace vkmembench::testing
