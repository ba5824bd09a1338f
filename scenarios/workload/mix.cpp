#include "scenarios/workload/mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "scenarios/trace/trace_builder.h"
#include "scenarios/trace/trace_copy.h"

namespace vkmembench {
namespace {

constexpr unsigned kIdBits = 48;

// Appends the events of one part to the mix, frame by frame.
class PartCursor {
 public:
  PartCursor(const MixPart& part, std::size_t index, TraceBuilder& out)
      : part_(part),
        trace_(part.trace),
        prefix_(std::uint64_t{index} << kIdBits),
        out_(out),
        copy_(part.trace, out, [this](ObjectIndex object) { return id(object); }) {
    own_ids_ = std::ranges::all_of(trace_.objects, [](const TraceObject& object) { return object.id >> kIdBits == 0; });
    if (part.lane + trace_.lane_count - 1 > std::numeric_limits<std::uint16_t>::max()) {
      throw Error(fmt::format("lane {} of part {} is above 65535; give smaller lanes",
                              part.lane + trace_.lane_count - 1, index));
    }
  }
  PartCursor(const PartCursor&) = delete;
  PartCursor& operator=(const PartCursor&) = delete;

  // What is left of the frame, to the next `frame` event, which is taken too.
  void append_frame() {
    while (next_ < trace_.events.size()) {
      const Event& event = trace_.events[next_++];
      if (event.op == Op::frame) return;
      out_.lane(static_cast<std::uint16_t>(part_.lane + event.lane));
      copy_.append(event);
    }
  }

 private:
  [[nodiscard]] std::uint64_t id(ObjectIndex object) const {
    return prefix_ | (own_ids_ ? trace_.objects[object].id : object);
  }

  const MixPart& part_;
  const Trace& trace_;
  std::uint64_t prefix_;
  TraceBuilder& out_;
  bool own_ids_ = true;
  TraceCopy copy_;
  std::size_t next_ = 0;
};

}  // namespace

Trace merge_traces(std::span<const MixPart> parts, std::uint32_t frames_in_flight, const TraceLimits& limits) {
  VKMEMBENCH_CHECK(parts.size() <= kMaxMixParts, "a part is numbered in 16 bits");
  TraceBuilder out(frames_in_flight, limits);
  std::deque<PartCursor> cursors;
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
