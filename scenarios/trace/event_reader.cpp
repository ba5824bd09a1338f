#include "scenarios/trace/event_reader.h"

#include <fmt/format.h>

#include "allocator/base/error.h"
#include "scenarios/trace/event_sax.h"

namespace vkmembench {

bool EventReader::parse(std::string_view json, EventFields& fields) {
  was_parsed_ = false;
  fields.clear();
  EventSax sax(fields, builder_, given_ids_);
  if (!nlohmann::json::sax_parse(json.data(), json.data() + json.size(), &sax)) return false;
  fields.check_presence();
  was_parsed_ = true;
  return true;
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

ObjectIndex EventReader::alias_target() const {
  return fields_.has(Field::alias_of) ? object(Field::alias_of) : kNoObject;
}

std::uint32_t EventReader::shape(bool image) {
  const std::string_view foreign = image ? fields_.not_an_image_usage : fields_.not_a_buffer_usage;
  if (!foreign.empty()) {
    throw Error(fmt::format("usage '{}' is not of {}; leave it out", foreign, image ? "an image" : "a buffer"));
  }
  shape_.image = image;
  shape_.memory = fields_.memory;
  shape_.evictable = fields_.evictable;
  shape_.usage = image ? fields_.image_usage : fields_.buffer_usage;
  shape_.tag = fields_.tag;
  if (!image) {
    shape_.alignment = fields_.has(Field::align) ? fields_.integer(Field::align) : 0;
    if (fields_.has(Field::align) && shape_.alignment == 0)
      throw Error("align 0 is not a power of two; give 1 or more");
    shape_.kind = fields_.kind;
    shape_.pool = fields_.pool;
    return builder_.shape(shape_);
  }
  if (fields_.extent.size() != 2 && fields_.extent.size() != 3)
    throw Error("extent is not [width, height] or [width, height, depth]; give two or three numbers");
  const auto word = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };  // bounded by its field
  shape_.formats.assign(fields_.formats.begin(), fields_.formats.end());
  const auto word_or_1 = [&](Field field) { return fields_.has(field) ? word(fields_.integer(field)) : 1; };
  shape_.extent = {word(fields_.extent[0]), word(fields_.extent[1]),
                   fields_.extent.size() == 3 ? word(fields_.extent[2]) : 1};
  shape_.mips = word_or_1(Field::mips);
  shape_.layers = word_or_1(Field::layers);
  shape_.samples = static_cast<VkSampleCountFlagBits>(word_or_1(Field::samples));
  shape_.tiling = fields_.has(Field::tiling) ? fields_.tiling : VK_IMAGE_TILING_OPTIMAL;
  return builder_.shape(shape_);
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

template <typename Action>
void EventReader::for_each_object(Action action) {
  if (fields_.has(Field::id)) return action(object(Field::id));
  if (fields_.ids.empty()) throw Error("'ids' is empty; name at least one");
  for (const std::uint64_t id : fields_.ids) action(object(id));
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
  switch (fields_.op) {
    case Op::frame:
      return builder_.frame();
    case Op::buffer:
      return created(builder_.buffer(new_id(fields_.integer(Field::id)), size, shape(false), alias_target()));
    case Op::image:
      return created(builder_.image(new_id(fields_.integer(Field::id)), shape(true), alias_target()));
    case Op::batch:
      return append_batch();
    case Op::free:
      return for_each_object([&](ObjectIndex object) { builder_.free(object); });
    case Op::touch:
      return for_each_object([&](ObjectIndex object) { builder_.touch(object); });
    case Op::mark:
      return for_each_object([&](ObjectIndex object) { builder_.mark(object); });
    case Op::write:
      return builder_.write(object(Field::id), fields_.integer(Field::offset), size);
    case Op::read:
      return builder_.read(object(Field::id), fields_.integer(Field::offset), size);
    case Op::upload:
      return builder_.upload(object(Field::id), size);
    case Op::copy:
      return builder_.copy(object(Field::from), object(Field::to), size);
    case Op::resize:
      return builder_.resize(object(Field::id), size);
    case Op::bind:
      return builder_.bind(object(Field::id));
    case Op::unbind:
      return builder_.unbind(object(Field::id));
    case Op::defragment:
      return builder_.defragment(defragment_request());
    case Op::budget:
      return builder_.budget({.heap = fields_.heap,
                              .is_ratio = fields_.has(Field::ratio),
                              .bytes = fields_.integer(Field::bytes),
                              .ratio = fields_.ratio,
                              .place = place_()});
    case Op::host_alloc:
      return created(builder_.host_alloc(new_id(fields_.integer(Field::id)), size, fields_.category));
    case Op::host_free:
      return builder_.host_free(object(Field::id));
    case Op::snapshot:
      return builder_.snapshot(fields_.label);
    case Op::barrier:
      return builder_.barrier();
    case Op::count:
      break;
  }
}

}  // namespace vkmembench
