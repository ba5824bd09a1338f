#include "scenarios/random/random_trace.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "allocator/base/vulkan_names.h"
#include "scenarios/generators/random.h"
#include "scenarios/random/random_shapes.h"
#include "scenarios/trace/op_rules.h"
#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {
namespace {

// How often an op comes, before a trace's habits.
double usual_weight(Op op) {
  switch (op) {
    case Op::frame:
      return 4;
    case Op::buffer:
      return 8;
    case Op::free:
      return 9;
    case Op::image:
    case Op::write:
      return 3;
    case Op::upload:
      return 4;
    case Op::copy:
    case Op::read:
    case Op::touch:
    case Op::resize:
      return 2;
    default:
      return 1;
  }
}

// A replay fills each byte of host memory: a large one costs time and tries nothing that a small one does not.
constexpr Bytes kMaxHostSize = 16 * kKiB;

// Which object a trace frees next.
enum class FreeOrder : std::uint8_t { any, oldest, newest, count };

struct Object {
  ObjectIndex index = kNoObject;
  std::uint16_t lane = 0;
};

// Appends random events that are allowed, and keeps track of what that needs. An expression draws at most once:
// compilers evaluate operands and arguments in orders of their own.
class RandomEvents {
 public:
  RandomEvents(const RandomTraceOptions& options, Random& random, TraceBuilder& out)
      : options_(options), random_(random), out_(out), sizes_(random) {
    lanes_ = random_.below(options.lanes) + 1;
    foreign_ = static_cast<double>(random_.below(3)) / 2;
    order_ = static_cast<FreeOrder>(random_.below(static_cast<std::uint64_t>(FreeOrder::count)));
    for (std::size_t op = 0; op < kOpCount; ++op)
      weights_[op] = usual_weight(static_cast<Op>(op)) * std::array{0.2, 1.0, 1.0, 5.0}[random_.below(4)];
    if (lanes_ == 1) weights_[static_cast<std::size_t>(Op::barrier)] = 0.2;
    std::partial_sum(weights_.begin(), weights_.end(), weights_.begin());
    for (const std::string_view name : {"streaming", "per frame"})
      if (random_.chance(0.25) && options_.events > 8) declare_pool(name);
    for (std::uint64_t i = random_.between(2, 12); i > 0; --i)
      buffer_shapes_.push_back(out.shape(random_buffer_shape(random_, out)));
    for (std::uint64_t i = random_.between(2, 8); i > 0; --i)
      image_shapes_.push_back(out.shape(random_image_shape(random_, out)));
  }

  void step() {
    const double at = random_.unit() * weights_.back();
    const auto op = static_cast<Op>(std::ranges::upper_bound(weights_, at) - weights_.begin());
    out_.lane(op == Op::frame ? std::uint16_t{0} : any_lane());
    switch (op) {
      case Op::frame:
        in_flight_.push_back(0);
        return out_.frame();
      case Op::barrier:
        return out_.barrier();
      case Op::buffer:
        return create_buffer();
      case Op::image:
        return create_image();
      case Op::batch:
        return create_batch();
      case Op::free:
        return free_some();
      case Op::host_alloc:
        return host_alloc();
      case Op::host_free:
        if (!host_.empty()) out_.host_free(take(host_));
        return;
      case Op::snapshot:
        return out_.snapshot(random_.chance(0.5) ? "peak" : "end");
      case Op::defragment:
        return defragment();
      case Op::budget:
        return budget();
      case Op::unbind:
        return unbind();
      case Op::pool:  // all at the begin
        return;
      case Op::sparse_bind:
      case Op::bind_plane:
        return bind_part(op);
      default:
        if (!live_.empty()) use(op, live_[random_.below(live_.size())]);
    }
  }

