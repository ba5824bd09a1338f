#include "scenarios/trace/event_fields.h"

#include <fmt/format.h>

#include <bit>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

template <typename... Fields>
constexpr FieldSet set(Fields... fields) {
  return (FieldSet{0} | ... | bit(fields));
}

// The fields of the requests for a kind of resource, of which events state some.
constexpr FieldSet fields_of_request(bool image, Need need) {
  FieldSet fields = 0;
  visit_shape_fields([&](auto field) {
    if (field.is_of(image) && field.kNeed == need) fields |= bit(field.kField);
  });
  return fields;
}
constexpr OpFields kOfBuffer = {fields_of_request(false, Need::required), fields_of_request(false, Need::optional)};
constexpr OpFields kOfImage = {fields_of_request(true, Need::required), fields_of_request(true, Need::optional)};

constexpr FieldSet kOfShape = kOfBuffer.required | kOfBuffer.optional | kOfImage.required | kOfImage.optional;

constexpr FieldSet kCommon = bit(Field::op) | bit(Field::lane) | bit(Field::comment);
constexpr FieldSet kInSelect = set(Field::idle_frames, Field::min_uses, Field::min_size);

std::string_view first_of(FieldSet fields) {
  return field_infos()[static_cast<std::size_t>(std::countr_zero(fields))].key;
}

}  // namespace

const std::array<FieldInfo, kFieldCount>& field_infos() {
  static constexpr std::array<FieldInfo, kFieldCount> kInfos = {{
#define VKMEMBENCH_KEY(key, type, most, limits, help) {#key, FieldType::type, most, limits, help},
#define VKMEMBENCH_ROW(key, member, type, most, standard, need, of, told, limits, help) \
  {#key, FieldType::type, most, limits, help},
      VKMEMBENCH_EVENT_KEYS(VKMEMBENCH_KEY, VKMEMBENCH_ROW)
#undef VKMEMBENCH_KEY
#undef VKMEMBENCH_ROW
  }};
  return kInfos;
}

OpFields fields_of(Operands operands) {
  using enum Field;
  switch (operands) {
    case Operands::none:
      return {};
    case Operands::buffer:
      return {set(id, size) | kOfBuffer.required, kOfBuffer.optional | set(alias_of, alias_offset)};
    case Operands::image:
      return {set(id) | kOfImage.required, kOfImage.optional | set(alias_of, alias_offset)};
    case Operands::batch:
      return {set(ids, sizes) | kOfBuffer.required, kOfBuffer.optional};
    case Operands::host_memory:
      return {set(id, size, category), 0};
    case Operands::object:
      return {set(id), 0};
    case Operands::objects:
      return {0, set(id, ids)};
    case Operands::sized:
      return {set(id, size), 0};
    case Operands::range:
      return {set(id, offset, size), 0};
    case Operands::pair:
      return {set(from, to, size), 0};
    case Operands::defragment:
      return {0, set(select, algorithm, max_bytes_per_pass, max_moves_per_pass, passes_per_frame, idle_frames, min_uses,
                     min_size)};
    case Operands::budget:
      return {set(heap), set(bytes, ratio)};
    case Operands::pool:
      return {set(pool), set(block_size, min_blocks, max_blocks, order)};
    case Operands::label:
      return {set(label), 0};
    case Operands::pages:
      return {set(id, of, offset, size), 0};
    case Operands::plane:
      return {set(id, of, plane), 0};
  }
  return {};
}

FieldSet either_of(Operands operands) {
  if (operands == Operands::objects) return set(Field::id, Field::ids);
  return operands == Operands::budget ? set(Field::bytes, Field::ratio) : 0;
}

std::vector<std::string_view> keys_of(Op op) {
  const OpFields fields = fields_of(operands_of(op));
  std::vector<std::string_view> keys;
  for (FieldSet rest = (fields.required | fields.optional | kCommon) & ~kInSelect; rest != 0; rest &= rest - 1)
    keys.push_back(first_of(rest));
  return keys;
}

void EventFields::clear() {
  if ((present & kOfShape) != 0) {
    visit_shape_fields([this](auto field) {
      if constexpr (field.kType == FieldType::formats)
        field.of(shape).clear();  // and keeps its memory
      else
        field.of(shape) = field.of(kStandardShape);
    });
  }
  present = 0;
  op = Op::count;
  usage = flags = {};
  ids.clear();
  sizes.clear();
  extent.clear();
}

void EventFields::check_presence() const {
  if (op == Op::count) throw Error("'op' is missing; every event has one");
  const OpFields fields = fields_of(operands_of(op));
  if (const FieldSet missing = fields.required & ~present; missing != 0) {
    throw Error(fmt::format("'{}' is missing; '{}' needs it", first_of(missing), op_name(op)));
  }
  if (const FieldSet extra = present & ~(fields.required | fields.optional | kCommon); extra != 0) {
    throw Error(fmt::format("'{}' does not belong to '{}', which takes {}; leave it out", first_of(extra), op_name(op),
                            fmt::join(keys_of(op), ", ")));
  }
  if (has(Field::alias_offset) && !has(Field::alias_of))
    throw Error("'alias_offset' needs 'alias_of'; name what it is in");
  const FieldSet either = either_of(operands_of(op));
  if (either == 0 || std::has_single_bit(either & present)) return;
  throw Error(fmt::format("'{}' takes '{}' or '{}', {}", op_name(op), first_of(either), first_of(either & (either - 1)),
                          (either & present) != 0 ? "not both" : "and has neither"));
}

}  // namespace vkmembench
