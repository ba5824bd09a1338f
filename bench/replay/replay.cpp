#include "bench/replay/replay.h"

#include <algorithm>
#include <barrier>
#include <exception>
#include <unordered_map>

#include "allocator/strategy/checked.h"
#include "allocator/strategy/named_operations.h"
#include "bench/replay/changes.h"
#include "bench/replay/lane_changes.h"
#include "bench/replay/lane_contents.h"
#include "bench/replay/lane_creation.h"
#include "bench/replay/lane_frees.h"
#include "bench/replay/lane_step.h"
#include "bench/replay/lane_threads.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kPollEvery = 4096;

// Whether a replay has to stop early.
ReplayEnd poll(const ReplayOptions& options) {
  if (options.signal != nullptr && options.signal->load(std::memory_order_relaxed) != 0) return ReplayEnd::interrupted;
  return options.has_deadline && std::chrono::steady_clock::now() > options.deadline ? ReplayEnd::timeout
                                                                                     : ReplayEnd::done;
}

// Strategies copy to resize: with lanes at once that takes the queue from whoever else might use it.
bool needs_transfer(const Trace& trace, const ReplayOptions& options) {
  if (options.check) return true;
  return std::ranges::any_of(trace.events, [&](const Event& event) {
    return event.op == Op::upload || event.op == Op::copy || (event.op == Op::resize && options.concurrent);
  });
}

// Forgets what was measured so far; the memory events stay, for they say which blocks there are.
void start_measuring(LaneRecord& record) {
  LaneRecord fresh;
  fresh.calls.memory = std::move(record.calls.memory);
  fresh.calls.live_buffers = record.calls.live_buffers;
  fresh.calls.live_images = record.calls.live_images;
  fresh.live_count = record.live_count;
  record = std::move(fresh);  // in place, for the calls record is attached by address
}

// Completes the frees that are due when `frame` begins; frames count from 0, before the first `frame` event.
template <typename LaneType>
void complete_frame(LaneType& lane, std::uint64_t frame, std::uint32_t frames_in_flight) {
  if (frame + 1 > frames_in_flight) lane.complete_frees(frame + 1 - frames_in_flight);
}

// A frame or the trace ends: its host memory is looked at while most is live.
void look_at_host(ReplayContext& context) {
  if (context.host == nullptr) return;
  std::int64_t live = 0;
  for (const LaneRecord& lane : context.recording.lanes) live += lane.live_count;
  context.host->look(static_cast<std::uint64_t>(std::max<std::int64_t>(live, 0)));
}

// The harness frees what the trace left alive: the latest first, for an alias is created after what it shares.
template <typename LaneType>
void destroy_leftovers(Recording& recording, LaneType& lane) {
  for (auto object = static_cast<ObjectIndex>(recording.objects.size()); object-- > 0;) {
    const ObjectState state = recording.objects[object].state;
    if (state != ObjectState::live && state != ObjectState::evicted) continue;
    ++recording.unfreed_count;
    lane.destroy_leftover(object);
  }
}

template <Timing T>
void run_ordered(ReplayContext& context, const ReplayOptions& options) {
  const Trace& trace = context.trace;
  Recording& recording = context.recording;
  LaneRecord& record = recording.lanes[0];
  const RecordingLayer::Attachment attached(record.calls);
  Lane<T, false> lane(context, record);
  std::uint64_t frame = 0;
  std::uint64_t next_poll = 0;  // a run that begins after the signal or the deadline ends at once
  for (std::uint64_t position = 0; position < trace.events.size(); ++position) {
    const Event& event = trace.events[position];
    if (position + lane.kAhead < trace.events.size()) lane.prefetch(trace.events[position + lane.kAhead].object);
    if (event.op == Op::frame) [[unlikely]] {
      lane.frame_ends(frame++);
      // What comes before the first frame belongs to none.
      if (const Ticks work = lane.take_frame_ticks(); frame > 1) recording.frames.push_back(work);
      if (event.a == trace.measure_from_frame && event.a != 0) {
        start_measuring(record);
        recording.frames.clear();
        if (context.transfer != nullptr) context.transfer->start_measuring();
      }
      record.calls.position = position;
      look_at_host(context);
      if (context.transfer != nullptr) context.transfer->end_frame();
      complete_frame(lane, frame, trace.frames_in_flight);
      lane.begin_frame(event.a, position);
    } else {
      lane.step(position);
    }
    // Contents that are read back may take milliseconds each.
    if (position >= next_poll || (event.op == Op::frame && context.contents != nullptr)) [[unlikely]] {
      next_poll = position + kPollEvery;
      if (options.progress) options.progress(position);
      recording.end = poll(options);
      if (recording.end != ReplayEnd::done) {
        recording.events_done = position + 1;
        context.contents = nullptr;
        break;
      }
    }
  }
  if (recording.end == ReplayEnd::done) recording.events_done = trace.events.size();
  if (frame > 0) recording.frames.push_back(lane.take_frame_ticks());
  record.calls.position = trace.events.size();
  look_at_host(context);
  if (context.transfer != nullptr) context.transfer->finish();  // it may still copy what is destroyed now
  lane.complete_all();
  destroy_leftovers(recording, lane);
}

