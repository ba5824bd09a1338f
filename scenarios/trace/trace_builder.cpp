#include "scenarios/trace/trace_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/host/category_tree.h"
#include "allocator/seam/buffer_kind.h"
#include "allocator/seam/named_pool.h"
#include "scenarios/trace/op_rules.h"
#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/shape_text.h"
#include "scenarios/trace/trace_hash.h"

namespace vkmembench {
namespace {

void check_heap(const std::string& heap) {
  if (heap == "device" || heap == "host") return;
  for (std::uint32_t index = 0; index < VK_MAX_MEMORY_HEAPS; ++index) {
    if (heap == std::to_string(index)) return;
  }
  throw Error(fmt::format("heap '{}' is neither 'device', 'host' nor an index below {}", heap, VK_MAX_MEMORY_HEAPS));
}

// Requires rows with a `name`; the empty one is always good.
template <typename Rows>
void require_name(std::string_view what, std::string_view name, const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) {
    if (row.name == name || name.empty()) return;
    if (!row.name.empty()) names.push_back(row.name);
  }
  throw Error(fmt::format("unknown {} '{}'{}", what, name, known_words(name, names)));
}

}  // namespace

std::string id_text(const Trace& trace, std::uint64_t id) {
  const std::uint64_t given = id - kFirstGivenId;  // wraps below it
  return given < trace.given_ids.size() ? trace.strings[trace.given_ids[given]] : std::to_string(id);
}

TraceBuilder::TraceBuilder(std::uint32_t frames_in_flight, const TraceLimits& limits) : limits_(limits) {
  if (frames_in_flight > kMaxFramesInFlight) {
    throw Error(fmt::format("frames_in_flight {} is above {}", frames_in_flight, kMaxFramesInFlight));
  }
  trace_.frames_in_flight = frames_in_flight;
  string_index_.emplace("", 0);
}

void TraceBuilder::reserve(std::size_t events, std::size_t objects) {
  trace_.events.reserve(events);
  trace_.objects.reserve(objects);
  flags_.reserve(objects);
  current_size_.reserve(objects);
}

std::uint32_t TraceBuilder::string(std::string_view text) {
  const auto found = string_index_.find(text);
  if (found != string_index_.end()) return found->second;
  std::string written = as_written(text);
  if (written != text) {  // two spellings of one text
    const std::uint32_t index = string(written);
    string_index_.emplace(text, index);
    return index;
  }
  const auto index = static_cast<std::uint32_t>(trace_.strings.size());
  trace_.strings.push_back(std::move(written));
  string_index_.emplace(text, index);
  return index;
}

std::uint32_t TraceBuilder::shape(const Shape& shape) {
  const std::uint64_t hash = interning_hash(shape);
  const auto [first, last] = shape_index_.equal_range(hash);
  for (auto row = first; row != last; ++row) {
    if (same_shape(trace_.shapes[row->second], shape)) return row->second;
  }
  VKMEMBENCH_CHECK(std::max({shape.tag, shape.kind, shape.pool}) < trace_.strings.size(), "a text without an index");
  check_shape(shape);
  require_name("kind", trace_.strings[shape.kind], kBufferKinds);
  if (!is_declared(shape.pool)) require_name("pool", trace_.strings[shape.pool], kNamedPools);
  const auto index = static_cast<std::uint32_t>(trace_.shapes.size());
  trace_.shapes.push_back(normal_form(shape));
  image_bytes_.push_back(shape.image ? packed_image_bytes(shape) : 0);
  shape_index_.emplace(hash, index);
  return index;
}

bool TraceBuilder::is_declared(std::uint32_t pool) const {
  return std::ranges::find(trace_.pools, pool, &PoolDeclaration::name) != trace_.pools.end();
}

std::uint64_t TraceBuilder::give_id(std::string_view spelling) {
  trace_.given_ids.push_back(string(spelling));
  return kFirstGivenId + trace_.given_ids.size() - 1;
}

