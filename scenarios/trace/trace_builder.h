#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/trace.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {

// Builds a Trace event by event, for generators and readers alike, and checks every rule of the format on the way:
// an unusable event throws Error with a message that says what is wrong with it (the reader adds file and place) and
// is left out; after one beyond the limits only destruction is left to the builder.
// Works on objects; readers map ids to objects with IdMap of id_map.h, generators keep the ObjectIndex they get.
// The first frame() begins frame 0, to which what comes before it belongs too.
class TraceBuilder {
 public:
  explicit TraceBuilder(std::uint32_t frames_in_flight, const TraceLimits& limits = {});

  // Interns a shape or text and returns its index. Shape checks: image extent, mips, layers, samples, formats known.
  std::uint32_t shape(const Shape& shape);
  std::uint32_t string(std::string_view text);
  // A number for an id that a file spells like this, another one each time.
  std::uint64_t give_id(std::string_view spelling);

  // Of the events that follow. Throws Error for more lanes than kMaxTraceLanes.
  void lane(std::uint16_t lane) {
    if (!lane_used_[lane]) [[unlikely]]
      use_lane(lane);
    lane_ = lane;
  }
  void frame();
  ObjectIndex buffer(std::uint64_t id, Bytes size, std::uint32_t shape, const AliasOf& alias_of = {});
  ObjectIndex image(std::uint64_t id, std::uint32_t shape, const AliasOf& alias_of = {});
  // Memory for pages of a sparse object, or for a plane of an image with planes apart: an object of the target's shape,
  // that is there from here on. Pages do not overlap those that the target has; the last ends where a buffer does.
  ObjectIndex pages(std::uint64_t id, ObjectIndex of, Offset offset, Bytes size);
  ObjectIndex plane(std::uint64_t id, ObjectIndex of, std::uint32_t plane);
  // Whether none of these pages or planes is bound.
  [[nodiscard]] bool has_room_for_part(ObjectIndex of, std::uint64_t first, std::uint64_t count) const;
  // Returns the first of sizes.size() consecutive objects. Requires ids.size() == sizes.size().
  ObjectIndex batch(std::span<const std::uint64_t> ids, std::span<const Bytes> sizes, std::uint32_t shape);
  // What an event names that is there already, as the Operands of its op say; the rest is left as it is.
  struct Use {
    ObjectIndex object = kNoObject;
    Bytes size = 0;
    Offset offset = 0;
    ObjectIndex target = kNoObject;
  };
  // An event of any op with such operands.
  void use(Op op, const Use& use);
  void free(ObjectIndex object) { use(Op::free, {object}); }
  void write(ObjectIndex object, Offset offset, Bytes size) { use(Op::write, {object, size, offset}); }
  void upload(ObjectIndex object, Bytes size) { use(Op::upload, {object, size}); }
  void copy(ObjectIndex from, ObjectIndex to, Bytes size) {
    use(Op::copy, {.object = from, .size = size, .target = to});
  }
  void read(ObjectIndex object, Offset offset, Bytes size) { use(Op::read, {object, size, offset}); }
  void touch(ObjectIndex object) { use(Op::touch, {object}); }
  void resize(ObjectIndex object, Bytes size) { use(Op::resize, {object, size}); }
  void bind(ObjectIndex object) { use(Op::bind, {object}); }
  void unbind(ObjectIndex object) { use(Op::unbind, {object}); }
  void mark(ObjectIndex object) { use(Op::mark, {object}); }
  void defragment(const DefragmentRequest& request);
  void budget(const BudgetRequest& request);
  // Requires a name that string() gave. Throws Error for a second pool of a name, or bounds that contradict themselves.
  void pool(const PoolDeclaration& pool);
  [[nodiscard]] bool is_declared(std::uint32_t pool) const;  // by its name
  ObjectIndex host_alloc(std::uint64_t id, Bytes size, std::string_view category);
  void host_free(ObjectIndex object) { use(Op::host_free, {object}); }
  void snapshot(std::string_view label);
  // An event of any op without operands.
  void plain(Op op) { op == Op::frame ? frame() : append(op); }
  void barrier() { append(Op::barrier); }

  // What is told of the program that the trace was recorded from.
  [[nodiscard]] Recorded& recorded() { return trace_.recorded; }
  // The object lay there from the last event on, which names it.
  void placed(ObjectIndex object, std::uint32_t block, Offset offset) {
    trace_.recorded.placements.push_back({static_cast<std::uint32_t>(trace_.events.size() - 1), object, block, offset});
  }