template <Timing T>
void run_concurrent(ReplayContext& context, const ReplayOptions& options) {
  const Trace& trace = context.trace;
  Recording& recording = context.recording;
  const std::uint32_t lane_count = trace.lane_count;
  std::vector<std::vector<std::uint32_t>> events(lane_count);
  std::unordered_map<std::uint32_t, std::uint32_t> snapshot_number;  // by position
  for (std::uint32_t position = 0; position < trace.events.size(); ++position) {
    const Event& event = trace.events[position];
    if (event.op == Op::frame || event.op == Op::barrier) {
      for (auto& list : events) list.push_back(position);
    } else {
      if (event.op == Op::snapshot) snapshot_number[position] = static_cast<std::uint32_t>(snapshot_number.size());
      events[event.lane].push_back(position);
    }
  }
  recording.snapshot_stamps.resize(snapshot_number.size());

  std::barrier meet(static_cast<std::ptrdiff_t>(lane_count));
  std::atomic<ReplayEnd> end{poll(options)};
  if (end.load() != ReplayEnd::done) events.assign(lane_count, {});
  std::exception_ptr error;
  std::vector<Ticks> frame_work(lane_count);
  const auto run_lane = [&](std::uint32_t index) {
    LaneRecord& record = recording.lanes[index];
    const RecordingLayer::Attachment attached(record.calls);
    Lane<T, true> lane(context, record);
    // The first failure of a lane is passed on when all have stopped; from then on they only meet.
    const auto guarded = [&](const auto& action) {
      if (context.broken.load(std::memory_order_relaxed)) return;
      try {
        action();
      } catch (...) {
        const std::lock_guard lock(context.mutex);
        if (!context.broken.exchange(true)) error = std::current_exception();
      }
    };
    std::uint64_t frame = 0;
    for (const std::uint32_t position : events[index]) {
      const Event& event = trace.events[position];
      if (event.op != Op::frame && event.op != Op::barrier) {
        guarded([&] { lane.step(position); });
        if (event.op == Op::snapshot) recording.snapshot_stamps[snapshot_number.at(position)] = read_ticks();
        continue;
      }
      record.calls.position = position;
      frame_work[index] = lane.take_frame_ticks();
      meet.arrive_and_wait();
      if (event.op == Op::barrier) continue;
      lane.frame_ends(frame++);
      if (index == 0) {
        if (frame > 1) recording.frames.push_back(*std::ranges::max_element(frame_work));
        look_at_host(context);
        if (context.transfer != nullptr) guarded([&] { context.transfer->end_frame(); });
        recording.frame_stamps.push_back(read_ticks());
        end.store(poll(options));
        if (end.load() != ReplayEnd::done) context.contents = nullptr;
        if (options.progress) options.progress(position);
      }
      if (event.a == trace.measure_from_frame && event.a != 0) {
        start_measuring(record);
        if (index == 0) recording.frames.clear();
        if (index == 0 && context.transfer != nullptr) context.transfer->start_measuring();
      }
      meet.arrive_and_wait();
      if (end.load() != ReplayEnd::done) break;
      guarded([&] { complete_frame(lane, frame, trace.frames_in_flight); });
      meet.arrive_and_wait();  // strategies hear of a frame when every free that it completes is done
      if (index == 0) guarded([&] { lane.begin_frame(event.a, position); });
      meet.arrive_and_wait();  // it may move what the other lanes use
    }
    record.calls.position = trace.events.size();
    frame_work[index] = lane.take_frame_ticks();
    meet.arrive_and_wait();
    if (index == 0) {
      if (frame > 0) recording.frames.push_back(*std::ranges::max_element(frame_work));
      recording.end_stamp = read_ticks();
      look_at_host(context);
      // It may still copy what is destroyed next.
      if (context.transfer != nullptr) guarded([&] { context.transfer->finish(); });
    }
    meet.arrive_and_wait();
    guarded([&] { lane.complete_all(); });
  };
  run_on_threads(lane_count, run_lane);
  if (error) std::rethrow_exception(error);
  recording.end = end.load();
  recording.events_done = trace.events.size();
  const RecordingLayer::Attachment attached(recording.lanes[0].calls);
  Lane<T, true> last(context, recording.lanes[0]);
  destroy_leftovers(recording, last);
}