void TraceBuilder::check_size(std::uint64_t id, Bytes size) const {
  if (size == 0) throw Error(fmt::format("object {}: size is 0; give at least 1 byte", id_text(trace_, id)));
  if (size > kMaxObjectBytes) {
    throw Error(fmt::format("object {}: size {} is above the bound of 2^60 bytes; give a smaller size",
                            id_text(trace_, id), size));
  }
}

void TraceBuilder::look_at_limits() {
  constexpr std::uint64_t kEvery = 65536;
  const std::uint64_t events = trace_.events.size();
  limits_.check(events + 1);
  next_look_ = std::min(events + kEvery, limits_.events);
}

void TraceBuilder::use_lane(std::uint16_t lane) {
  if (trace_.lanes.size() == kMaxTraceLanes) {
    throw Error(fmt::format("lane {} is one more than the {} lanes that a trace may use; put its events on another",
                            lane, kMaxTraceLanes));
  }
  lane_used_.set(lane);
  trace_.lanes.insert(std::ranges::upper_bound(trace_.lanes, lane), lane);
}

void TraceBuilder::append(Op op, ObjectIndex object, EventWords words) {
  if (trace_.events.size() >= next_look_) [[unlikely]]
    look_at_limits();
  trace_.events.push_back(Event(op, lane_, object, words));
  trace_.ops |= op_set(op);
  trace_.lane_count = std::max(trace_.lane_count, lane_ + 1u);
}

ObjectIndex TraceBuilder::create(std::uint64_t id, Bytes size, std::uint32_t shape, std::uint8_t flags) {
  VKMEMBENCH_CHECK(trace_.objects.size() < kNoObject, "objects of a trace are counted in 32 bits");
  if ((flags & (host | alias | in_parts)) == 0) {
    const std::optional<Bytes> live_bytes = checked_add(live_bytes_, size);
    if (!live_bytes)
      throw Error(
          fmt::format("object {}: the live objects would exceed 2^64 bytes; free some first", id_text(trace_, id)));
    live_bytes_ = *live_bytes;
  }
  const auto object = static_cast<ObjectIndex>(trace_.objects.size());
  const auto event = static_cast<std::uint32_t>(trace_.events.size());
  trace_.objects.push_back(TraceObject{.id = id, .size = size, .shape = shape, .create_event = event});
  flags_.push_back(flags | live);
  trace_.has_aliases = trace_.has_aliases || (flags & alias) != 0;
  current_size_.push_back(size);
  return object;
}

AliasOf TraceBuilder::place_alias(std::uint64_t id, Bytes size, std::uint32_t alias_shape, const AliasOf& of) const {
  const ObjectIndex target = of.object;
  const Shape& shape = require_resource(target, "alias_of");
  if (!is_whole(target)) fail_in_parts(target, "alias_of");
  if (is_bound_in_parts(trace_.shapes[alias_shape]))
    fail(target, "alias_of for an object that is bound in parts; leave it out");
  if (shape.export_handles != trace_.shapes[alias_shape].export_handles)
    fail(target, "alias_of an object with other 'export_handles'; give both the same");
  if (shape.evictable) fail(target, "alias_of an evictable object; leave 'evictable' out");
  AliasOf place = is_alias(target) ? place_of(target) : AliasOf(target);
  const Bytes whole = current_size_[place.object];
  const std::optional<Offset> begin = checked_add(place.offset, of.offset);
  if (!begin || *begin > whole || size > whole - *begin) {
    fail(target, fmt::format("alias_of memory of {} bytes for the {} bytes of object {}{}; keep within them", whole,
                             size, id_text(trace_, id), !begin || *begin != 0 ? " behind its begin" : ""));
  }
  place.offset = *begin;
  return place;
}

void TraceBuilder::require_live(ObjectIndex object, std::string_view op) const {
  VKMEMBENCH_CHECK(object < flags_.size(), "an object that the builder did not give");
  if ((flags_[object] & live) == 0) [[unlikely]] {
    fail(object, fmt::format("{} after its free; use an object between its creation and its free", op));
  }
}

