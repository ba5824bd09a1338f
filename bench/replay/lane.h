#pragma once

#include <atomic>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "bench/replay/changes.h"
#include "bench/replay/context.h"
#include "bench/replay/operation_timer.h"
#include "bench/replay/pattern.h"

namespace vkmembench {

// Replays the events of one lane (or of all, in order) and records what they cost. T says what is timed; Concurrent,
// whether other lanes run at the same time. What fills and reads objects is in lane_contents.h, what changes them in
// lane_changes.h.
template <Timing T, bool Concurrent>
class Lane {
 public:
  Lane(ReplayContext& context, LaneRecord& record)
      : context_(context),
        strategy_(context.strategy),
        objects_(context.recording.objects.data()),
        record_(record),
        clock_{context.model_ns, context.ns_per_tick} {}

  // Events ahead whose object is fetched, so that the harness's own cache misses stay out of the operations.
  static constexpr std::size_t kAhead = 8;
  void prefetch(ObjectIndex object) const {
    if (object != kNoObject) __builtin_prefetch(&objects_[object], 1);
  }

  // One event other than `frame` and `barrier`.
  void step(std::uint64_t position) {
    const Event& event = context_.trace.events[position];
    record_.calls.position = position;
    if (Concurrent && !wait_for_turn(event, position)) return;
    switch (event.op) {
      case Op::buffer:
        create_buffer(event, position);
        break;
      case Op::image:
        create_image(event, position);
        break;
      case Op::batch:
        create_batch(event, position);
        break;
      case Op::free:
        free(event);
        break;
      case Op::write:
        write(event);
        break;
      case Op::read:
        read(event);
        break;
      case Op::upload:
        upload(event);
        break;
      case Op::copy:
        copy(event);
        break;
      case Op::touch:
        if (usable(event.object)) strategy_.touch(objects_[event.object].allocation);
        break;
      case Op::resize:
        resize(event, position);
        break;
      case Op::bind:
        bind(event);
        break;
      case Op::unbind:
        unbind(event);
        break;
      case Op::mark:
        if (usable(event.object)) asked(event.op, strategy_.mark(objects_[event.object].allocation));
        break;
      case Op::defragment:
        asked(event.op, strategy_.defragment(context_.trace.defragments[event.a]));
        break;
      case Op::budget:
        budget(event);
        break;
      case Op::host_alloc:
        if (!context_.host_objects.allocate(event)) skip(Skip::refused);
        break;
      case Op::host_free:
        if (!context_.host_objects.free(event.object)) skip(Skip::refused);
        break;
      case Op::snapshot:
      case Op::frame:
      case Op::barrier:
      case Op::count:
        break;
    }
    if constexpr (Concurrent) finish_uses(event);
  }

  // Completes every free that was asked for before the given frame; frames count from 0, before the first `frame`
  // event.
  void complete_frees(std::uint64_t before_frame) {
    while (!frame_ends_.empty() && frame_ends_.front().frame < before_frame) {
      complete_until(frame_ends_.front().end);
      frame_ends_.erase(frame_ends_.begin());
    }
  }
  void complete_all() { complete_until(pending_.size()); }
  void frame_ends(std::uint64_t frame) {
    if (pending_.size() != completed_) frame_ends_.push_back({frame, pending_.size()});
    if (completed_ > 4096 && completed_ * 2 > pending_.size()) compact();
  }
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
  using Timer = OperationTimer<T>;

  void skip(Skip why) { ++record_.skipped[static_cast<std::size_t>(why)]; }
  // Of a request that a strategy may be unable to serve.
  void asked(Op op, VkResult result) {
    if (result == VK_ERROR_FEATURE_NOT_PRESENT)
      not_offered(op);
    else if (result != VK_SUCCESS)
      skip(Skip::refused);
  }
  void not_offered(Op op) {
    skip(Skip::not_offered);
    ++record_.not_offered[static_cast<std::size_t>(op)];
  }

  void keep(ObjectIndex object, const Expected<Allocation>& result, std::uint64_t position) {
    ReplayObject& entry = objects_[object];
    if (result) {
      entry.allocation = *result;
      entry.state = ObjectState::live;
      ++record_.live_count;
    } else {
      entry.state = ObjectState::refused;
      record_.refusals.push_back({position, object, result.result()});
    }
    if constexpr (Concurrent) context_.recording.stamps[object].created = read_ticks();
  }

