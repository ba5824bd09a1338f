// Packing problems of minimalloc (github.com/google/minimalloc): a buffer a line, which lives from `lower` to before
// `upper`. Each time at which anything changes becomes a frame: first what ends is freed, then what begins is created.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <vector>

#include "allocator/base/byte_text.h"
#include "allocator/base/error.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/formats/columns.h"
#include "scenarios/importers/formats/import.h"

namespace vkmembench {
namespace {

struct PackedBuffer {
  std::uint64_t id = 0;
  std::uint64_t lower = 0;
  std::uint64_t upper = 0;
  Bytes size = 0;
  Bytes alignment = 0;
  std::optional<Offset> offset;
};

enum class PackingColumn : std::uint8_t { id, lower, upper, last, size, alignment, offset, none };

struct PackingColumnName {
  std::string_view name;
  PackingColumn column;
};
constexpr auto kPackingColumns = std::to_array<PackingColumnName>({{"id", PackingColumn::id},
                                                                   {"buffer", PackingColumn::id},
                                                                   {"buffer_id", PackingColumn::id},
                                                                   {"lower", PackingColumn::lower},
                                                                   {"start", PackingColumn::lower},
                                                                   {"upper", PackingColumn::upper},
                                                                   {"end", PackingColumn::last},
                                                                   {"size", PackingColumn::size},
                                                                   {"alignment", PackingColumn::alignment},
                                                                   {"offset", PackingColumn::offset}});

std::vector<PackingColumn> read_packing_header(std::string_view line, Import& import) {
  std::vector<PackingColumn> columns;
  for (Columns names(line); !names.done();) {
    const std::string_view name = names.text("a name");
    const auto row = std::ranges::find(kPackingColumns, name, &PackingColumnName::name);
    columns.push_back(row == kPackingColumns.end() ? PackingColumn::none : row->column);
    if (columns.back() == PackingColumn::none) import.leave_out(fmt::format("column {}", name));
  }
  const auto require = [&](std::initializer_list<PackingColumn> either, std::string_view name) {
    std::ptrdiff_t count = 0;
    for (const PackingColumn column : either) count += std::ranges::count(columns, column);
    if (count != 1) throw Error(fmt::format("the first line names no column '{}', or several; give one", name));
  };
  require({PackingColumn::id}, "id");
  require({PackingColumn::lower}, "lower");
  require({PackingColumn::upper, PackingColumn::last}, "upper");
  require({PackingColumn::size}, "size");
  return columns;
}

class PackingReader {
 public:
  explicit PackingReader(Import& import) : import_(import) {}

  void read() {
    const std::vector<PackingColumn> columns =
        read_packing_header(import_.require_line("the names of columns"), import_);
    std::string_view line;
    while (import_.next_line(line)) {
      buffers_.push_back(read_buffer(line, columns));
      limits_.check(2 * buffers_.size());
    }
    tell();
  }

 private:
  PackedBuffer read_buffer(std::string_view line, const std::vector<PackingColumn>& columns) {
    PackedBuffer buffer;
    Columns values(line);
    for (const PackingColumn column : columns) {
      switch (column) {
        case PackingColumn::id:
          buffer.id = id_of(values.text("id"));
          break;
        case PackingColumn::lower:
          buffer.lower = values.number("lower");
          break;
        case PackingColumn::upper:
          buffer.upper = values.number("upper");
          break;
        case PackingColumn::last:
          buffer.upper = values.number("end", ~std::uint64_t{0} - 1) + 1;
          break;
        case PackingColumn::size:
          buffer.size = values.number("size");
          break;
        case PackingColumn::alignment:
          buffer.alignment = alignment_of(values.number("alignment"));
          break;
        case PackingColumn::offset:
          buffer.offset = values.number("offset");
          break;
        case PackingColumn::none:
          values.skip(1);
          break;
      }
    }
    if (!values.done())
      throw Error(fmt::format("has more than the {} columns that the first line names", columns.size()));
    if (buffer.upper <= buffer.lower)
      throw Error(fmt::format("lives from {} to before {}; give it a time", buffer.lower, buffer.upper));
    return buffer;
  }

  // A number stands for itself.
  std::uint64_t id_of(std::string_view text) {
    const std::optional<std::uint64_t> number = parse_digits(text);
    return number ? *number : import_.out().give_id(text);
  }

  Bytes alignment_of(Bytes alignment) {
    if (is_power_of_two(alignment) && alignment <= kGiB) return alignment == 1 ? 0 : alignment;
    import_.leave_out("alignments that are no power of two up to 1 GiB");
    return 0;
  }

  void tell() {
    std::vector<std::uint32_t> begins(buffers_.size());
    for (std::uint32_t i = 0; i < begins.size(); ++i) begins[i] = i;
    std::ranges::stable_sort(begins, {}, [&](std::uint32_t i) { return buffers_[i].lower; });
    std::vector<std::uint32_t> ends = begins;  // what ends at one time, in the order of creation
    std::ranges::stable_sort(ends, {}, [&](std::uint32_t i) { return buffers_[i].upper; });
    for (std::size_t begun = 0, ended = 0; ended < ends.size();) {
      const std::uint64_t end = buffers_[ends[ended]].upper;
      const std::uint64_t now = begun < begins.size() ? std::min(end, buffers_[begins[begun]].lower) : end;
      import_.frame();
      for (; ended < ends.size() && buffers_[ends[ended]].upper == now; ++ended) import_.free(buffers_[ends[ended]].id);
      for (; begun < begins.size() && buffers_[begins[begun]].lower == now; ++begun) create(buffers_[begins[begun]]);
    }
  }

  void create(const PackedBuffer& buffer) {
    const ObjectIndex object = import_.buffer(buffer.id, buffer.size, import_.plain_shape(buffer.alignment));
    if (buffer.offset) place(object, buffer);
  }

  // In the one block that a solved problem has.
  void place(ObjectIndex object, const PackedBuffer& buffer) {
    const std::optional<Bytes> end = checked_add(*buffer.offset, buffer.size);
    if (!end) throw Error(fmt::format("offset {} is beyond 2^64 with its size", *buffer.offset));
    std::vector<RecordedBlock>& blocks = import_.out().recorded().blocks;
    if (blocks.empty()) blocks.emplace_back();
    blocks.front().size = std::max(blocks.front().size, *end);
    import_.out().placed(object, 0, *buffer.offset);
  }

  Import& import_;
  TraceLimits limits_;
  std::vector<PackedBuffer> buffers_;
};

}  // namespace

bool is_minimalloc(std::string_view head) {
  const std::string_view line = first_line(head);
  return has_all(line, ",", "size") && (has(line, "lower") || has(line, "start")) &&
         (has(line, "upper") || has(line, "end")) && !is_json(line);
}

void import_minimalloc(Import& import) { PackingReader(import).read(); }

}  // namespace vkmembench