const Shape& TraceBuilder::require_resource(ObjectIndex object, std::string_view op) const {
  require_live(object, op);
  if ((flags_[object] & host) != 0) [[unlikely]]
    fail(object, fmt::format("{} of host memory; only host_free takes it", op));
  return trace_.shape_of(object);
}

void TraceBuilder::require_fit(Op op, ObjectIndex object) const {
  const OpTarget target = info_of(op).target;
  if (target == OpTarget::host_memory) {
    require_live(object, op_name(op));
    if ((flags_[object] & host) != 0) return;
  }
  const Shape& shape = require_resource(object, op_name(op));
  if (!is_whole(object) && effect_of(op) != Effect::frees && effect_of(op) != Effect::touches) [[unlikely]]
    fail_in_parts(object, op_name(op));
  if (target == OpTarget::resource) return;
  const std::string why = why_unfit(op, shape);
  if (!why.empty()) [[unlikely]]
    fail(object, why);
}

// What is bound in parts has no contents that anybody models.
void TraceBuilder::fail_in_parts(ObjectIndex object, std::string_view op) const {
  if ((flags_[object] & is_part) != 0)
    fail(object, fmt::format("{} of memory for a part of an object; only free and touch take it", op));
  fail(object, fmt::format("{} of a {} object, which has no memory as a whole; only free and touch take it", op,
                           is_sparse(trace_.shape_of(object)) ? "sparse" : "disjoint"));
}

void TraceBuilder::require_range(Op op, ObjectIndex object, Offset offset, Bytes size) const {
  const Bytes whole = current_size_[object];
  if (size == 0) [[unlikely]]
    fail(object, fmt::format("{} of 0 bytes; give at least 1", op_name(op)));
  if (offset > whole || size > whole - offset) [[unlikely]] {
    fail(object, fmt::format("{} of {} bytes at {} reaches beyond its {} bytes; keep within them", op_name(op), size,
                             offset, whole));
  }
}

void TraceBuilder::fail(ObjectIndex object, std::string_view what) const {
  throw Error(fmt::format("object {}: {}", id_text(trace_, trace_.objects[object].id), what));
}

void TraceBuilder::frame() {
  if (lane_ != 0) throw Error(fmt::format("frame on lane {}; frames begin on lane 0 only", lane_));
  append(Op::frame, kNoObject, {trace_.frame_count, 0});
  ++trace_.frame_count;
}

ObjectIndex TraceBuilder::buffer(std::uint64_t id, Bytes size, std::uint32_t shape, const AliasOf& alias_of) {
  VKMEMBENCH_CHECK(shape < trace_.shapes.size() && !trace_.shapes[shape].image, "a buffer needs a buffer's shape");
  check_size(id, size);
  return create_resource(Op::buffer, id, size, shape, alias_of);
}

ObjectIndex TraceBuilder::image(std::uint64_t id, std::uint32_t shape, const AliasOf& alias_of) {
  VKMEMBENCH_CHECK(shape < trace_.shapes.size() && trace_.shapes[shape].image, "an image needs an image's shape");
  return create_resource(Op::image, id, image_bytes_[shape], shape, alias_of);
}

ObjectIndex TraceBuilder::create_resource(Op op, std::uint64_t id, Bytes size, std::uint32_t shape, const AliasOf& of) {
  const Bytes stated = op == Op::buffer ? size : 0;
  if (of.object == kNoObject) {
    const ObjectIndex object = create(id, size, shape, own_flags(shape));
    append(op, object, {stated, 0});
    return object;
  }
  const AliasOf place = place_alias(id, size, shape, of);
  const ObjectIndex object = create(id, size, shape, alias);
  places_.emplace(object, place);
  flags_[place.object] |= aliased;
  ++aliases_[place.object].live;
  std::uint32_t offset = 0;
  if (of.offset != 0) {
    offset = static_cast<std::uint32_t>(trace_.alias_offsets.size());
    trace_.alias_offsets.push_back(of.offset);
  }
  append(op, object, {stated, Event::alias_word(of.object, offset)});
  return object;
}