 private:
  template <typename T>
  const T& pick(const std::vector<T>& values) {
    return values[random_.below(values.size())];
  }
  template <typename T>
  T take(std::vector<T>& values) {
    std::swap(values[random_.below(values.size())], values.back());
    const T value = values.back();
    values.pop_back();
    return value;
  }
  std::uint16_t any_lane() { return static_cast<std::uint16_t>(random_.below(lanes_)); }
  void lane_of(const Object& object) { out_.lane(random_.chance(foreign_) ? any_lane() : object.lane); }
  std::uint64_t new_id() {
    if (!free_ids_.empty() && random_.chance(0.3)) return take(free_ids_);
    return random_.chance(0.005) ? random_.next() : next_id_++;
  }

  // Bytes that may still be asked for: a free holds its bytes until its frame is out of flight.
  [[nodiscard]] Bytes room() const {
    const std::size_t frames = std::min<std::size_t>(in_flight_.size(), out_.frames_in_flight() + 1);
    const Bytes held =
        std::accumulate(in_flight_.end() - static_cast<std::ptrdiff_t>(frames), in_flight_.end(), out_.live_bytes());
    return options_.max_live_bytes - std::min(held, options_.max_live_bytes);
  }
  void add(ObjectIndex index) {
    live_.push_back({index, static_cast<std::uint16_t>(lane_)});
    if (is_bound_in_parts(out_.trace().shape_of(index)) && !makes_part(out_.trace().events.back().op))
      in_parts_.push_back(index);
  }

  // What the new one may alias, and where; mostly nothing.
  AliasOf alias_target(Bytes size, std::uint32_t shape) {
    if (live_.empty() || !random_.chance(0.15)) return {};
    const ObjectIndex target = pick(live_).index;
    const Shape& of = out_.trace().shape_of(target);
    if (!out_.is_whole(target) || is_bound_in_parts(out_.trace().shapes[shape])) return {};
    const AliasOf place = out_.is_alias(target) ? out_.place_of(target) : AliasOf(target);
    const Bytes left = out_.size_of(place.object) - place.offset;
    if (size > left || of.evictable || of.export_handles != out_.trace().shapes[shape].export_handles) return {};
    if (random_.chance(0.4)) return target;
    const Bytes unit = Bytes{1} << random_.below(17);
    return {target, align_down(random_.below(left - size + 1), unit)};
  }
  void host_alloc() {
    const std::uint64_t id = new_id();
    const Bytes size = std::min(sizes_.draw(random_), kMaxHostSize);
    host_.push_back(out_.host_alloc(id, size, random_.chance(0.5) ? "A::B" : "scene"));
  }
  void create_on_lane() {
    lane_ = any_lane();
    out_.lane(lane_);
  }
  void create_buffer() {
    create_on_lane();
    const Bytes size = sizes_.draw(random_);
    const std::uint32_t shape = pick(buffer_shapes_);
    const AliasOf target = alias_target(size, shape);
    if (target.object == kNoObject && size > room()) return free_some();
    add(out_.buffer(new_id(), size, shape, target));
  }
  void create_image() {
    create_on_lane();
    const std::uint32_t shape = pick(image_shapes_);
    const Bytes size = packed_image_bytes(out_.trace().shapes[shape]);
    const AliasOf target = alias_target(size, shape);
    if (target.object == kNoObject && size > room()) return free_some();
    add(out_.image(new_id(), shape, target));
  }
  void create_batch() {
    create_on_lane();
    std::vector<std::uint64_t> ids;
    std::vector<Bytes> sizes;
    Bytes left = room();
    for (std::uint64_t i = random_.between(1, random_.chance(0.2) ? 64 : 6); i > 0; --i) {
      const Bytes size = sizes_.draw(random_);
      if (size > left) break;
      left -= size;
      ids.push_back(next_id_++);
      sizes.push_back(size);
    }
    const std::uint32_t shape = pick(buffer_shapes_);
    if (ids.empty() || is_sparse(out_.trace().shapes[shape])) return free_some();
    const ObjectIndex first = out_.batch(ids, sizes, shape);
    for (std::size_t i = 0; i < ids.size(); ++i) add(first + static_cast<ObjectIndex>(i));
  }

