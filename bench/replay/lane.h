#pragma once

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "bench/replay/context.h"
#include "bench/replay/pattern.h"

namespace vkmembench {

// Replays the events of one lane (or of all, in order) and records what they cost. T says what is timed; Concurrent,
// whether other lanes run at the same time.
template <Timing T, bool Concurrent>
class Lane {
 public:
  Lane(ReplayContext& context, LaneRecord& record)
      : context_(context),
        strategy_(context.strategy),
        objects_(context.recording.objects.data()),
        record_(record),
        ns_per_tick_(context.ns_per_tick) {}

  // Events ahead whose object is fetched, so that the harness's own cache misses stay out of the operations.
  static constexpr std::size_t kAhead = 8;
  void prefetch(ObjectIndex object) const {
    if (object != kNoObject) __builtin_prefetch(&objects_[object], 1);
  }

  // One event other than `frame` and `barrier`.
  void step(std::uint64_t position) {
    const Event& event = context_.trace.events[position];
    record_.calls.position = position;
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
        touch(event);
        break;
      case Op::budget:
        budget(event);
        break;
      case Op::resize:
      case Op::bind:
      case Op::unbind:
      case Op::mark:
        wait_for_create(event.object);
        [[fallthrough]];
      case Op::defragment:
        skip(Skip::not_offered);
        break;
      case Op::host_alloc:
      case Op::host_free:
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
    const Span op(*this);
    strategy_.begin_frame(number);
    op.end_untyped();
  }
  // Times an operation that does nothing.
  std::uint64_t empty_operation() {
    const Span op(*this);
    return op.end(Operation::destroy);
  }
  // The harness frees what the trace left alive.
  void destroy_leftover(ObjectIndex object) { destroy(object); }
  [[nodiscard]] Ticks take_frame_ticks() { return std::exchange(record_.frame_ticks, 0); }

 private:
  // Times one operation; the driver's share comes from the recording layer.
  class Span {
   public:
    explicit Span(Lane& lane) : lane_(lane) {
      if constexpr (T == Timing::split) driver_ = lane.record_.calls.driver_ticks;
      if constexpr (T != Timing::off) {
        blocks_ = lane.record_.calls.counts[static_cast<std::size_t>(EntryPoint::allocate_memory)];
        start_ = lane.now();
      }
    }
    std::uint64_t end(Operation operation) const {
      if constexpr (T == Timing::off) return 0;
      const std::uint64_t ns = end_untyped();
      lane_.record_.latency[static_cast<std::size_t>(operation)].add(ns);
      return ns;
    }
    std::uint64_t end_untyped() const {
      if constexpr (T == Timing::off) return 0;
      const Ticks spent = lane_.now() - start_;
      lane_.record_.operation_ticks += spent;
      lane_.record_.frame_ticks += spent;
      if constexpr (T == Timing::split)
        lane_.record_.operation_driver_ticks += lane_.record_.calls.driver_ticks - driver_;
      return lane_.to_ns(spent);
    }
    void end_create(Operation operation, const Expected<Allocation>& result) const {
      if constexpr (T == Timing::off) return;
      const std::uint64_t ns = end(operation);
      Cause cause = Cause::hit;
      if (!result)
        cause = Cause::refused;
      else if (result->fallback)
        cause = Cause::fallback;
      else if (result->dedicated)
        cause = Cause::dedicated;
      else if (lane_.record_.calls.counts[static_cast<std::size_t>(EntryPoint::allocate_memory)] != blocks_)
        cause = Cause::new_block;
      lane_.record_.by_cause[static_cast<std::size_t>(cause)].add(ns);
    }

   private:
    Lane& lane_;
    Ticks start_ = 0;
    Ticks driver_ = 0;
    std::uint64_t blocks_ = 0;
  };

  [[nodiscard]] Ticks now() const { return context_.model_ns != nullptr ? *context_.model_ns : read_ticks(); }
  [[nodiscard]] std::uint64_t to_ns(Ticks ticks) const {
    return static_cast<std::uint64_t>(static_cast<double>(ticks) * ns_per_tick_ + 0.5);
  }
  void skip(Skip why) { ++record_.skipped[static_cast<std::size_t>(why)]; }

  void keep(ObjectIndex object, const Expected<Allocation>& result, std::uint64_t position) {
    ReplayObject& entry = objects_[object];
    if (result) {
      entry.allocation = *result;
      entry.state = ObjectState::live;
    } else {
      entry.state = ObjectState::refused;
      record_.refusals.push_back({position, object, result.result()});
    }
    if constexpr (Concurrent) context_.recording.stamps[object].created = read_ticks();
  }

