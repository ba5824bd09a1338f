// Logs of RMM, RAPIDS' allocator of CUDA memory (github.com/rapidsai/rmm): an allocation or free a line, under a line
// that names the columns. The columns of today (Thread, Time, Action, Pointer, Size, Stream) and those of the log
// before version 0.15 (Event Type, Device ID, Address, Stream, Size (bytes), ...). There are no frames; all is frame 0.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <vector>

#include "allocator/base/error.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/formats/columns.h"
#include "scenarios/importers/formats/import.h"

namespace vkmembench {
namespace {

enum class LogColumn : std::uint8_t { thread, action, pointer, size, device, none };

struct LogColumnName {
  std::string_view name;
  LogColumn column;
};
constexpr auto kLogColumns = std::to_array<LogColumnName>({{"Thread", LogColumn::thread},
                                                           {"Action", LogColumn::action},
                                                           {"Pointer", LogColumn::pointer},
                                                           {"Size", LogColumn::size},
                                                           {"Event Type", LogColumn::action},
                                                           {"Device ID", LogColumn::device},
                                                           {"Address", LogColumn::pointer},
                                                           {"Size (bytes)", LogColumn::size}});

std::vector<LogColumn> read_log_header(std::string_view line) {
  std::vector<LogColumn> columns;
  for (Columns names(line); !names.done();) {
    const auto row = std::ranges::find(kLogColumns, names.text("a name"), &LogColumnName::name);
    columns.push_back(row == kLogColumns.end() ? LogColumn::none : row->column);
  }
  for (const LogColumn column : {LogColumn::action, LogColumn::pointer, LogColumn::size}) {
    if (std::ranges::count(columns, column) != 1)
      throw Error("the first line does not name the action, the pointer and the size, once each; it is no log of RMM");
  }
  return columns;
}

struct LogLine {
  std::string_view action, pointer, size;
};

class LogReader {
 public:
  explicit LogReader(Import& import) : import_(import) {}

  void read() {
    const std::vector<LogColumn> columns = read_log_header(import_.require_line("the names of columns"));
    import_.frame();
    std::string_view line;
    while (import_.next_line(line)) tell(split(line, columns));
  }

 private:
  LogLine split(std::string_view line, const std::vector<LogColumn>& columns) {
    LogLine out;
    Columns values(line);
    for (const LogColumn column : columns) {
      const std::string_view value = values.text("what the first line names");
      switch (column) {
        case LogColumn::thread:
          import_.thread(number_of(value, "Thread"));
          break;
        case LogColumn::action:
          out.action = value;
          break;
        case LogColumn::pointer:
          out.pointer = value;
          break;
        case LogColumn::size:
          out.size = value;
          break;
        case LogColumn::device:
          of_device(number_of(value, "Device ID"));
          break;
        case LogColumn::none:
          break;
      }
    }
    if (!values.done())
      throw Error(fmt::format("has more than the {} columns that the first line names", columns.size()));
    return out;
  }

  // One device's memory is one program's.
  void of_device(std::uint64_t device) {
    if (!has_device_) device_ = device;
    has_device_ = true;
    if (device != device_)
      throw Error(fmt::format("is of device {} in a log of device {}; keep the lines of one", device, device_));
  }

  void tell(const LogLine& line) {
    if (line.action == "allocate" || line.action == "Alloc") return allocate(line);
    if (line.action == "free" || line.action == "Free") return free(line);
    if (line.action == "allocate failure") return import_.leave_out("allocations that failed");
    if (line.action == "Realloc") {
      free(line);
      return allocate(line);
    }
    throw Error(fmt::format("action '{}' is not allocate, free or allocate failure", line.action.substr(0, 40)));
  }
  void allocate(const LogLine& line) {
    const Bytes size = number_of(line.size, "Size");
    const std::uint64_t pointer = pointer_of(line.pointer, "Pointer");
    if (size == 0) {
      empty_.insert(pointer);
      return import_.leave_out(kEmpty);
    }
    import_.buffer(pointer, size, import_.plain_shape());
  }
  void free(const LogLine& line) {
    const std::uint64_t pointer = pointer_of(line.pointer, "Pointer");
    if (pointer == 0 || empty_.erase(pointer) != 0) return import_.leave_out(kEmpty);
    import_.free(pointer);
  }

  static constexpr std::string_view kEmpty = "allocations and frees of 0 bytes";
  Import& import_;
  std::unordered_set<std::uint64_t> empty_;  // pointers that allocations of nothing gave
  bool has_device_ = false;
  std::uint64_t device_ = 0;
};

}  // namespace

bool is_rmm(std::string_view head) {
  const std::string_view line = first_line(head);
  return has_all(line, "Thread,", "Action,", "Pointer,", "Size") ||
         has_all(line, "Event Type,", "Address,", "Size (bytes)");
}

void import_rmm(Import& import) { LogReader(import).read(); }

}  // namespace vkmembench
