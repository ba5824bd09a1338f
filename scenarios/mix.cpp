#include "scenarios/mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "scenarios/trace_builder.h"

namespace vkmembench {
namespace {

constexpr unsigned kIdBits = 48;

// Appends the events of one part to the mix, frame by frame.
class PartCursor {
 public:
  PartCursor(const MixPart& part, std::size_t index, TraceBuilder& out)
      : part_(part), trace_(part.trace), prefix_(std::uint64_t{index} << kIdBits), out_(out) {
    own_ids_ = std::ranges::all_of(trace_.objects, [](const TraceObject& object) { return object.id >> kIdBits == 0; });
    if (part.lane + trace_.lane_count - 1 > std::numeric_limits<std::uint16_t>::max()) {
      throw Error(fmt::format("lane {} of part {} is above 65535; give smaller lanes",
                              part.lane + trace_.lane_count - 1, index));
    }
    for (const Shape& shape : trace_.shapes) {
      Shape copy = shape;
      copy.tag = out.string(trace_.strings[shape.tag]);
      copy.kind = out.string(trace_.strings[shape.kind]);
      copy.pool = out.string(trace_.strings[shape.pool]);
      shapes_.push_back(out.shape(copy));
    }
    objects_.reserve(trace_.objects.size());
  }

  // What is left of the frame, to the next `frame` event, which is taken too.
  void append_frame() {
    while (next_ < trace_.events.size()) {
      const Event& event = trace_.events[next_++];
      if (event.op == Op::frame) return;
      out_.lane(static_cast<std::uint16_t>(part_.lane + event.lane));
      append(event);
    }
  }

 private:
  [[nodiscard]] ObjectIndex mapped(std::uint64_t object) const { return objects_[object]; }
  [[nodiscard]] std::uint64_t id(ObjectIndex object) const {
    return prefix_ | (own_ids_ ? trace_.objects[object].id : object);
  }
  [[nodiscard]] ObjectIndex alias(const Event& event) const { return event.b == 0 ? kNoObject : mapped(event.b - 1); }
  [[nodiscard]] std::uint32_t shape(const Event& event) const { return shapes_[trace_.objects[event.object].shape]; }

  void append(const Event& event) {
    const ObjectIndex object = event.object;
    switch (event.op) {
      case Op::frame:
      case Op::count:
        break;
      case Op::buffer:
        objects_.push_back(out_.buffer(id(object), event.a, shape(event), alias(event)));
        break;
      case Op::image:
        objects_.push_back(out_.image(id(object), shape(event), alias(event)));
        break;
      case Op::batch:
        append_batch(event);
        break;
      case Op::free:
        out_.free(mapped(object));
        break;
      case Op::write:
        out_.write(mapped(object), event.b, event.a);
        break;
      case Op::upload:
        out_.upload(mapped(object), event.a);
        break;
      case Op::copy:
        out_.copy(mapped(object), mapped(event.b), event.a);
        break;
      case Op::read:
        out_.read(mapped(object), event.b, event.a);
        break;
      case Op::touch:
        out_.touch(mapped(object));
        break;
      case Op::resize:
        out_.resize(mapped(object), event.a);
        break;
      case Op::bind:
        out_.bind(mapped(object));
        break;
      case Op::unbind:
        out_.unbind(mapped(object));
        break;
      case Op::mark:
        out_.mark(mapped(object));
        break;
      case Op::defragment:
        out_.defragment(trace_.defragments[event.a]);
        break;
      case Op::budget:
        out_.budget(trace_.budgets[event.a]);
        break;
      case Op::host_alloc:
        objects_.push_back(out_.host_alloc(id(object), event.a, trace_.strings[event.b]));
        break;
      case Op::host_free:
        out_.host_free(mapped(object));
        break;
      case Op::snapshot:
        out_.snapshot(trace_.strings[event.a]);
        break;
      case Op::barrier:
        out_.barrier();
        break;
    }
  }
  void append_batch(const Event& event) {
    std::vector<std::uint64_t> ids;
    std::vector<Bytes> sizes;
    for (std::uint64_t i = 0; i < event.a; ++i) {
      const auto object = static_cast<ObjectIndex>(event.object + i);
      ids.push_back(id(object));
      sizes.push_back(trace_.objects[object].size);
    }
    const ObjectIndex first = out_.batch(ids, sizes, shape(event));
    for (std::uint64_t i = 0; i < event.a; ++i) objects_.push_back(static_cast<ObjectIndex>(first + i));
  }

  const MixPart& part_;
  const Trace& trace_;
  std::uint64_t prefix_;
  TraceBuilder& out_;
  bool own_ids_ = true;
  std::vector<std::uint32_t> shapes_;  // index in the mix of each shape
  std::vector<ObjectIndex> objects_;   // index in the mix of each object so far
  std::size_t next_ = 0;
};

}  // namespace

Trace merge_traces(std::span<const MixPart> parts, std::uint32_t frames_in_flight, const TraceLimits& limits) {
  VKMEMBENCH_CHECK(parts.size() <= kMaxMixParts, "a part is numbered in 16 bits");
  TraceBuilder out(frames_in_flight, limits);
  std::vector<PartCursor> cursors;
  std::uint64_t frames = 0;
  std::size_t events = 0;
  std::size_t objects = 0;
  for (const MixPart& part : parts) {
    cursors.emplace_back(part, cursors.size(), out);
    frames = std::max(frames, part.start_frame + part.trace.frame_count);
    events += part.trace.events.size();
    objects += part.trace.objects.size();
  }
  out.reserve(events, objects);
  for (std::uint64_t frame = 0; frame <= frames; ++frame) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].start_frame == frame) cursors[i].append_frame();
    }
    if (frame == frames) break;
    out.lane(0);
    out.frame();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].start_frame <= frame) cursors[i].append_frame();
    }
  }
  return out.finish();
}

}  // namespace vkmembench
