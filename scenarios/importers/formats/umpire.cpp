// Replay logs of Umpire (github.com/LLNL/Umpire), of which each version has its own: "REPLAY,allocate,..." before 0.3,
// a JSON object a line with kind, event, payload and result since then, the operations of its events since 2022, and
// since 2026 the replay format v2, whose calls are told as they begin (pending) and once they returned (committed).
// What a log tells before a call, without a result, is passed over. There are no frames; all is frame 0.

#include <fmt/format.h>

#include <unordered_map>

#include "allocator/base/error.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/formats/columns.h"
#include "scenarios/importers/formats/import.h"
#include "scenarios/importers/formats/umpire_line.h"

namespace vkmembench {
namespace {

bool starts_a_comment(std::string_view line) { return line.starts_with('#'); }

// "DEVICE", "DEVICE::1", "UM", ...; none for what is no resource.
std::optional<MemoryUse> memory_of_resource(std::string_view name) {
  if (name.starts_with("DEVICE")) return MemoryUse::device;
  if (name.starts_with("UM")) return MemoryUse::dynamic;
  if (name.starts_with("HOST") || name.starts_with("PINNED") || name.starts_with("SHARED") || name.starts_with("FILE"))
    return MemoryUse::host;
  return std::nullopt;
}

// An address, or what v2 calls an allocation: "m17".
std::uint64_t id_of(const UmpireLine& line) {
  const std::string_view text = line.pointer;
  if (line.state == UmpireLine::State::untold) return pointer_of(text, "pointer");
  const std::size_t last = text.find_last_not_of("0123456789");
  const std::string_view digits = last == std::string_view::npos ? text : text.substr(last + 1);
  if (digits.empty()) throw Error(fmt::format("allocation_id '{}' does not end in a number", text));
  return number_of(digits, "allocation_id");
}

class UmpireReader {
 public:
  explicit UmpireReader(Import& import) : import_(import) { import_.frame(); }

  void read() {
    std::string_view text;
    while (import_.next_line(text)) {
      if (!starts_a_comment(text)) tell(lines_.read(text));
    }
    if (begun_ != 0) import_.leave_out("calls that did not return", begun_);
  }

 private:
  void tell(const UmpireLine& line) {
    using Event = UmpireLine::Event;
    if (line.event == Event::header && line.schema != "v2")
      throw Error(fmt::format("a log of the replay format '{}'; v2 is the newest that is read", line.schema));
    if (line.state == UmpireLine::State::begun) {
      ++begun_;
      return;
    }
    if (line.state == UmpireLine::State::done && begun_ != 0) --begun_;
    switch (line.event) {
      case Event::make_resource:
      case Event::make_allocator:
        return note_allocator(line);
      case Event::allocate:
        return allocate(line);
      case Event::deallocate:
        return free(line);
      case Event::header:
      case Event::other:
        return;
    }
  }

  // Where an allocator's memory comes from: of the resource that it is, or is above.
  [[nodiscard]] std::optional<MemoryUse> memory_below(const UmpireLine& line) const {
    if (line.event == UmpireLine::Event::make_resource) {
      if (const auto memory = memory_of_resource(line.name)) return memory;
    }
    for (const std::string& above : line.above) {
      if (const auto known = allocators_.find(above); known != allocators_.end()) return known->second;
      if (const auto memory = memory_of_resource(above)) return memory;
    }
    return std::nullopt;
  }
  void note_allocator(const UmpireLine& line) {
    const std::optional<MemoryUse> memory = memory_below(line);
    if (!memory) return;
    if (!line.name.empty()) allocators_[line.name] = *memory;
    if (!line.allocator.empty()) allocators_[line.allocator] = *memory;
  }
  [[nodiscard]] MemoryUse memory_of(const UmpireLine& line) const {
    const auto allocator = allocators_.find(line.allocator);
    return allocator == allocators_.end() ? MemoryUse::device : allocator->second;
  }

  void allocate(const UmpireLine& line) {
    if (!line.size) throw Error("allocates without a size");
    if (line.pointer.empty()) return;  // told before the call
    const std::uint64_t pointer = id_of(line);
    if (*line.size == 0) {
      import_.leave_out("allocations of 0 bytes");
      ++empty_[pointer];
      return;
    }
    import_.buffer(pointer, *line.size, import_.plain_shape(0, memory_of(line)));
  }

  // Of a pointer that several allocations of nothing gave too, the last free is that of the one which lives.
  void free(const UmpireLine& line) {
    if (line.pointer.empty()) return;
    const std::uint64_t pointer = id_of(line);
    const auto empty = empty_.find(pointer);
    if (empty == empty_.end()) return import_.free(pointer);
    if (--empty->second == 0) empty_.erase(empty);
  }

  Import& import_;
  UmpireLineReader lines_;
  std::unordered_map<std::string, MemoryUse> allocators_;  // by name, and as other lines name them
  std::unordered_map<std::uint64_t, std::uint32_t> empty_;
  std::uint64_t begun_ = 0;  // calls that have not returned
};

}  // namespace

bool is_umpire(std::string_view head) {
  return has(head, "\"umpire_replay\"") || head.starts_with("REPLAY,") ||
         (has_all(head, "\"replay\"", "\"event\"", "\"payload\"") && !has(head, "\"segments\"")) ||
         has_all(first_line(head), "\"category\"", "\"numeric_args\"", "\"string_args\"");
}

void import_umpire(Import& import) { UmpireReader(import).read(); }

}  // namespace vkmembench
