#include "scenarios/importers/importers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/importers/content.h"

namespace vkmembench {
namespace {

// Pickled by Python, or the JSON that its tools write.
bool is_pytorch_snapshot(std::string_view head) {
  const bool is_pickle = head.size() > 2 && head[0] == '\x80' && head[1] <= 5 && !is_json(head);
  return (is_pickle || is_json(head)) && (has(head, "device_traces") || has_all(head, "segments", "total_size"));
}

}  // namespace

std::span<const Importer> importers() {
  static constexpr auto kImporters = std::to_array<Importer>({
      {"vma-replay", "a recording of VMA's calls (VmaReplay)",
       [](std::string_view head) { return first_line(head) == "Vulkan Memory Allocator,Calls recording"; },
       import_vma_replay},
      {"minimalloc", "a packing problem of minimalloc",
       [](std::string_view head) {
         const std::string_view line = first_line(head);
         return has_all(line, ",", "size") && (has(line, "lower") || has(line, "start")) &&
                (has(line, "upper") || has(line, "end")) && !is_json(line);
       },
       import_minimalloc},
      {"rmm", "a log of RMM's allocations",
       [](std::string_view head) {
         const std::string_view line = first_line(head);
         return has_all(line, "Thread,", "Action,", "Pointer,", "Size") ||
                has_all(line, "Event Type,", "Address,", "Size (bytes)");
       },
       import_rmm},
      {"vma-statistics", "statistics of VMA (vmaBuildStatsString)",
       [](std::string_view head) {
         return is_json(head) && has_all(head, "\"Total\"") &&
                (has_all(head, "\"BlockBytes\"", "\"UnusedRangeCount\"") ||
                 has_all(head, "\"UnusedBytes\"", "\"UnusedRanges\""));
       },
       import_vma_statistics},
      {"pytorch", "a snapshot of PyTorch's memory", is_pytorch_snapshot, nullptr},
      {"gfxreconstruct", "a listing of calls by gfxrecon-convert",
       [](std::string_view head) {
         const std::string_view text = head.substr(0, 4096);
         return has_all(text, "\"gfxrecon-version\"", "\"header\"") ||
                (is_json(text) && has_all(text, "\"index\"", "\"function\"", "\"name\"", "\"vk"));
       },
       import_gfxreconstruct},
      {"umpire", "a replay log of Umpire",
       [](std::string_view head) {
         return has(head, "\"umpire_replay\"") || head.starts_with("REPLAY,") ||
                (has_all(head, "\"replay\"", "\"event\"", "\"payload\"") && !has(head, "\"segments\"")) ||
                has_all(first_line(head), "\"category\"", "\"numeric_args\"", "\"string_args\"");
       },
       import_umpire},
  });
  return kImporters;
}

const Importer* importer_of(std::string_view head) {
  const auto row = std::ranges::find_if(importers(), [&](const Importer& importer) { return importer.matches(head); });
  return row == importers().end() ? nullptr : &*row;
}

std::string importing_command(const Importer& importer, std::string_view file) {
  return fmt::format("{} {} -o trace.jsonl",
                     importer.read == nullptr ? "python3 -m vkmembench.importers" : "vkmembench import", file);
}

}  // namespace vkmembench