// What is only kept for traces that need it.
void prepare(const Trace& trace, ReplayContext& context) {
  for (const Event& event : trace.events) {
    if (event.op == Op::resize && context.sizes.empty()) {
      for (const TraceObject& object : trace.objects) context.sizes.push_back(object.size);
    }
    if ((event.op != Op::buffer && event.op != Op::image) || event.b == 0) continue;
    const auto target = static_cast<ObjectIndex>(event.b - 1);
    std::vector<ObjectIndex>& group = context.sharing[target];
    for (const ObjectIndex other : group) context.sharing[other].push_back(event.object);
    context.sharing[event.object] = group;
    context.sharing[event.object].push_back(target);
    context.sharing[target].push_back(event.object);
  }
}

// All lanes' memory events in the order they happened, and what is still there after the strategy is gone.
void collect_memory(Recording& recording, CallRecord& own, bool concurrent) {
  std::unordered_map<VkDeviceMemory, const MemoryEvent*> live;
  std::int64_t resources = own.live_buffers + own.live_images;
  std::vector<CallRecord*> records = {&own};  // first: what comes with the strategy is there before the first event
  for (LaneRecord& lane : recording.lanes) records.push_back(&lane.calls);
  for (CallRecord* calls : records) {
    recording.memory.insert(recording.memory.end(), calls->memory.begin(), calls->memory.end());
    calls->memory.clear();
    if (calls != &own) resources += calls->live_buffers + calls->live_images;
  }
  if (concurrent)
    std::ranges::stable_sort(recording.memory, {}, &MemoryEvent::stamp);
  else
    std::ranges::stable_sort(recording.memory, {}, &MemoryEvent::position);
  for (const MemoryEvent& event : recording.memory) {
    if (event.freed)
      live.erase(event.memory);
    else
      live[event.memory] = &event;
  }
  for (const auto& [memory, event] : live) recording.leaked.push_back(*event);
  std::ranges::stable_sort(recording.leaked, {}, [](const MemoryEvent& event) { return event.position; });
  recording.leaked_resource_count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, resources));
}

// Median of what an empty operation is measured to take.
template <Timing T>
std::uint64_t measure_overhead(ReplayContext& context) {
  LaneRecord scratch;
  Lane<T, false> lane(context, scratch);
  for (int i = 0; i < 1000; ++i) lane.empty_operation();
  return static_cast<std::uint64_t>(scratch.latency[static_cast<std::size_t>(Operation::destroy)].quantile(0.5));
}

using Runner = void (*)(ReplayContext&, const ReplayOptions&);
Runner runner(Timing timing, bool concurrent) {
  switch (timing) {
    case Timing::off:
      return concurrent ? run_concurrent<Timing::off> : run_ordered<Timing::off>;
    case Timing::operations:
      return concurrent ? run_concurrent<Timing::operations> : run_ordered<Timing::operations>;
    case Timing::split:
      break;
  }
  return concurrent ? run_concurrent<Timing::split> : run_ordered<Timing::split>;
}

}  // namespace

