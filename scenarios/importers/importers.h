#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vkmembench {

class Import;

// A format that others write and `vkmembench import` makes a trace of: one row of the table.
struct Importer {
  std::string_view name;
  std::string_view description;            // after "is"
  bool (*matches)(std::string_view head);  // by how a file begins, 64 KiB of it at most
  // Tells the events of the import's text to its builder. Throws Error, without a place, for what is not of the
  // format. Null: another program reads it, see importing_command().
  void (*read)(Import& import);
};
[[nodiscard]] std::span<const Importer> importers();

// nullptr when no row matches.
[[nodiscard]] const Importer* importer_of(std::string_view head);
// The command that makes a trace of such a file.
[[nodiscard]] std::string importing_command(const Importer& importer, std::string_view file);

void import_vma_replay(Import& import);
void import_minimalloc(Import& import);
void import_rmm(Import& import);
void import_vma_statistics(Import& import);
void import_gfxreconstruct(Import& import);
void import_umpire(Import& import);

}  // namespace vkmembench
