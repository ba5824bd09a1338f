#include "scenarios/trace/event_fields.h"

#include <fmt/format.h>

#include <bit>
#include <limits>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

struct OpFields {
  FieldSet required = 0;
  FieldSet optional = 0;
};

template <typename... Fields>
constexpr FieldSet set(Fields... fields) {
  return (FieldSet{0} | ... | bit(fields));
}

constexpr OpFields fields_of(Op which) {
  using enum Field;
  constexpr FieldSet kBufferOptions = set(kind, pool, tag, evictable, align);
  switch (which) {
    case Op::frame:
    case Op::barrier:
    case Op::count:
      return {};
    case Op::buffer:
      return {set(id, size, usage, memory), kBufferOptions | set(alias_of)};
    case Op::image:
      return {set(id, format, extent, usage, memory), set(mips, layers, samples, tiling, tag, evictable, alias_of)};
    case Op::batch:
      return {set(ids, sizes, usage, memory), kBufferOptions};
    case Op::free:
    case Op::touch:
    case Op::mark:
      return {0, set(id, ids)};
    case Op::write:
    case Op::read:
      return {set(id, offset, size), 0};
    case Op::upload:
    case Op::resize:
      return {set(id, size), 0};
    case Op::copy:
      return {set(from, to, size), 0};
    case Op::bind:
    case Op::unbind:
    case Op::host_free:
      return {set(id), 0};
    case Op::defragment:
      return {0, set(select, algorithm, max_bytes_per_pass, max_moves_per_pass, passes_per_frame, idle_frames, min_uses,
                     min_size)};
    case Op::budget:
      return {set(heap), set(bytes, ratio)};
    case Op::host_alloc:
      return {set(id, size, category), 0};
    case Op::snapshot:
      return {set(label), 0};
  }
  return {};
}

constexpr FieldSet kCommon = bit(Field::op) | bit(Field::lane) | bit(Field::comment);
constexpr FieldSet kInSelect = set(Field::idle_frames, Field::min_uses, Field::min_size);

std::string_view first_of(FieldSet fields) {
  return field_infos()[static_cast<std::size_t>(std::countr_zero(fields))].key;
}

// The events of which exactly one of two fields says what they are about.
void check_either(const EventFields& event, Field first, Field second) {
  if (event.has(first) != event.has(second)) return;
  throw Error(fmt::format("'{}' takes '{}' or '{}', {}", op_name(event.op), first_of(bit(first)), first_of(bit(second)),
                          event.has(first) ? "not both" : "and has neither"));
}

}  // namespace

const std::array<FieldInfo, kFieldCount>& field_infos() {
  constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
  constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::array<FieldInfo, kFieldCount> kInfos = {{
#define VKMEMBENCH_ROW(key, type, max) {#key, FieldType::type, max},
      VKMEMBENCH_EVENT_FIELDS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  }};
  return kInfos;
}

std::vector<std::string_view> keys_of(Op op) {
  const OpFields fields = fields_of(op);
  std::vector<std::string_view> keys;
  for (FieldSet rest = (fields.required | fields.optional | kCommon) & ~kInSelect; rest != 0; rest &= rest - 1)
    keys.push_back(first_of(rest));
  return keys;
}

void EventFields::clear() {
  present = 0;
  op = Op::count;
  evictable = false;
  kind = pool = tag = 0;
  buffer_usage = image_usage = 0;
  not_a_buffer_usage = not_an_image_usage = {};
  formats.clear();
  ids.clear();
  sizes.clear();
  extent.clear();
}

void EventFields::check_presence() const {
  if (op == Op::count) throw Error("'op' is missing; every event has one");
  const OpFields fields = fields_of(op);
  if (const FieldSet missing = fields.required & ~present; missing != 0) {
    throw Error(fmt::format("'{}' is missing; '{}' needs it", first_of(missing), op_name(op)));
  }
  if (const FieldSet extra = present & ~(fields.required | fields.optional | kCommon); extra != 0) {
    throw Error(fmt::format("'{}' does not belong to '{}', which takes {}; leave it out", first_of(extra), op_name(op),
                            fmt::join(keys_of(op), ", ")));
  }
  if (op == Op::free || op == Op::touch || op == Op::mark) check_either(*this, Field::id, Field::ids);
  if (op == Op::budget) check_either(*this, Field::bytes, Field::ratio);
}

}  // namespace vkmembench
