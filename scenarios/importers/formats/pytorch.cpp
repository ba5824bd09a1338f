// Snapshots of PyTorch's memory, pickled by torch.cuda.memory._dump_snapshot() or as JSON. A pickle is a program, and
// Python's own reader runs it: the Python package reads them, with opcodes of its own that make plain values.

#include <fmt/format.h>

#include "allocator/base/error.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/formats/import.h"

namespace vkmembench {

bool is_pytorch(std::string_view head) {
  const bool is_pickle = head.size() > 2 && head[0] == '\x80' && head[1] <= 5;
  return (is_pickle || is_json(head)) && (has(head, "device_traces") || has_all(head, "segments", "total_size"));
}

void import_pytorch(Import& import) {
  for (const Importer& row : importers()) {
    if (row.read == import_pytorch)
      throw Error(fmt::format("{}: is {}; `{}` imports it", import.file(), row.description,
                              importing_command(row, import.file())));
  }
}

}  // namespace vkmembench