  void create_buffer(const Event& event, std::uint64_t position) {
    BufferRequest request = context_.requests.shapes[context_.trace.objects[event.object].shape].buffer;
    request.size = event.a;
    request.lane = event.lane;
    ++record_.create_count;
    const Span op(*this);
    const Expected<Allocation> result = strategy_.create_buffer(request);
    op.end_create(Operation::create_buffer, result);
    keep(event.object, result, position);
  }

  void create_image(const Event& event, std::uint64_t position) {
    const ResolvedShape& shape = context_.requests.shapes[context_.trace.objects[event.object].shape];
    if (!shape.supported) {
      objects_[event.object].state = ObjectState::unsupported;
      objects_[event.object].unsupported = true;
      if constexpr (Concurrent) context_.recording.stamps[event.object].created = read_ticks();
      return;
    }
    ++record_.create_count;
    ImageRequest request = shape.image;
    request.lane = event.lane;
    const Span op(*this);
    const Expected<Allocation> result = strategy_.create_image(request);
    op.end_create(Operation::create_image, result);
    keep(event.object, result, position);
  }

  void create_batch(const Event& event, std::uint64_t position) {
    BufferRequest request = context_.requests.shapes[context_.trace.objects[event.object].shape].buffer;
    request.lane = event.lane;
    const auto count = static_cast<std::size_t>(event.a);
    batch_sizes_.clear();
    for (std::size_t i = 0; i < count; ++i) batch_sizes_.push_back(context_.trace.objects[event.object + i].size);
    batch_results_.assign(count, Expected<Allocation>(VK_NOT_READY));
    record_.create_count += count;
    const Span op(*this);
    strategy_.create_buffers(request, batch_sizes_, batch_results_);
    op.end(Operation::batch);
    for (std::size_t i = 0; i < count; ++i)
      keep(event.object + static_cast<ObjectIndex>(i), batch_results_[i], position);
  }

  void free(const Event& event) {
    if constexpr (Concurrent) wait_until(event.object, context_.uses_before_free[event.object]);
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
      skip(entry.state == ObjectState::unsupported ? Skip::unsupported : Skip::refused);
      entry.state = ObjectState::freed;
      return;
    }
    if (context_.contents != nullptr) {
      verify(object, 0, context_.trace.objects[object].size);
      context_.contents->forget(object);
    }
    if constexpr (Concurrent) context_.recording.stamps[object].destroyed = read_ticks();
    ++record_.free_count;
    const Span op(*this);
    strategy_.destroy(entry.allocation, 0);
    op.end(Operation::destroy);
    entry.state = ObjectState::freed;
  }

  // True when the event's object is there to be used; else counts why not.
  bool usable(ObjectIndex object) {
    wait_for_create(object);
    switch (objects_[object].state) {
      case ObjectState::live:
        return objects_[object].allocation.memory != VK_NULL_HANDLE;
      case ObjectState::unsupported:
        skip(Skip::unsupported);
        return false;
      default:
        skip(Skip::refused);
        return false;
    }
  }

  // Maps the object, calls use(bytes of the object), unmaps.
  template <typename Use>
  void mapped(ObjectIndex object, const Use& use) {
    const Allocation& allocation = objects_[object].allocation;
    if (context_.transfer != nullptr) context_.transfer->settle_copies();
    ++record_.map_count;
    ++objects_[object].map_count;
    const Span op(*this);
    const Expected<std::byte*> address = strategy_.map(allocation);
    op.end(Operation::map);
    if (!address) {
      fail(object, address.result());
      return;
    }
    use(*address);
    strategy_.unmap(allocation);
  }

  void fail(ObjectIndex object, VkResult result) {
    skip(Skip::failed);
    note_failure(object, result);
  }
  void note_failure(ObjectIndex object, VkResult result) {
    const std::lock_guard lock(context_.mutex);
    context_.recording.failures.push_back({record_.calls.position, object, result});
  }

  void verify(ObjectIndex object, Offset offset, Bytes size) {
    if (const VkResult result = verify_contents(context_, object, offset, size); result != VK_SUCCESS)
      note_failure(object, result);
  }

  // How much of [offset, offset + size) the object has: a resize that was not made leaves it at its first size. When
  // nothing, the event is skipped.
  Bytes held(ObjectIndex object, Offset offset, Bytes size) {
    const Bytes whole = context_.trace.objects[object].size;
    if (offset < whole) return std::min(size, whole - offset);
    skip(Skip::not_offered);
    return 0;
  }