  // One object, or now and then most of what is there, as a change of scenes does.
  void free_some() {
    std::size_t count = random_.chance(0.03) ? live_.size() * random_.between(5, 10) / 10 : 1;
    for (; count > 0 && !live_.empty() && out_.trace().events.size() < options_.events; --count) {
      std::size_t at = random_.below(live_.size());
      if (order_ == FreeOrder::oldest && random_.chance(0.8)) at = 0;
      if (order_ == FreeOrder::newest && random_.chance(0.8)) at = live_.size() - 1;
      const Object object = live_[at];
      live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(at));
      std::erase(in_parts_, object.index);
      lane_of(object);
      const Bytes before = out_.live_bytes();
      out_.free(object.index);
      in_flight_.back() += before - out_.live_bytes();
      free_ids_.push_back(out_.trace().objects[object.index].id);
    }
  }

  // Pages, or a plane, of something that is bound in parts; what is bound already stays.
  void bind_part(Op op) {
    if (in_parts_.empty()) return;
    const ObjectIndex of = pick(in_parts_);
    const Shape& shape = out_.trace().shape_of(of);
    if (is_sparse(shape) != (op == Op::sparse_bind)) return;
    create_on_lane();
    const std::uint64_t plane = random_.below(3);
    const Bytes whole = out_.size_of(of);
    const Offset offset = random_.below(whole) / kSparsePage * kSparsePage;
    const Bytes pages = random_.between(1, 4) * kSparsePage;
    const Bytes left = shape.image ? align_up(whole - offset, kSparsePage) : whole - offset;
    const Bytes size = std::min(pages, left);
    if (size > room() || whole > room()) return free_some();
    const std::uint64_t id = next_id_++;
    if (op == Op::bind_plane) {
      const auto number = static_cast<std::uint32_t>(plane);
      if (out_.has_room_for_part(of, number, 1) && number < format_info(shape.format.front()).plane_count)
        add(out_.plane(id, of, number));
    } else if (out_.has_room_for_part(of, offset / kSparsePage, align_up(size, kSparsePage) / kSparsePage)) {
      add(out_.pages(id, of, offset, size));
    }
  }

  void defragment() {
    DefragmentRequest request;
    request.select = static_cast<DefragmentSelect>(random_.below(3));
    request.algorithm = static_cast<DefragmentAlgorithm>(random_.below(kDefragmentAlgorithmNames.size()));
    request.idle_frames = random_.below(random_.chance(0.5) ? 4 : 500);
    request.min_uses = random_.below(10);
    request.min_size = random_.below(kMiB);
    if (random_.chance(0.5)) request.max_bytes_per_pass = random_.between(1, 64 * kMiB);
    if (random_.chance(0.5)) request.max_moves_per_pass = static_cast<std::uint32_t>(random_.between(1, 20));
    request.passes_per_frame = static_cast<std::uint32_t>(random_.between(1, 4));
    out_.defragment(request);
  }

  void declare_pool(std::string_view name) {
    const auto min_blocks = static_cast<std::uint32_t>(random_.below(2));
    out_.pool({.name = out_.string(name),
               .block_bytes = random_.between(64 * kKiB, 16 * kMiB),
               .min_blocks = min_blocks,
               .max_blocks = min_blocks + static_cast<std::uint32_t>(random_.between(1, 8)),
               .order = static_cast<PoolOrder>(random_.below(kPoolOrderNames.size()))});
  }

  // From next to nothing to far beyond any heap.
  void budget() {
    BudgetRequest request;
    request.heap = std::array{"device", "host", "0"}[random_.below(3)];
    request.is_ratio = random_.chance(0.5);
    request.ratio = random_.chance(0.3) ? 1.0 : 0.001 + 0.999 * random_.unit();
    request.bytes = random_.chance(0.2) ? Bytes{1} << random_.below(61) : random_.between(1, options_.max_live_bytes);
    out_.budget(request);
  }