  // The object whose memory the event's object is to share; kNoObject for memory of its own.
  ObjectIndex alias_target(const Event& event) {
    if (event.b == 0) [[likely]]
      return kNoObject;
    const auto target = static_cast<ObjectIndex>(event.b - 1);
    if (!Concurrent && objects_[target].state == ObjectState::live) return target;
    ++record_.unshared_alias_count;
    return kNoObject;
  }
  // Calls `create`, for an alias of `target` where the strategy can.
  template <typename Request>
  Expected<Allocation> create(const Request& request, ObjectIndex target, Operation operation) {
    const auto own = [&] {
      if constexpr (std::is_same_v<Request, BufferRequest>)
        return strategy_.create_buffer(request);
      else
        return strategy_.create_image(request);
    };
    const Timer op(clock_, record_);
    if (target == kNoObject) [[likely]] {
      const Expected<Allocation> result = own();
      op.end_create(operation, result);
      return result;
    }
    Expected<Allocation> result = strategy_.create_alias(request, objects_[target].allocation);
    if (result.result() == VK_ERROR_FEATURE_NOT_PRESENT) {
      ++record_.unshared_alias_count;
      result = own();
    }
    op.end_create(operation, result);
    return result;
  }

  [[nodiscard]] bool is_shared(ObjectIndex object) const {
    return !context_.sharing.empty() && context_.sharing.contains(object);
  }
  [[nodiscard]] BufferRequest buffer_request(ObjectIndex object, Bytes size, std::uint16_t lane) const {
    BufferRequest request = context_.requests.shapes[context_.trace.objects[object].shape].buffer;
    request.size = size;
    request.lane = lane;
    request.user = Changes::user_of(object);
    request.shared = is_shared(object);
    return request;
  }
  [[nodiscard]] ImageRequest image_request(ObjectIndex object, std::uint16_t lane) const {
    ImageRequest request = context_.requests.shapes[context_.trace.objects[object].shape].image;
    request.lane = lane;
    request.user = Changes::user_of(object);
    request.shared = is_shared(object);
    return request;
  }

  // No buffer can have so many bytes: whatever the strategy, nobody may ask the driver for it.
  [[nodiscard]] bool is_impossible(Bytes size) const { return size > context_.limits.device().info->max_buffer_size; }

  void create_buffer(const Event& event, std::uint64_t position) {
    ++record_.create_count;
    if (is_impossible(event.a)) [[unlikely]]
      return keep(event.object, VK_ERROR_OUT_OF_DEVICE_MEMORY, position);
    keep(event.object,
         create(buffer_request(event.object, event.a, event.lane), alias_target(event), Operation::create_buffer),
         position);
  }

  void create_image(const Event& event, std::uint64_t position) {
    if (!context_.requests.shapes[context_.trace.objects[event.object].shape].supported) {
      objects_[event.object].state = ObjectState::unsupported;
      objects_[event.object].unsupported = true;
      if constexpr (Concurrent) context_.recording.stamps[event.object].created = read_ticks();
      return;
    }
    ++record_.create_count;
    keep(event.object, create(image_request(event.object, event.lane), alias_target(event), Operation::create_image),
         position);
  }

  void create_batch(const Event& event, std::uint64_t position) {
    BufferRequest request = buffer_request(event.object, 0, event.lane);
    const auto count = static_cast<std::size_t>(event.a);
    batch_sizes_.clear();
    for (ObjectIndex i = 0; i < count; ++i) {
      batch_sizes_.push_back(context_.trace.objects[event.object + i].size);
      request.shared = request.shared || is_shared(event.object + i);
    }
    batch_results_.assign(count, Expected<Allocation>(VK_ERROR_OUT_OF_DEVICE_MEMORY));
    record_.create_count += count;
    const Timer op(clock_, record_);
    create_possible(request);
    op.end(Operation::batch);
    for (std::size_t i = 0; i < count; ++i)
      keep(event.object + static_cast<ObjectIndex>(i), batch_results_[i], position);
  }

  // Asks for the batch, in parts between the sizes that are impossible: these keep their result.
  void create_possible(BufferRequest& request) {
    const std::uint64_t user = request.user;
    const std::span<const Bytes> sizes = batch_sizes_;
    for (std::size_t begin = 0; begin < sizes.size();) {
      std::size_t end = begin;
      while (end < sizes.size() && !is_impossible(sizes[end])) ++end;
      request.user = user + begin;
      if (end > begin)
        strategy_.create_buffers(request, sizes.subspan(begin, end - begin),
                                 std::span(batch_results_).subspan(begin, end - begin));
      begin = end + 1;
    }
  }

