#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// How a field is written: `bytes` are an integer or a text such as "4 MiB", an `id` is an integer or a text, `texts`
// are one text or a list, `heap` a text or an integer, `selection` a text or an object.
enum class FieldType : std::uint8_t {
  integer,
  bytes,
  id,
  number,
  boolean,
  text,
  integers,
  byte_list,
  ids,
  texts,
  heap,
  selection
};

// X(key, type, greatest value). The last three stand inside `select`.
// clang-format off
#define VKMEMBENCH_EVENT_FIELDS(X) \
  X(op, text, 0) X(lane, integer, 0xffff) X(comment, text, 0) X(id, id, kMax64) X(ids, ids, kMax64) \
  X(size, bytes, kMax64) X(sizes, byte_list, kMax64) X(offset, bytes, kMax64) X(usage, texts, 0) \
  X(memory, text, 0) X(kind, text, 0) X(pool, text, 0) X(tag, text, 0) X(evictable, boolean, 0) \
  X(align, bytes, kMax64) X(alias_of, id, kMax64) X(format, texts, 0) X(extent, integers, kMax32) \
  X(mips, integer, kMax32) X(layers, integer, kMax32) X(samples, integer, kMax32) X(tiling, text, 0) \
  X(from, id, kMax64) X(to, id, kMax64) X(select, selection, 0) X(algorithm, text, 0) \
  X(max_bytes_per_pass, bytes, kMax64) X(max_moves_per_pass, integer, kMax32) \
  X(passes_per_frame, integer, kMax32) X(heap, heap, 0) X(bytes, bytes, kMax64) X(ratio, number, 0) \
  X(label, text, 0) X(category, text, 0) X(idle_frames, integer, kMax64) X(min_uses, integer, kMax64) \
  X(min_size, bytes, kMax64)
// clang-format on

enum class Field : std::uint8_t {
#define VKMEMBENCH_ROW(key, type, max) key,
  VKMEMBENCH_EVENT_FIELDS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
      count
};
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::count);
inline constexpr std::size_t kEventKeyCount = static_cast<std::size_t>(Field::idle_frames);  // those outside `select`

using FieldSet = std::uint64_t;
static_assert(kFieldCount <= 64);
[[nodiscard]] constexpr FieldSet bit(Field field) { return FieldSet{1} << static_cast<unsigned>(field); }

struct FieldInfo {
  std::string_view key;
  FieldType type;
  std::uint64_t max;
};
[[nodiscard]] const std::array<FieldInfo, kFieldCount>& field_infos();

// What a parsed event states. Texts that a trace interns are indices already.
struct EventFields {
  FieldSet present = 0;
  Op op = Op::count;
  std::array<std::uint64_t, kFieldCount> integers{};  // of the integer fields that are present
  double ratio = 0;
  bool evictable = false;
  MemoryUse memory = MemoryUse::device;
  std::uint32_t kind = 0, pool = 0, tag = 0;
  std::uint32_t buffer_usage = 0, image_usage = 0;
  std::string_view not_a_buffer_usage, not_an_image_usage;  // a name that only the other kind of resource has
  VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL;
  DefragmentSelect select = DefragmentSelect::all;
  std::vector<VkFormat> formats;
  std::vector<std::uint64_t> ids, sizes, extent;
  DefragmentAlgorithm algorithm = DefragmentAlgorithm::balanced;
  std::string heap, label, category;

  [[nodiscard]] bool has(Field field) const { return (present & bit(field)) != 0; }
  [[nodiscard]] std::uint64_t integer(Field field) const { return integers[static_cast<std::size_t>(field)]; }
  // Forgets the last event; what is not present keeps a stale value that nobody reads.
  void clear();
  // Throws Error when a required field is missing or one does not belong to the op.
  void check_presence() const;
};

// What stands among events and holds events of its own; event_list.h reads it.
inline constexpr std::string_view kRepeat = "repeat";
[[nodiscard]] constexpr bool is_key_of_repeat(std::string_view key) { return key == "times" || key == "events"; }

// The keys that an op takes, in the order of the table.
[[nodiscard]] std::vector<std::string_view> keys_of(Op op);

}  // namespace vkmembench
