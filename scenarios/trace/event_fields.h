#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "scenarios/trace/trace.h"

namespace vkmembench {

inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::count);
inline constexpr std::size_t kEventKeyCount = static_cast<std::size_t>(Field::idle_frames);  // those outside `select`

using FieldSet = std::uint64_t;
static_assert(kFieldCount <= 64);
[[nodiscard]] constexpr FieldSet bit(Field field) { return FieldSet{1} << static_cast<unsigned>(field); }

struct FieldInfo {
  std::string_view key;
  FieldType type;
  std::uint64_t max;
  std::string_view limits;  // JSON
  std::string_view help;
};
[[nodiscard]] const std::array<FieldInfo, kFieldCount>& field_infos();

// The keys that events of these operands have, besides those of every event.
struct OpFields {
  FieldSet required = 0;
  FieldSet optional = 0;
};
[[nodiscard]] OpFields fields_of(Operands operands);
// Of which two an event has exactly one; none for most operands.
[[nodiscard]] FieldSet either_of(Operands operands);

// Bits that a field names before it is known of which kind of resource.
struct BitsByKind {
  std::uint32_t buffer = 0, image = 0;
  std::string_view not_of_buffers, not_of_images;  // a name that only the other kind of resource has
};

// What a parsed event states. Texts that a trace interns are indices already.
struct EventFields {
  FieldSet present = 0;
  Op op = Op::count;
  std::array<std::uint64_t, kFieldCount> integers{};  // of the fields with integers that are present
  double ratio = 0;
  Shape shape;  // but for its usage, flags and extent
  BitsByKind usage, flags;
  DefragmentSelect select = DefragmentSelect::all;
  std::vector<std::uint64_t> ids, sizes, extent;
  DefragmentAlgorithm algorithm = DefragmentAlgorithm::balanced;
  PoolOrder order = PoolOrder::general;
  std::string heap, label, category;

  // Sets the member of the shape that the field is, if it is one of this type.
  template <typename T>
  void set_of_shape(Field field, T value) {
    switch (field) {
#define VKMEMBENCH_ROW(key, member, ...)                                           \
  case Field::key:                                                                 \
    if constexpr (std::is_same_v<decltype(shape.member), T>) shape.member = value; \
    break;
      VKMEMBENCH_EVENT_KEYS(VKMEMBENCH_NO_KEY, VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
      default:
        break;
    }
  }
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

// The keys that an op takes, in the order of the table, but for those inside `select`.
[[nodiscard]] std::vector<std::string_view> keys_of(Op op);

}  // namespace vkmembench