  void free(const Event& event) {
    if constexpr (Concurrent) context_.recording.stamps[event.object].freed = read_ticks();
    if (context_.trace.frames_in_flight == 0)
      destroy(event.object);
    else
      pending_.push_back(event.object);
  }

  void complete_until(std::size_t end) {
    for (; completed_ < end; ++completed_) {
      if (completed_ + kAhead < end) prefetch(pending_[completed_ + kAhead]);
      destroy(pending_[completed_]);
    }
  }

  void destroy(ObjectIndex object) {
    ReplayObject& entry = objects_[object];
    if (entry.state != ObjectState::live) {
      skip(entry.state == ObjectState::unsupported ? Skip::unsupported
           : entry.state == ObjectState::evicted   ? Skip::evicted
                                                   : Skip::refused);
      entry.state = ObjectState::freed;
      return;
    }
    if (context_.contents != nullptr) {
      verify(object, 0, context_.size_of(object));
      context_.contents->forget(object);
    }
    if constexpr (Concurrent) context_.recording.stamps[object].destroyed = read_ticks();
    ++record_.free_count;
    const Timer op(clock_, record_);
    strategy_.destroy(entry.allocation, 0);
    op.end(Operation::destroy);
    entry.state = ObjectState::freed;
    --record_.live_count;
  }

  // True when the event's object is there to be used; else counts why not. What was evicted is created again.
  bool usable(ObjectIndex object) {
    switch (objects_[object].state) {
      case ObjectState::live:
        return objects_[object].allocation.memory != VK_NULL_HANDLE;
      case ObjectState::unsupported:
        skip(Skip::unsupported);
        return false;
      case ObjectState::evicted:
        return reload(object);
      default:
        skip(Skip::refused);
        return false;
    }
  }

  // lane_contents.h
  template <typename Use>
  void mapped(ObjectIndex object, const Use& use);
  void write(const Event& event);
  void read(const Event& event);
  void upload(const Event& event);
  void copy(const Event& event);
  void filled(ObjectIndex object);
  void verify(ObjectIndex object, Offset offset, Bytes size);
  Bytes held(ObjectIndex object, Offset offset, Bytes size);
  void fail(ObjectIndex object, VkResult result);
  void note_failure(ObjectIndex object, VkResult result);

  // lane_changes.h
  bool reload(ObjectIndex object);
  void resize(const Event& event, std::uint64_t position);
  void bind(const Event& event);
  void unbind(const Event& event);
  void budget(const Event& event);

  // False when a lane broke down meanwhile, and with it the order.
  [[nodiscard]] bool wait_for_turn(const Event& event, std::uint64_t position) const {
    if (event.object == kNoObject) return true;
    const Turn& turn = context_.turns[position];
    return wait_until(event.object, turn.object) && (event.op != Op::copy || wait_until(event.b, turn.target));
  }
  [[nodiscard]] bool wait_until(std::uint64_t object, std::uint32_t uses) const {
    for (int spins = 0; context_.uses_done[object].load(std::memory_order_acquire) < uses; ++spins) {
      if (context_.broken.load(std::memory_order_relaxed)) return false;
      if (spins > 64) std::this_thread::yield();
    }
    return true;
  }
  void finish_uses(const Event& event) {
    if (event.object == kNoObject) return;
    const std::uint64_t count = event.op == Op::batch ? event.a : 1;
    for (std::uint64_t i = 0; i < count; ++i)
      context_.uses_done[event.object + i].fetch_add(1, std::memory_order_release);
    if (event.op == Op::copy) context_.uses_done[event.b].fetch_add(1, std::memory_order_release);
  }
  void compact() {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(completed_));
    for (FrameEnd& mark : frame_ends_) mark.end -= completed_;
    completed_ = 0;
  }

  struct FrameEnd {
    std::uint64_t frame;
    std::size_t end;
  };
  ReplayContext& context_;
  Strategy& strategy_;
  ReplayObject* objects_;
  LaneRecord& record_;
  LaneClock clock_;
  std::vector<ObjectIndex> pending_;  // freed, in order; [0, completed_) are destroyed
  std::size_t completed_ = 0;
  std::vector<FrameEnd> frame_ends_;
  std::vector<Bytes> batch_sizes_;
  std::vector<Expected<Allocation>> batch_results_;
  std::uint8_t read_sink_ = 0;
};

}  // namespace vkmembench
