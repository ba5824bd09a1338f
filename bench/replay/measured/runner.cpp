#include "bench/replay/measured/runner.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <span>
#include <unordered_map>

#include "allocator/base/thread_barrier.h"
#include "bench/replay/measured/lane_changes.h"
#include "bench/replay/measured/lane_contents.h"
#include "bench/replay/measured/lane_copies.h"
#include "bench/replay/measured/lane_creation.h"
#include "bench/replay/measured/lane_frees.h"
#include "bench/replay/measured/lane_parts.h"
#include "bench/replay/measured/lane_step.h"
#include "bench/replay/measured/lane_threads.h"
#include "bench/replay/record/lazy_memory.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kProgressEvery = 4096;

// Forgets what was measured so far; the memory events stay, for they say which blocks there are.
void start_measuring(LaneRecord& record) {
  LaneRecord fresh;
  fresh.calls.memory = std::move(record.calls.memory);
  fresh.calls.live_buffers = record.calls.live_buffers;
  fresh.calls.live_images = record.calls.live_images;
  fresh.live_count = record.live_count;
  record = std::move(fresh);  // in place, for the calls record is attached by address
}

// A frame or the trace ends: its host memory, and what lazy memory took, are looked at while most is live. Requires
// that no other lane is under way.
void look_at_memory(ReplayContext& context) {
  if (context.lazy.is_there()) {
    std::vector<const CallRecord*> records = {&context.own};
    for (const LaneRecord& lane : context.recording.lanes) records.push_back(&lane.calls);
    context.lazy.look(records);
  }
  if (context.host == nullptr) return;
  std::int64_t live = 0;
  for (const LaneRecord& lane : context.recording.lanes) live += lane.live_count;
  context.host->look(static_cast<std::uint64_t>(std::max<std::int64_t>(live, 0)));
}

// Where one frame ends and the next begins, after its copies. Requires that no other lane is under way.
void mark_frame(ReplayContext& context, std::uint64_t position) {
  if (context.marked == nullptr) return;
  const VkResult result = context.marked->fn.queue_submit(context.marked->queue, 0, nullptr, VK_NULL_HANDLE);
  if (result != VK_SUCCESS) context.note_failure(position, kNoObject, result);
}

// The harness frees what the trace left alive: the latest first, for an alias is created after what it shares.
template <bool Concurrent>
void destroy_leftovers(ReplayContext& context, Lane<Concurrent>& lane) {
  Recording& recording = context.recording;
  for (auto object = static_cast<ObjectIndex>(recording.objects.size()); object-- > 0 && !context.stop.raised();) {
    const ObjectState state = recording.objects[object].state;
    if (state != ObjectState::live && state != ObjectState::evicted && state != ObjectState::in_parts &&
        state != ObjectState::part)
      continue;
    ++recording.unfreed_count;
    lane.destroy_leftover(object);
  }
}

void run_ordered(ReplayContext& context, const ReplayOptions& options) {
  const Trace& trace = context.trace;
  Recording& recording = context.recording;
  LaneRecord& record = recording.lanes[0];
  const RecordingLayer::Attachment attached(record.calls);
  Lane<false> lane(context, record);
  std::uint64_t frame = 0;
  std::uint64_t next_progress = 0;
  const std::span<const Event> events = trace.events;  // whose size is computed once
  for (std::uint64_t position = 0; position < events.size(); ++position) {
    const Event& event = events[position];
    if (position + lane.kAhead < events.size()) lane.prefetch(events[position + lane.kAhead].object);
    if (event.op == Op::frame) [[unlikely]] {
      lane.frame_ends();
      ++frame;
      // What comes before the first frame belongs to none.
      if (const Ticks work = lane.take_frame_ticks(); frame > 1) recording.frames.push_back(work);
      if (event.frame() == trace.measure_from_frame && event.frame() != 0) {
        start_measuring(record);
        recording.frames.clear();
        if (context.transfer != nullptr) context.transfer->start_measuring();
      }
      record.calls.position = position;
      look_at_memory(context);
      if (context.transfer != nullptr) context.note_copying(position, context.transfer->end_frame());
      if (frame > 1) mark_frame(context, position);
      lane.complete_frees();
      lane.begin_frame(event.frame(), position);
    } else {
      lane.step(position);
    }
    if (context.stop.raised()) [[unlikely]]
      return;
    recording.events_done = position + 1;
    if (position >= next_progress) [[unlikely]] {
      next_progress = position + kProgressEvery;
      if (options.progress) options.progress(position);
    }
  }
  if (frame > 0) recording.frames.push_back(lane.take_frame_ticks());
  record.calls.position = trace.events.size();
  look_at_memory(context);
  if (context.transfer != nullptr)  // it may still copy what is destroyed now
    context.note_copying(trace.events.size(), context.transfer->finish());
  lane.complete_all();
  destroy_leftovers(context, lane);
}