ObjectIndex TraceBuilder::batch(std::span<const std::uint64_t> ids, std::span<const Bytes> sizes, std::uint32_t shape) {
  VKMEMBENCH_CHECK(shape < trace_.shapes.size() && !trace_.shapes[shape].image, "a batch needs a buffer's shape");
  VKMEMBENCH_CHECK(ids.size() == sizes.size(), "a batch has an id for each size");
  if (ids.empty()) throw Error("batch of no buffers; give at least one");
  if (is_sparse(trace_.shapes[shape])) throw Error("batch of sparse buffers; make them one by one");
  limits_.check(trace_.objects.size() + ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) check_size(ids[i], sizes[i]);
  const auto first = static_cast<ObjectIndex>(trace_.objects.size());
  for (std::size_t i = 0; i < ids.size(); ++i) create(ids[i], sizes[i], shape, 0);
  append(Op::batch, first, {ids.size(), 0});
  return first;
}

ObjectIndex TraceBuilder::pages(std::uint64_t id, ObjectIndex of, Offset offset, Bytes size) {
  const Shape& shape = require_resource(of, "sparse_bind");
  if ((flags_[of] & is_part) != 0 || !is_sparse(shape))
    fail(of, "sparse_bind of an object without the flag 'sparse_binding'; give it that");
  check_size(id, size);
  if (!is_aligned(offset, kSparsePage) || offset / kSparsePage > kMax32)
    fail(of, fmt::format("sparse_bind at {}; give a multiple of 65536 below 2^48", offset));
  // An image has as many pages as its device says; at least its texels.
  const Bytes whole = shape.image ? kMaxObjectBytes : current_size_[of];
  if (offset >= whole || size > whole - offset)
    fail(of, fmt::format("sparse_bind of {} bytes at {} reaches beyond its {} bytes; keep within them", size, offset,
                         whole));
  if (!is_aligned(size, kSparsePage) && offset + size != whole)
    fail(of, fmt::format("sparse_bind of {} bytes; give a multiple of 65536, or what is left", size));
  return part(Op::sparse_bind, id, of, offset / kSparsePage, align_up(size, kSparsePage) / kSparsePage, size);
}

ObjectIndex TraceBuilder::plane(std::uint64_t id, ObjectIndex of, std::uint32_t plane) {
  const Shape& shape = require_resource(of, "bind_plane");
  if ((flags_[of] & is_part) != 0 || !is_disjoint(shape))
    fail(of, "bind_plane of an object without the flag 'disjoint'; give it that");
  const std::uint32_t count = format_info(shape.format.front()).plane_count;
  if (plane >= count) fail(of, fmt::format("bind_plane of plane {}; it has planes 0 to {}", plane, count - 1));
  return part(Op::bind_plane, id, of, plane, 1, packed_plane_bytes(shape, plane));
}

bool TraceBuilder::has_room_for_part(ObjectIndex of, std::uint64_t first, std::uint64_t count) const {
  const auto found = parts_.find(of);
  if (found == parts_.end()) return true;
  const auto next = found->second.lower_bound(first);
  return (next == found->second.end() || next->first >= first + count) &&
         (next == found->second.begin() || std::prev(next)->second <= first);
}

ObjectIndex TraceBuilder::part(Op op, std::uint64_t id, ObjectIndex of, std::uint64_t first, std::uint64_t count,
                               Bytes size) {
  if (!has_room_for_part(of, first, count))
    fail(of, fmt::format("{} of what {}", op_name(op),
                         op == Op::sparse_bind ? "is bound already; free that first"
                                               : "was bound already, which Vulkan does once"));
  const ObjectIndex object = create(id, size, trace_.objects[of].shape, is_part);
  parts_[of].emplace(first, first + count);
  append(op, object, {size, Event::part_word(of, first)});
  return object;
}