  void use(Op op, const Object& object) {
    const ObjectIndex index = object.index;
    const Shape& shape = out_.trace().shape_of(index);
    const Bytes whole = out_.size_of(index);
    const Offset offset = random_.chance(0.4) ? 0 : random_.below(whole);
    const Bytes size = random_.chance(0.5) ? whole - offset : random_.between(1, whole - offset);
    lane_of(object);
    if (effect_of(op) == Effect::resizes) return resize(object);
    if (operands_of(op) == Operands::pair) return copy(op, object);
    if (effect_of(op) == Effect::binds && out_.is_bound(index)) return;
    if (!out_.is_whole(index) && effect_of(op) != Effect::touches) return;
    if (!why_unfit(op, shape).empty()) return;
    out_.use(op, {index, size, operands_of(op) == Operands::range ? offset : 0});
    if (effect_of(op) == Effect::binds) bound_.push_back(index);
  }
  // Another one of the shape, the latest, or itself: images of different shapes are rarely alike.
  const Object& like(const Object& object) const {
    const auto shape_number = [&](const Object& one) { return out_.trace().objects[one.index].shape; };
    const auto found = std::find_if(live_.rbegin(), live_.rend(), [&](const Object& other) {
      return other.index != object.index && shape_number(other) == shape_number(object);
    });
    return found == live_.rend() ? object : *found;
  }
  void copy(Op op, const Object& from) {
    const Object& to = random_.chance(0.6) ? like(from) : pick(live_);
    for (const ObjectIndex index : {from.index, to.index}) {
      if (!out_.is_whole(index) || !why_unfit(op, out_.trace().shape_of(index)).empty()) return;
    }
    if (from.index == to.index) return;
    const Bytes most = std::min(out_.size_of(from.index), out_.size_of(to.index));
    const Bytes size = random_.chance(0.3) ? most : random_.between(1, most);
    const auto end_at = [&](ObjectIndex index) { return PairEnd{out_.trace().shape_of(index), out_.size_of(index)}; };
    if (!why_unfit_pair(op, end_at(from.index), end_at(to.index), size).empty()) return;
    out_.use(op, {.object = from.index, .size = size, .target = to.index});
  }
  void resize(const Object& object) {
    if (out_.trace().shape_of(object.index).image || !out_.may_resize(object.index)) return;
    const Bytes size = sizes_.draw(random_);
    if (size <= room()) out_.resize(object.index, size);
  }
  void unbind() {
    while (!bound_.empty()) {
      const ObjectIndex object = take(bound_);
      if (out_.is_bound(object)) return out_.unbind(object);  // else its free unbound it
    }
  }

  const RandomTraceOptions& options_;
  Random& random_;
  TraceBuilder& out_;
  const RandomSizes sizes_;
  // The habits of this trace.
  std::uint64_t lanes_ = 1;
  double foreign_ = 0;  // share of uses and frees by another lane than the object's own
  FreeOrder order_ = FreeOrder::any;
  std::array<double, kOpCount> weights_{};  // summed up
  std::vector<std::uint32_t> buffer_shapes_, image_shapes_;

  std::uint64_t next_id_ = 1;
  std::uint16_t lane_ = 0;    // of the create under way
  std::vector<Object> live_;  // in the order of creation
  std::vector<ObjectIndex> host_, bound_, in_parts_;
  std::vector<Bytes> in_flight_{0};  // freed, by frame
  std::vector<std::uint64_t> free_ids_;
};

}  // namespace

Trace random_trace(const RandomTraceOptions& options) {
  Random random(options.seed);
  TraceBuilder out(static_cast<std::uint32_t>(random.below(4)));
  RandomEvents events(options, random, out);
  while (out.trace().events.size() < options.events) events.step();
  return out.finish();
}

}  // namespace vkmembench
