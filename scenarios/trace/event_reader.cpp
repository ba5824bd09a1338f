#include "scenarios/trace/event_reader.h"

#include <fmt/format.h>

#include "allocator/base/error.h"
#include "scenarios/json/plain_json.h"
#include "scenarios/trace/event_sax.h"

namespace vkmembench {
namespace {

// Whether values stand among the integers of the fields.
constexpr bool is_integer(FieldType type) {
  return type == FieldType::integer || type == FieldType::bytes || type == FieldType::samples ||
         type == FieldType::wide;
}

}  // namespace

bool EventReader::parse(std::string_view json, EventFields& fields) {
  was_parsed_ = false;
  if (!tell(json, fields)) return false;
  fields.check_presence();
  was_parsed_ = true;
  return true;
}

bool EventReader::tell(std::string_view json, EventFields& fields) {
  fields.clear();
  EventSax plain(fields, builder_, given_ids_);
  const PlainJson told = PlainJsonScanner(json, plain).scan();
  if (told != PlainJson::not_plain) return told == PlainJson::whole;
  fields.clear();
  EventSax sax(fields, builder_, given_ids_);
  return nlohmann::json::sax_parse(json.data(), json.data() + json.size(), &sax);
}

bool EventReader::read(std::string_view json) {
  if (!parse(json, fields_)) return false;
  append();
  return true;
}

void EventReader::append(const EventFields& fields) {
  was_parsed_ = true;
  fields_ = fields;
  append();
}

ObjectIndex EventReader::object(std::uint64_t id) const {
  const ObjectIndex object = ids_.find(given_ids_.of_old(id));
  if (object == kNoObject)
    throw Error(fmt::format("object {} is not live: never created, or freed already; name one that is",
                            id_text(builder_.trace(), id)));
  return object;
}

// The id of what an event creates.
std::uint64_t EventReader::new_id(std::uint64_t id) {
  if (given_ids_.renamed() && ids_.find(given_ids_.of_old(id)) != kNoObject) live_already(id);
  return given_ids_.of_new(id);
}

void EventReader::created(ObjectIndex object) {
  if (!ids_.insert(object)) live_already(builder_.trace().objects[object].id);
}

void EventReader::live_already(std::uint64_t id) const {
  throw Error(
      fmt::format("object {} is live already; free it before its id is used again", id_text(builder_.trace(), id)));
}

AliasOf EventReader::alias() const {
  if (!fields_.has(Field::alias_of)) return {};
  return {object(Field::alias_of), fields_.has(Field::alias_offset) ? fields_.integer(Field::alias_offset) : 0};
}

std::uint32_t EventReader::shape(bool image) {
  const auto bits_of = [&](std::string_view what, const BitsByKind& bits) {
    const std::string_view foreign = image ? bits.not_of_images : bits.not_of_buffers;
    if (!foreign.empty())
      throw Error(fmt::format("{} '{}' is not of {}; leave it out", what, foreign, image ? "an image" : "a buffer"));
    return image ? bits.image : bits.buffer;
  };
  Shape& shape = fields_.shape;
  shape.image = image;
  shape.usage = bits_of("usage", fields_.usage);
  shape.flags = bits_of("flag", fields_.flags);
  visit_shape_fields([&](auto field) {
    if constexpr (is_integer(field.kType)) {
      if (fields_.has(field.kField))
        field.of(shape) = static_cast<typename decltype(field)::Member>(fields_.integer(field.kField));
    }
  });
  if (fields_.has(Field::drm_modifier) && !fields_.has(Field::tiling) && shape.drm_modifier == 0)
    shape.tiling = VK_IMAGE_TILING_LINEAR;
  if (fields_.has(Field::align) && shape.alignment == 0) throw Error("align 0 is not a power of two; give 1 or more");
  if (image) shape.extent = extent();
  return builder_.shape(shape);
}

VkExtent3D EventReader::extent() const {
  const std::vector<std::uint64_t>& sides = fields_.extent;
  if (sides.size() != 2 && sides.size() != 3)
    throw Error("extent is not [width, height] or [width, height, depth]; give two or three numbers");
  const auto side = [&](std::size_t i) { return static_cast<std::uint32_t>(sides[i]); };  // bounded by the field
  return {side(0), side(1), sides.size() == 3 ? side(2) : 1};
}

DefragmentRequest EventReader::defragment_request() const {
  DefragmentRequest request;
  const auto integer = [&](Field field, auto& target) {
    if (fields_.has(field)) target = static_cast<std::decay_t<decltype(target)>>(fields_.integer(field));
  };
  if (fields_.has(Field::select)) request.select = fields_.select;
  if (fields_.has(Field::algorithm)) request.algorithm = fields_.algorithm;
  integer(Field::idle_frames, request.idle_frames);
  integer(Field::min_uses, request.min_uses);
  integer(Field::min_size, request.min_size);
  // Without these a pass is not bounded; with 0 it would do nothing.
  const auto bound = [&](Field field, const char* name, auto& target) {
    integer(field, target);
    if (fields_.has(field) && target == 0)
      throw Error(fmt::format("{} is 0, so nothing would move; leave it out for no bound", name));
  };
  bound(Field::max_bytes_per_pass, "max_bytes_per_pass", request.max_bytes_per_pass);
  bound(Field::max_moves_per_pass, "max_moves_per_pass", request.max_moves_per_pass);
  integer(Field::passes_per_frame, request.passes_per_frame);
  return request;
}

PoolDeclaration EventReader::pool_declaration() const {
  PoolDeclaration pool;
  pool.name = fields_.shape.pool;
  const auto integer = [&](Field field, auto& target) {
    if (fields_.has(field)) target = static_cast<std::decay_t<decltype(target)>>(fields_.integer(field));
  };
  integer(Field::block_size, pool.block_bytes);
  integer(Field::min_blocks, pool.min_blocks);
  integer(Field::max_blocks, pool.max_blocks);
  if (fields_.has(Field::order)) pool.order = fields_.order;
  return pool;
}

void EventReader::use_each(Op op) {
  if (fields_.has(Field::id)) return builder_.use(op, {object(Field::id)});
  if (fields_.ids.empty()) throw Error("'ids' is empty; name at least one");
  for (const std::uint64_t id : fields_.ids) builder_.use(op, {object(id)});
}

void EventReader::append_batch() {
  if (fields_.ids.size() != fields_.sizes.size()) {
    throw Error(
        fmt::format("batch of {} ids and {} sizes; give each id its size", fields_.ids.size(), fields_.sizes.size()));
  }
  for (std::uint64_t& id : fields_.ids) id = new_id(id);
  const ObjectIndex first = builder_.batch(fields_.ids, fields_.sizes, shape(false));
  for (std::size_t i = 0; i < fields_.ids.size(); ++i) created(first + static_cast<ObjectIndex>(i));
}

void EventReader::append() {
  builder_.lane(fields_.has(Field::lane) ? static_cast<std::uint16_t>(fields_.integer(Field::lane)) : std::uint16_t{0});
  const Bytes size = fields_.integer(Field::size);
  const Op op = fields_.op;
  switch (operands_of(op)) {
    case Operands::none:
      return builder_.plain(op);
    case Operands::buffer:
      return created(builder_.buffer(new_id(fields_.integer(Field::id)), size, shape(false), alias()));
    case Operands::image:
      return created(builder_.image(new_id(fields_.integer(Field::id)), shape(true), alias()));
    case Operands::batch:
      return append_batch();
    case Operands::host_memory:
      return created(builder_.host_alloc(new_id(fields_.integer(Field::id)), size, fields_.category));
    case Operands::object:
      return builder_.use(op, {object(Field::id)});
    case Operands::objects:
      return use_each(op);
    case Operands::sized:
      return builder_.use(op, {object(Field::id), size});
    case Operands::range:
      return builder_.use(op, {object(Field::id), size, fields_.integer(Field::offset)});
    case Operands::pair: {
      const ObjectIndex from = object(Field::from);
      return builder_.use(op, {.object = from, .size = size, .target = object(Field::to)});
    }
    case Operands::defragment:
      return builder_.defragment(defragment_request());
    case Operands::budget:
      return builder_.budget({.heap = fields_.heap,
                              .is_ratio = fields_.has(Field::ratio),
                              .bytes = fields_.integer(Field::bytes),
                              .ratio = fields_.ratio,
                              .place = place_()});
    case Operands::pool:
      return builder_.pool(pool_declaration());
    case Operands::label:
      return builder_.snapshot(fields_.label);
    case Operands::pages: {
      const ObjectIndex of = object(Field::of);
      return created(builder_.pages(new_id(fields_.integer(Field::id)), of, fields_.integer(Field::offset), size));
    }
    case Operands::plane: {
      const ObjectIndex of = object(Field::of);
      const auto plane = static_cast<std::uint32_t>(fields_.integer(Field::plane));
      return created(builder_.plane(new_id(fields_.integer(Field::id)), of, plane));
    }
  }
}

}  // namespace vkmembench
