#pragma once

#include <atomic>
#include <utility>
#include <vector>

#include "bench/replay/check/pattern.h"
#include "bench/replay/frames_in_flight.h"
#include "bench/replay/measured/changes.h"
#include "bench/replay/measured/context.h"
#include "bench/replay/measured/operation_timer.h"

namespace vkmembench {

// Replays the events of one lane (or of all, in order) and records what they cost. Concurrent: other lanes run at the
// same time. Its parts are defined in headers of their own, which the runner includes; those of the measured path are
// `inline`, for the compiler to weigh as if they stood here.
template <bool Concurrent>
class Lane {
 public:
  Lane(ReplayContext& context, LaneRecord& record)
      : context_(context),
        strategy_(context.strategy),
        objects_(context.recording.objects.data()),
        record_(record),
        clock_{context.timing, context.model_ns, context.ns_per_tick, &context.stop},
        shapes_(context.requests.shapes),
        max_buffer_size_(context.limits.device().info->max_buffer_size),
        frees_(context.trace.frames_in_flight) {}

  // Events ahead whose object is fetched, so that the harness's own cache misses stay out of the operations.
  static constexpr std::size_t kAhead = 8;
  void prefetch(ObjectIndex object) const {
    if (object != kNoObject) __builtin_prefetch(&objects_[object], 1);
  }

  // One event other than `frame` and `barrier`.
  void step(std::uint64_t position);

  // A frame ends; then, once every lane is there, what it leaves free is destroyed.
  void frame_ends() { frees_.begin_frame(); }
  void complete_frees();
  // The trace ends.
  void complete_all();
  void begin_frame(std::uint64_t number, std::uint64_t position) {
    record_.calls.position = position;
    const Timer op(clock_, record_);
    strategy_.begin_frame(number);
    op.end_untyped();
  }
  // Times an operation that does nothing.
  std::uint64_t empty_operation() {
    const Timer op(clock_, record_);
    return op.end(Operation::destroy);
  }
  // The harness frees what the trace left alive.
  void destroy_leftover(ObjectIndex object) { destroy(object); }
  [[nodiscard]] Ticks take_frame_ticks() { return std::exchange(record_.frame_ticks, 0); }

 private:
  using Timer = OperationTimer;

  // The event under way does not count: its calls were answered by nobody.
  [[nodiscard]] bool is_cut() const { return clock_.stop->raised(); }
  void skip(Skip why) { record_.skipped[static_cast<std::size_t>(why)] += !is_cut(); }
  // Of a request that a strategy may be unable to serve.
  void asked(Op op, VkResult result) {
    if (result == VK_ERROR_FEATURE_NOT_PRESENT)
      not_offered(op);
    else if (result != VK_SUCCESS)
      skip(Skip::refused);
  }
  void not_offered(Op op) {
    skip(Skip::not_offered);
    record_.not_offered[static_cast<std::size_t>(op)] += !is_cut();
  }

  // lane_step.h
  bool usable(ObjectIndex object);
  [[nodiscard]] bool wait_for_turn(const Event& event, std::uint64_t position) const;
  [[nodiscard]] bool wait_until(ObjectIndex object, std::uint32_t uses) const;
  void finish_uses(const Event& event);

  // lane_creation.h
  void create_buffer(const Event& event, std::uint64_t position);
  void create_image(const Event& event, std::uint64_t position);
  void create_batch(const Event& event, std::uint64_t position);
  void create_possible(BufferRequest& request);
  [[nodiscard]] bool is_impossible(Bytes size) const;
  // Whether a strategy is asked for the object; else says what is done about it, if anything.
  [[nodiscard]] bool is_asked_for(const Event& event, std::uint64_t position);
  void unsupported(ObjectIndex object);
  void refuse(ObjectIndex object, Bytes asked, VkResult result, std::uint64_t position);
  void keep(ObjectIndex object, const Expected<Allocation>& result, std::uint64_t position);
  AliasOf alias_target(const Event& event);
  template <typename Request>
  Expected<Allocation> create(const Request& request, const AliasOf& target, Operation operation);
  template <typename Request>
  Expected<Allocation> create_own(const Request& request);
  template <typename Request>
  Expected<Allocation> create_alias(const Request& request, const AliasOf& target);
  template <typename Request>
  Expected<Allocation> create_or_ask_again(ObjectIndex object, const Request& request, const AliasOf& target,
                                           Operation operation);
  template <typename Request>
  void ask_again(ObjectIndex object, Request request, const AliasOf& target, Operation operation,
                 Expected<Allocation>& result);
  [[nodiscard]] bool is_shared(ObjectIndex object) const;
  [[nodiscard]] Bytes alignment_of(ObjectIndex object) const;
  [[nodiscard]] BufferRequest& buffer_request(ObjectIndex object, Bytes size, std::uint16_t lane);
  [[nodiscard]] ImageRequest& image_request(ObjectIndex object, std::uint16_t lane);
  template <typename Request>
  void fill(Request& request, ObjectIndex object, std::uint16_t lane) const;

  // lane_parts.h
  void create_in_parts(ObjectIndex object, const Event& event, std::uint64_t position);
  void create_part(const Event& event, std::uint64_t position);
  void destroy_in_parts(ObjectIndex object);
  void destroy_part(ObjectIndex object);

  // lane_frees.h
  void free(const Event& event);
  void destroy(ObjectIndex object);
  void freed(ObjectIndex object);

  // lane_contents.h
  template <typename Use>
  void mapped(ObjectIndex object, const Use& use);
  void write(const Event& event);
  void read(const Event& event);
  void upload(const Event& event);
  [[nodiscard]] bool takes_copies(ObjectIndex object) const;
  void filled(ObjectIndex object, Offset offset, Bytes size);
  [[nodiscard]] CopyNote copy_note(ObjectIndex target, Bytes size);
  [[nodiscard]] bool host_may_see(ObjectIndex object) const;
  void fills(ObjectIndex object, bool by_host);
  void verify(ObjectIndex object, Offset offset, Bytes size);
  Bytes held(ObjectIndex object, Offset offset, Bytes size);
  void fail(ObjectIndex object, VkResult result);
  void note_failure(ObjectIndex object, VkResult result);

  // lane_copies.h
  void copy(const Event& event);
  void copy_texels(ObjectIndex source, ObjectIndex target, Bytes size);
  [[nodiscard]] std::vector<Subresource> copied_parts(ObjectIndex source, ObjectIndex target, Bytes size) const;
  void copied(ObjectIndex source, ObjectIndex target, Bytes size);
  void read_by_device(ObjectIndex object, Bytes size);

  // lane_changes.h
  bool reload(ObjectIndex object);
  void resize(const Event& event, std::uint64_t position);
  void bind(const Event& event);
  void unbind(const Event& event);
  void budget(const Event& event);

  ReplayContext& context_;
  Strategy& strategy_;
  ReplayObject* objects_;
  LaneRecord& record_;
  LaneClock clock_;
  std::vector<ResolvedShape> shapes_;  // its own, whose requests are filled in
  Bytes max_buffer_size_;
  FramesInFlight<ObjectIndex> frees_;
  std::vector<Bytes> batch_sizes_;
  std::vector<Expected<Allocation>> batch_results_;
  std::uint8_t read_sink_ = 0;
};

}  // namespace vkmembench