double ns_per_tick(const Device& device) {
  static const TickRate rate = calibrate_ticks();
  return device.model_ns != nullptr ? 1.0 : rate.ns_per_tick;
}

Recording replay(const Trace& trace, const Requests& requests, LimitsLayer& limits, const Device& raw,
                 const MakeStrategy& make, const ReplayOptions& options) {
  Recording recording;
  recording.objects.resize(trace.objects.size());
  recording.lanes.resize(options.concurrent ? trace.lane_count : 1);
  std::unique_ptr<HostAccount> host;
  HostObjects host_objects(trace);
  if (options.host_tracking) host = std::make_unique<HostAccount>(trace, limits.device());
  host_objects.track(host.get());
  RecordingLayer layer(host != nullptr ? host->device() : limits.device(),
                       options.timing == Timing::split ? RecordingLayer::Timing::on : RecordingLayer::Timing::off,
                       options.concurrent);
  Violations violations;
  CallRecord own;  // of making and destroying the strategy
  std::unique_ptr<Strategy> strategy;
  {
    const RecordingLayer::Attachment attached(own);
    const MakeStrategy make_named = [&](const Device& device) -> std::unique_ptr<Strategy> {
      if (host == nullptr) return make(device);
      return std::make_unique<NamedOperations>(host->tracker(), [&] { return make(device); });
    };
    strategy = options.check ? std::make_unique<Checked>(layer.device(), raw, violations, make_named)
                             : make_named(layer.device());
  }
  std::unique_ptr<Transfer> transfer;
  if (needs_transfer(trace, options)) {
    try {
      transfer =
          std::make_unique<Transfer>(limits.device(), raw, trace.frames_in_flight, strategy->staging_ring_bytes());
    } catch (...) {
      const RecordingLayer::Attachment attached(own);
      strategy.reset();
      throw;
    }
  }
  Contents contents;
  ReplayContext context{.trace = trace,
                        .requests = requests,
                        .strategy = *strategy,
                        .limits = limits,
                        .transfer = transfer.get(),
                        .contents = options.check ? &contents : nullptr,
                        .host_objects = host_objects,
                        .host = host.get(),
                        .recording = recording,
                        .violations = violations,
                        .model_ns = raw.model_ns,
                        .ns_per_tick = ns_per_tick(raw)};
  prepare(trace, context);
  Changes changes(context);
  context.changes = &changes;
  if (options.concurrent) {
    context.turns = turns_of(trace);
    context.uses_done = std::make_unique<std::atomic<std::uint32_t>[]>(trace.objects.size());
    recording.stamps.resize(trace.objects.size());
  }
  {
    const RecordingLayer::Attachment attached(own);
    strategy->start({.listener = &changes,
                     .frames_in_flight = trace.frames_in_flight,
                     .defragments = !trace.defragments.empty(),
                     .concurrent = options.concurrent});
  }
  if (options.timing != Timing::off) recording.overhead_ns = measure_overhead<Timing::split>(context);
  try {
    runner(options.timing, options.concurrent)(context, options);
  } catch (...) {
    // The strategy goes as it does at any end: with nothing live, and its calls credited.
    const RecordingLayer::Attachment attached(own);
    for (const ReplayObject& object : recording.objects) {
      if (object.state == ObjectState::live) strategy->destroy(object.allocation, 0);
    }
    strategy.reset();
    throw;
  }

  {
    const RecordingLayer::Attachment attached(own);  // what a strategy put off it does before it says what it holds
    own.position = trace.events.size();
    recording.pools = strategy->pools();
    recording.strategy_metrics = strategy->metrics();
  }
  if (transfer != nullptr) {
    transfer->finish();
    recording.staging_peak = transfer->staging_peak();
    recording.staging_waits = transfer->wait_count();
    recording.copied_bytes = transfer->copied_bytes();
  }
  {
    const RecordingLayer::Attachment attached(own);
    own.position = trace.events.size() + 1;
    strategy.reset();
  }
  recording.unfreed_count += host_objects.free_all();
  if (host != nullptr) recording.host = host->finish();
  collect_memory(recording, own, options.concurrent);
  recording.violation_counts = violations.counts();
  recording.violations = violations.texts();
  return recording;
}

}  // namespace vkmembench