void TraceBuilder::release(ObjectIndex object) {
  if ((flags_[object] & is_part) != 0) {
    const Event& made = trace_.events[trace_.objects[object].create_event];
    const auto parts = parts_.find(made.target());
    // Vulkan binds a plane once and for all.
    if (parts != parts_.end() && made.op == Op::sparse_bind) parts->second.erase(made.part_number());
  } else if (!parts_.empty()) {
    parts_.erase(object);
  }
  if (is_alias(object))
    release_alias(object);
  else if ((flags_[object] & in_parts) == 0 && ((flags_[object] & aliased) == 0 || aliases_[object].live == 0))
    live_bytes_ -= current_size_[object];
  flags_[object] = 0;
}

// The memory of a freed owner goes with the last of its aliases.
void TraceBuilder::release_alias(ObjectIndex object) {
  const ObjectIndex owner = place_of(object).object;
  places_.erase(object);
  Aliases& aliases = aliases_[owner];
  --aliases.live;
  aliases.in_flight_until = trace_.frame_count + trace_.frames_in_flight;
  if (aliases.live == 0 && !is_live(owner)) live_bytes_ -= current_size_[owner];
}

void TraceBuilder::use(Op op, const Use& use) {
  require_fit(op, use.object);
  EventWords words;
  switch (operands_of(op)) {
    case Operands::sized:
      if (effect_of(op) != Effect::resizes) require_range(op, use.object, 0, use.size);
      words = {use.size, 0};
      break;
    case Operands::range:
      require_range(op, use.object, use.offset, use.size);
      words = {use.size, use.offset};
      break;
    case Operands::pair:
      require_range(op, use.object, 0, use.size);
      require_fit(op, use.target);
      require_range(op, use.target, 0, use.size);
      if (use.object == use.target) fail(use.object, fmt::format("{} onto itself; name another target", op_name(op)));
      if (const std::string why = why_unfit_pair(op, {trace_.shape_of(use.object), current_size_[use.object]},
                                                 {trace_.shape_of(use.target), current_size_[use.target]}, use.size);
          !why.empty()) [[unlikely]]
        fail(use.object, why);
      words = {use.size, use.target};
      break;
    default:
      break;
  }
  take_effect(op, use);
  append(op, use.object, words);
}

void TraceBuilder::take_effect(Op op, const Use& use) {
  const ObjectIndex object = use.object;
  switch (effect_of(op)) {
    case Effect::frees:
      return release(object);
    case Effect::releases:
      flags_[object] = 0;
      return;
    case Effect::resizes:
      return change_size(object, use.size);
    case Effect::binds:
      if ((flags_[object] & bound) != 0) fail(object, "bind of what is bound already; unbind it first");
      flags_[object] |= bound;
      return;
    case Effect::unbinds:
      if ((flags_[object] & bound) == 0) fail(object, "unbind of what is not bound; bind it first");
      flags_[object] &= static_cast<std::uint8_t>(~bound);
      return;
    case Effect::nothing:
    case Effect::begins_frame:
    case Effect::creates:
    case Effect::allocates:
    case Effect::host_writes:
    case Effect::host_reads:
    case Effect::copies:
    case Effect::marks:
    case Effect::touches:
    case Effect::sets_budget:
    case Effect::looks:
      return;
  }
}

bool TraceBuilder::may_resize(ObjectIndex object) const {
  if ((flags_[object] & alias) != 0 || !is_whole(object)) return false;
  const auto aliases = aliases_.find(object);
  return aliases == aliases_.end() ||
         (aliases->second.live == 0 && trace_.frame_count >= aliases->second.in_flight_until);
}