  void write(const Event& event) {
    if (!usable(event.object)) return;
    const Bytes size = held(event.object, event.b, event.a);
    if (size == 0) return;
    mapped(event.object, [&](std::byte* bytes) {
      // A flush takes whole atoms with it: what a copy wrote there must be seen before it is written back.
      VkResult result = VK_SUCCESS;
      if (std::atomic_ref(objects_[event.object].device_wrote).load(std::memory_order_relaxed))
        result = strategy_.invalidate(objects_[event.object].allocation, event.b, size);
      if (result != VK_SUCCESS) return fail(event.object, result);
      Pattern(event.object).fill({bytes + event.b, static_cast<std::size_t>(size)}, event.b);
      result = strategy_.flush(objects_[event.object].allocation, event.b, size);
      if (result != VK_SUCCESS) fail(event.object, result);
      if (context_.contents == nullptr) return;
      if (result == VK_SUCCESS)
        context_.contents->written(event.object, event.b, size);
      else
        context_.contents->forget(event.object);
    });
  }

  void read(const Event& event) {
    if (!usable(event.object)) return;
    const Bytes size = held(event.object, event.b, event.a);
    if (size == 0) return;
    if (context_.contents != nullptr) return verify(event.object, event.b, size);
    mapped(event.object, [&](const std::byte* bytes) {
      const VkResult result = strategy_.invalidate(objects_[event.object].allocation, event.b, size);
      if (result != VK_SUCCESS) return fail(event.object, result);
      for (Bytes at = 0; at < size; at += 64) read_sink_ += static_cast<std::uint8_t>(bytes[event.b + at]);
    });
  }

  void upload(const Event& event) {
    if (!usable(event.object)) return;
    const Bytes size = held(event.object, 0, event.a);
    const Shape& shape = context_.trace.shape_of(event.object);
    const Pattern pattern(event.object);
    const Allocation& allocation = objects_[event.object].allocation;
    const Ticks start = T == Timing::off ? 0 : now();
    VkResult result = VK_SUCCESS;
    Bytes copied = size;
    if (shape.image) {
      const bool fresh = !std::atomic_ref(objects_[event.object].has_layout).exchange(true);
      const Expected<Bytes> done = context_.transfer->upload_image(
          allocation.as_image(), context_.requests.shapes[context_.trace.objects[event.object].shape].image, size,
          fresh, [&](std::span<std::byte> bytes, Offset offset) { pattern.fill(bytes, offset); });
      result = done.result();
      if (done)
        copied = *done;
      else if (fresh)
        objects_[event.object].has_layout = false;
    } else {
      result = context_.transfer->upload_buffer(
          allocation.buffer(), size, is_mappable(shape.memory),
          [&](std::span<std::byte> bytes, Offset offset) { pattern.fill(bytes, offset); });
    }
    if (result != VK_SUCCESS) return fail(event.object, result);
    note_device_write(event.object);
    if constexpr (T != Timing::off) {
      const Ticks spent = now() - start;
      record_.latency[static_cast<std::size_t>(Operation::upload)].add(to_ns(spent));
      record_.upload_ticks += spent;
    }
    if (context_.contents != nullptr) context_.contents->written(event.object, 0, copied);
  }

  void note_device_write(ObjectIndex object) {
    if (is_mappable(context_.trace.shape_of(object).memory))
      std::atomic_ref(objects_[object].device_wrote).store(true, std::memory_order_relaxed);
  }

  void copy(const Event& event) {
    const auto target = static_cast<ObjectIndex>(event.b);
    const bool source_usable = usable(event.object);
    const bool target_usable = usable(target);
    if (!source_usable || !target_usable) return;
    const Bytes size = std::min(held(event.object, 0, event.a), held(target, 0, event.a));
    if (const VkResult result = context_.transfer->copy_buffer(objects_[event.object].allocation.buffer(),
                                                               objects_[target].allocation.buffer(), size);
        result != VK_SUCCESS)
      return fail(event.object, result);
    note_device_write(target);
    if (context_.contents != nullptr) context_.contents->copied(event.object, target, size);
  }

  void touch(const Event& event) { wait_for_create(event.object); }

  void budget(const Event& event) {
    for (const auto& [heap, bytes] :
         resolve_budget(context_.trace.budgets[event.a], context_.limits.device().info->memory))
      context_.limits.set_budget(heap, bytes);
  }

  void wait_until(ObjectIndex object, std::uint32_t uses) const {
    for (int spins = 0; context_.uses_done[object].load(std::memory_order_acquire) < uses; ++spins) {
      if (context_.broken.load(std::memory_order_relaxed)) return;
      if (spins > 64) std::this_thread::yield();
    }
  }
  void wait_for_create(ObjectIndex object) const {
    if constexpr (Concurrent) wait_until(object, 1);
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
  double ns_per_tick_;
  std::vector<ObjectIndex> pending_;  // freed, in order; [0, completed_) are destroyed
  std::size_t completed_ = 0;
  std::vector<FrameEnd> frame_ends_;
  std::vector<Bytes> batch_sizes_;
  std::vector<Expected<Allocation>> batch_results_;
  std::uint8_t read_sink_ = 0;
};

}  // namespace vkmembench