void run_concurrent(ReplayContext& context, const ReplayOptions& options) {
  const Trace& trace = context.trace;
  Recording& recording = context.recording;
  const auto lane_count = static_cast<std::uint32_t>(trace.lanes.size());
  std::vector<std::vector<std::uint32_t>> events(lane_count);
  std::unordered_map<std::uint32_t, std::uint32_t> snapshot_number;  // by position
  for (std::uint32_t position = 0; position < trace.events.size(); ++position) {
    const Event& event = trace.events[position];
    if (event.op == Op::frame || event.op == Op::barrier) {
      for (auto& list : events) list.push_back(position);
    } else {
      if (event.op == Op::snapshot) snapshot_number[position] = static_cast<std::uint32_t>(snapshot_number.size());
      const auto lane = std::ranges::lower_bound(trace.lanes, event.lane) - trace.lanes.begin();
      events[static_cast<std::size_t>(lane)].push_back(position);
    }
  }
  recording.snapshot_stamps.resize(snapshot_number.size());

  ThreadBarrier meet(lane_count);
  const auto ended = [&] { return context.broken.load(std::memory_order_relaxed) || context.stop.raised(); };
  std::exception_ptr error;
  std::vector<Ticks> frame_work(lane_count);
  std::vector<std::uint64_t> events_done(lane_count);
  const auto run_lane = [&](std::uint32_t index) {
    LaneRecord& record = recording.lanes[index];
    const RecordingLayer::Attachment attached(record.calls);
    Lane<true> lane(context, record);
    // The first failure of a lane is passed on when all have stopped: each leaves before its next event.
    const auto guarded = [&](const auto& action) {
      if (ended()) return;
      try {
        action();
      } catch (...) {
        const std::lock_guard lock(context.mutex);
        if (!context.broken.exchange(true)) error = std::current_exception();
      }
    };
    std::uint64_t frame = 0;
    std::uint64_t done = 0;  // a frame or barrier is done once, by lane 0
    for (const std::uint32_t position : events[index]) {
      if (ended()) break;
      const Event& event = trace.events[position];
      if (event.op != Op::frame && event.op != Op::barrier) {
        guarded([&] { lane.step(position); });
        done += !ended();
        if (event.op == Op::snapshot) recording.snapshot_stamps[snapshot_number.at(position)] = read_ticks();
        continue;
      }
      record.calls.position = position;
      frame_work[index] = lane.take_frame_ticks();
      meet.arrive_and_wait();
      done += index == 0 && !ended();
      if (event.op == Op::barrier) continue;
      lane.frame_ends();
      ++frame;
      if (index == 0) {
        if (frame > 1) recording.frames.push_back(*std::ranges::max_element(frame_work));
        look_at_memory(context);
        if (context.transfer != nullptr)
          guarded([&] { context.note_copying(position, context.transfer->end_frame()); });
        if (frame > 1) guarded([&] { mark_frame(context, position); });
        recording.frame_stamps.push_back(read_ticks());
        if (options.progress) options.progress(position);
      }
      if (event.frame() == trace.measure_from_frame && event.frame() != 0) {
        meet.arrive_and_wait();  // lane 0 looks at the records of all
        start_measuring(record);
        if (index == 0) recording.frames.clear();
        if (index == 0 && context.transfer != nullptr) context.transfer->start_measuring();
      }
      meet.arrive_and_wait();
      guarded([&] { lane.complete_frees(); });
      meet.arrive_and_wait();  // strategies hear of a frame when every free that it completes is done
      if (index == 0) guarded([&] { lane.begin_frame(event.frame(), position); });
      meet.arrive_and_wait();  // it may move what the other lanes use
    }
    events_done[index] = done;
    if (ended()) return meet.arrive_and_drop();
    record.calls.position = trace.events.size();
    frame_work[index] = lane.take_frame_ticks();
    meet.arrive_and_wait();
    if (index == 0) {
      if (frame > 0) recording.frames.push_back(*std::ranges::max_element(frame_work));
      recording.end_stamp = read_ticks();
      look_at_memory(context);
      // It may still copy what is destroyed next.
      if (context.transfer != nullptr)
        guarded([&] { context.note_copying(trace.events.size(), context.transfer->finish()); });
    }
    meet.arrive_and_wait();
    guarded([&] { lane.complete_all(); });
  };
  run_on_threads(lane_count, run_lane);
  recording.events_done = std::accumulate(events_done.begin(), events_done.end(), std::uint64_t{0});
  if (error) std::rethrow_exception(error);
  if (recording.end_stamp == 0) recording.end_stamp = read_ticks();
  const RecordingLayer::Attachment attached(recording.lanes[0].calls);
  Lane<true> last(context, recording.lanes[0]);
  destroy_leftovers(context, last);
}

}  // namespace

void run_lanes(ReplayContext& context, const ReplayOptions& options) {
  if (context.stop.raised()) return;
  if (options.settings.concurrent)
    run_concurrent(context, options);
  else
    run_ordered(context, options);
}

std::uint64_t measure_overhead(ReplayContext& context) {
  LaneRecord scratch;
  Lane<false> lane(context, scratch);
  for (int i = 0; i < 1000; ++i) lane.empty_operation();
  return static_cast<std::uint64_t>(scratch.latency[static_cast<std::size_t>(Operation::destroy)].quantile(0.5));
}

}  // namespace vkmembench
