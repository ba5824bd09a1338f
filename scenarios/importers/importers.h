#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vkmembench {

class Import;

// A format that others write, of which a trace is made: one row of the table.
struct Importer {
  std::string_view name;
  std::string_view description;       // after "is"
  std::string_view command;           // that imports it, without arguments
  bool (*is)(std::string_view head);  // by how a file begins, 64 KiB of it at most
  // Tells the events of the import's text to its builder. Throws Error, without a place, for what is not of the format,
  // and for a format whose command is another.
  void (*read)(Import& import);
};
[[nodiscard]] std::span<const Importer> importers();

// nullptr when a file that begins so is of none of the formats.
[[nodiscard]] const Importer* importer_of(std::string_view head);
// The command that makes a trace of such a file.
[[nodiscard]] std::string importing_command(const Importer& importer, std::string_view file);

// X(name, symbol, command, description): every row, one a file. Of files that several would take the first does.
// clang-format off
#define VKMEMBENCH_IMPORTERS(X) \
  X("vma-replay", vma_replay, "vkmembench import", "a recording of VMA's calls (VmaReplay)") \
  X("vma-statistics", vma_statistics, "vkmembench import", "statistics of VMA (vmaBuildStatsString)") \
  X("gfxreconstruct", gfxreconstruct, "vkmembench import", "a listing of calls by gfxrecon-convert") \
  X("rmm", rmm, "vkmembench import", "a log of RMM's allocations") \
  X("umpire", umpire, "vkmembench import", "a replay log of Umpire") \
  X("minimalloc", minimalloc, "vkmembench import", "a packing problem of minimalloc") \
  X("pytorch", pytorch, "python3 -m vkmembench.importers", "a snapshot of PyTorch's memory")
// clang-format on

#define VKMEMBENCH_ROW(name, symbol, ...)  \
  bool is_##symbol(std::string_view head); \
  void import_##symbol(Import& import);
VKMEMBENCH_IMPORTERS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

}  // namespace vkmembench