void TraceBuilder::change_size(ObjectIndex object, Bytes size) {
  if (trace_.shape_of(object).image) fail(object, "resize of an image; only buffers are resized");
  if ((flags_[object] & alias) != 0) fail(object, "resize of an alias; resize what owns the memory");
  if ((flags_[object] & aliased) != 0) {
    const Aliases& aliases = aliases_[object];
    if (aliases.live != 0) fail(object, "resize while another object aliases it; free the alias first");
    if (trace_.frame_count < aliases.in_flight_until)
      fail(object, fmt::format("resize while the free of its alias is in flight; resize {} frames later",
                               aliases.in_flight_until - trace_.frame_count));
  }
  check_size(trace_.objects[object].id, size);
  const std::optional<Bytes> live_bytes = checked_add(live_bytes_ - current_size_[object], size);
  if (!live_bytes) fail(object, "resize would make the live objects exceed 2^64 bytes; free some first");
  live_bytes_ = *live_bytes;
  current_size_[object] = size;
}

void TraceBuilder::defragment(const DefragmentRequest& request) {
  if (request.passes_per_frame == 0) throw Error("passes_per_frame is 0; give at least 1");
  append(Op::defragment, kNoObject, {trace_.defragments.size(), 0});
  trace_.defragments.push_back(request);
}

void TraceBuilder::pool(const PoolDeclaration& pool) {
  const std::string& name = trace_.strings[pool.name];
  if (name.empty()) throw Error("a pool without a name; give one");
  if (is_declared(pool.name)) throw Error(fmt::format("pool '{}' is there already; give each its name", name));
  if (std::ranges::find(kNamedPools, name, &NamedPool::name) != kNamedPools.end())
    throw Error(fmt::format("pool '{}' is one that strategies have themselves; choose another name", name));
  if (pool.block_bytes < 64 * kKiB || pool.block_bytes > kMaxObjectBytes)
    throw Error(fmt::format("block_size {} of pool '{}' is not from 64 KiB to 2^60", pool.block_bytes, name));
  if (pool.max_blocks == 0 || pool.min_blocks > pool.max_blocks)
    throw Error(
        fmt::format("pool '{}' keeps {} blocks of at most {}; keep fewer", name, pool.min_blocks, pool.max_blocks));
  if (trace_.pools.size() == kMostPools) throw Error(fmt::format("more than {} pools; give fewer", kMostPools));
  append(Op::pool, kNoObject, {trace_.pools.size(), 0});
  trace_.pools.push_back(pool);
}

void TraceBuilder::budget(const BudgetRequest& request) {
  check_heap(request.heap);
  if (request.is_ratio && !(request.ratio > 0 && request.ratio <= 1)) {
    throw Error(fmt::format("budget ratio {} is not above 0 and at most 1", request.ratio));
  }
  if (!request.is_ratio && (request.bytes == 0 || request.bytes > kMaxObjectBytes)) {
    throw Error(fmt::format("budget of {} bytes is not from 1 to 2^60", request.bytes));
  }
  append(Op::budget, kNoObject, {trace_.budgets.size(), 0});
  trace_.budgets.push_back(request);
}

ObjectIndex TraceBuilder::host_alloc(std::uint64_t id, Bytes size, std::string_view category) {
  check_size(id, size);
  if (category.empty())
    throw Error(fmt::format("object {}: host_alloc without a category; name one, such as 'Renderer::Textures'",
                            id_text(trace_, id)));
  CategoryTree::check_path(category, 1);  // the replay puts it below a category of its own
  const std::uint32_t text = string(category);
  const ObjectIndex object = create(id, size, kHostShape, host);
  append(Op::host_alloc, object, {size, text});
  return object;
}

void TraceBuilder::snapshot(std::string_view label) {
  if (label.empty()) throw Error("snapshot without a label; name what the report shows it as");
  append(Op::snapshot, kNoObject, {string(label), 0});
}

Trace TraceBuilder::finish() {
  if (trace_.events.empty()) throw Error("the trace has no events; give at least one");
  trace_.hash = hash_trace(trace_);
  return std::move(trace_);
}

}  // namespace vkmembench