  [[nodiscard]] bool is_live(ObjectIndex object) const { return (flags_[object] & live) != 0; }
  [[nodiscard]] bool is_bound(ObjectIndex object) const { return (flags_[object] & bound) != 0; }
  // Whether it is bound as a whole: more than `free` and `touch` may name it.
  [[nodiscard]] bool is_whole(ObjectIndex object) const { return (flags_[object] & (is_part | in_parts)) == 0; }
  // Whether resize() takes the buffer now: no alias shares its memory.
  [[nodiscard]] bool may_resize(ObjectIndex object) const;
  [[nodiscard]] Bytes size_of(ObjectIndex object) const { return current_size_[object]; }
  // Where a live alias lies in its owner: the end of the chain of aliases, which may be freed already.
  [[nodiscard]] AliasOf place_of(ObjectIndex object) const { return places_.at(object); }
  [[nodiscard]] bool is_alias(ObjectIndex object) const { return (flags_[object] & alias) != 0; }
  // Bytes asked for by what is live now (to the free event, not its completion). Aliases, host memory and what is bound
  // in parts ask for none; the parts do. What has aliases counts until the last of them is freed too.
  [[nodiscard]] Bytes live_bytes() const { return live_bytes_; }
  [[nodiscard]] std::uint64_t frame_count() const { return trace_.frame_count; }
  [[nodiscard]] std::uint32_t frames_in_flight() const { return trace_.frames_in_flight; }
  [[nodiscard]] const Trace& trace() const { return trace_; }
  void reserve(std::size_t events, std::size_t objects);

  // Hashes and hands out the trace; the builder is spent. Throws Error for a trace without events.
  [[nodiscard]] Trace finish();

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Aliases {
    std::uint32_t live = 0;
    std::uint64_t in_flight_until = 0;  // the frame that completes the free of the last one freed
  };
  enum Flag : std::uint8_t { live = 1, host = 2, alias = 4, aliased = 8, bound = 16, is_part = 32, in_parts = 64 };

  void look_at_limits();
  void use_lane(std::uint16_t lane);
  void check_size(std::uint64_t id, Bytes size) const;
  void append(Op op, ObjectIndex object = kNoObject, EventWords words = {});
  ObjectIndex create(std::uint64_t id, Bytes size, std::uint32_t shape, std::uint8_t flags);
  // Where the alias is in the memory of its owner. Throws Error where it may not be.
  [[nodiscard]] AliasOf place_alias(std::uint64_t id, Bytes size, std::uint32_t alias_shape, const AliasOf& of) const;
  ObjectIndex create_resource(Op op, std::uint64_t id, Bytes size, std::uint32_t shape, const AliasOf& of);
  void release_alias(ObjectIndex object);
  // The flags of what shares no memory.
  [[nodiscard]] std::uint8_t own_flags(std::uint32_t shape) const {
    return is_bound_in_parts(trace_.shapes[shape]) ? std::uint8_t{in_parts} : std::uint8_t{0};
  }
  ObjectIndex part(Op op, std::uint64_t id, ObjectIndex of, std::uint64_t first, std::uint64_t count, Bytes size);
  // What an event of the op needs of an object that it names.
  void require_fit(Op op, ObjectIndex object) const;
  [[noreturn]] void fail_in_parts(ObjectIndex object, std::string_view op) const;
  const Shape& require_resource(ObjectIndex object, std::string_view op) const;
  void require_live(ObjectIndex object, std::string_view op) const;
  void require_range(Op op, ObjectIndex object, Offset offset, Bytes size) const;
  // What becomes of the object.
  void take_effect(Op op, const Use& use);
  void release(ObjectIndex object);
  void change_size(ObjectIndex object, Bytes size);
  [[noreturn]] void fail(ObjectIndex object, std::string_view what) const;

  TraceLimits limits_;
  std::uint64_t next_look_ = 0;  // at the limits, in events
  Trace trace_;
  std::uint16_t lane_ = 0;
  std::bitset<std::size_t{1} << 16> lane_used_{1};
  std::vector<std::uint8_t> flags_;  // of each object
  std::vector<Bytes> current_size_;  // of each object
  std::vector<Bytes> image_bytes_;   // of each shape
  Bytes live_bytes_ = 0;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> string_index_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> shape_index_;
  std::unordered_map<ObjectIndex, Aliases> aliases_;  // of an aliased object
  std::unordered_map<ObjectIndex, AliasOf> places_;   // of a live alias, in its owner
  // Of an object that is bound in parts, those that are there: where each ends, by the page or plane that it begins
  // with.
  std::unordered_map<ObjectIndex, std::map<std::uint64_t, std::uint64_t>> parts_;
};

}  // namespace vkmembench
