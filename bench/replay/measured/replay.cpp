#include "bench/replay/measured/replay.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <unordered_map>

#include "allocator/base/os/abandon.h"
#include "allocator/device/layers/loss_layer.h"
#include "allocator/device/layers/stop_layer.h"
#include "allocator/oracle/checked.h"
#include "allocator/strategy/common/named_operations.h"
#include "bench/replay/counting/counted_calls.h"
#include "bench/replay/measured/changes.h"
#include "bench/replay/measured/copy_results.h"
#include "bench/replay/measured/runner.h"
#include "bench/replay/parts/part_binder.h"
#include "bench/replay/record/lazy_memory.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

ReplayEnd end_of(const StopFlag& stop) {
  switch (stop.reason()) {
    case StopReason::none:
      break;
    case StopReason::strategy_timeout:
      return ReplayEnd::strategy_timeout;
    case StopReason::device_lost:
      return ReplayEnd::device_lost;
    case StopReason::timeout:
      return ReplayEnd::timeout;
    case StopReason::signal:
      return ReplayEnd::interrupted;
  }
  return ReplayEnd::done;
}

// Strategies copy to resize: with lanes at once that takes the queue from all other users.
bool needs_transfer(const Trace& trace, const ReplayOptions& options) {
  return trace.has(Effect::copies) || (options.settings.concurrent && trace.has(Effect::resizes));
}

// Of a replay that did not reach its end.
void destroy_live(ReplayContext& context, CallRecord& record) {
  const RecordingLayer::Attachment attached(record);
  const std::vector<ReplayObject>& objects = context.recording.objects;
  for (std::size_t object = objects.size(); object-- > 0 && !context.stop.abandons();) {
    const ObjectState state = objects[object].state;
    if (state == ObjectState::live || state == ObjectState::part)
      context.strategy.destroy(objects[object].allocation, 0);
  }
}

// Requires nothing to be live, unless all is left as it is.
void end_strategy(std::unique_ptr<Strategy>& strategy, CallRecord& record, const StopFlag& stop) {
  const RecordingLayer::Attachment attached(record);
  if (stop.abandons())
    abandon(strategy);
  else
    strategy.reset();
}

// Whatever throws, the strategy ends as it does otherwise, its calls noted.
struct EndOnError {
  ReplayContext& context;
  std::unique_ptr<Strategy>& strategy;
  std::unique_ptr<Transfer>& transfer;
  CallRecord& record;

  ~EndOnError() {
    if (strategy == nullptr || context.stop.abandons()) return;
    transfer.reset();  // it may still copy what is destroyed now
    destroy_live(context, record);
    end_strategy(strategy, record, context.stop);
  }
};

// What is only kept for traces that need it.
void prepare(const Trace& trace, ReplayContext& context) {
  context.sharing = Sharing(trace);
  const bool sizes_change = trace.has(Effect::resizes) || std::ranges::any_of(trace.shapes, [](const Shape& shape) {
                              return shape.on_refusal.size() != 0;
                            });
  if (sizes_change)
    for (const TraceObject& object : trace.objects) context.sizes.push_back(object.size);
}

// All lanes' memory events in the order they happened.
void collect_memory(Recording& recording, CallRecord& own, bool concurrent) {
  std::vector<CallRecord*> records = {&own};  // first: what comes with the strategy is there before the first event
  for (LaneRecord& lane : recording.lanes) records.push_back(&lane.calls);
  for (CallRecord* calls : records) {
    recording.memory.insert(recording.memory.end(), calls->memory.begin(), calls->memory.end());
    calls->memory.clear();
  }
  if (concurrent)
    std::ranges::stable_sort(recording.memory, {}, &MemoryEvent::stamp);
  else
    std::ranges::stable_sort(recording.memory, {}, &MemoryEvent::position);
}

// What is still there after the strategy is gone.
void note_leaks(Recording& recording, const CallRecord& own) {
  std::unordered_map<VkDeviceMemory, const MemoryEvent*> live;
  for (const MemoryEvent& event : recording.memory) {
    if (event.freed)
      live.erase(event.memory);
    else
      live[event.memory] = &event;
  }
  for (const auto& [memory, event] : live) recording.leaked.push_back(*event);
  std::ranges::stable_sort(recording.leaked, {}, [](const MemoryEvent& event) { return event.position; });
  std::int64_t resources = own.live_buffers + own.live_images;
  for (const LaneRecord& lane : recording.lanes) resources += lane.calls.live_buffers + lane.calls.live_images;
  recording.leaked_resource_count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, resources));
}

}  // namespace

double ns_per_tick(const Device& device) {
  static const TickRate rate = calibrate_ticks();
  return device.model_ns != nullptr ? 1.0 : rate.ns_per_tick;
}

Recording replay(const Trace& trace, const Requests& requests, LimitsLayer& limits, const Device& raw,
                 const MakeStrategy& make, const ReplayOptions& options) {
  StopFlag never;
  StopFlag& stop = options.stop != nullptr ? *options.stop : never;
  Recording recording;
  recording.objects.resize(trace.objects.size());
  recording.lanes.resize(options.settings.concurrent ? trace.lanes.size() : 1);
  std::unique_ptr<HostAccount> host;
  HostObjects host_objects(trace);
  LossLayer loss(limits.device(), stop);
  if (options.settings.host_tracking) host = std::make_unique<HostAccount>(trace, loss.device());
  host_objects.track(host.get());
  StopLayer stopped_limits(loss.device(), stop);  // for the harness's own calls
  StopLayer stopped_raw(raw, stop);
  RecordingLayer layer(host != nullptr ? host->device() : loss.device(),
                       options.settings.timing ? RecordingLayer::Timing::on : RecordingLayer::Timing::off,
                       options.settings.concurrent, stop);
  Violations violations(stop);
  CallRecord own;  // of making and destroying the strategy
  std::optional<UncountedLayer> uncounted_calls;
  std::unique_ptr<Strategy> strategy;
  Checked* checked = nullptr;
  std::unique_ptr<Transfer> transfer;
  std::optional<PartBinder> parts;
  try {
    const RecordingLayer::Attachment attached(own);
    const MakeStrategy make_named = [&](const Device& device) -> std::unique_ptr<Strategy> {
      if (options.settings.count_instructions) {
        uncounted_calls.emplace(device);
        return std::make_unique<CountedStrategy>(CountEachCall(), [&] { return make(uncounted_calls->device()); });
      }
      if (host == nullptr) return make(device);
      return std::make_unique<NamedOperations>(OperationNames(host->tracker()), [&] { return make(device); });
    };
    if (options.settings.check) {
      auto made = std::make_unique<Checked>(layer.device(), stopped_raw.device(), violations, make_named);
      checked = made.get();
      strategy = std::move(made);
    } else {
      strategy = make_named(layer.device());
    }
    const bool needed = needs_transfer(trace, options);
    if (needed || options.settings.check)
      transfer = std::make_unique<Transfer>(stopped_limits.device(), stopped_raw.device(), trace.frames_in_flight,
                                            needed ? strategy->staging_ring_bytes() : 0);
    if (std::ranges::any_of(trace.shapes, is_bound_in_parts)) parts.emplace(stopped_limits.device(), transfer.get());
  } catch (...) {
    const RecordingLayer::Attachment attached(own);
    strategy.reset();
    if (!stop.raised()) throw;
    recording.end = end_of(stop);
    return recording;
  }
  Contents contents;
  const Device uncounted = stopped_raw.device();  // for what the harness looks at and marks
  LazyMemory lazy(uncounted);
  ReplayContext context{.trace = trace,
                        .requests = requests,
                        .strategy = *strategy,
                        .limits = limits,
                        .transfer = transfer.get(),
                        .contents = options.settings.check ? &contents : nullptr,
                        .checked = checked,
                        .host_objects = host_objects,
                        .host = host.get(),
                        .lazy = lazy,
                        .own = own,
                        .recording = recording,
                        .timing = options.settings.timing,
                        .model_ns = raw.model_ns,
                        .ns_per_tick = ns_per_tick(raw),
                        .stop = stop};
  Changes changes(context);
  UncountedListener uncounted_changes(changes);
  const EndOnError end_on_error{context, strategy, transfer, own};
  prepare(trace, context);
  context.changes = &changes;
  context.parts = parts ? &*parts : nullptr;
  context.marked = options.settings.mark_frames ? &uncounted : nullptr;
  if (transfer != nullptr)
    transfer->on_submitted(
        [&](std::span<const CopyNote> copies, VkResult result) { note_copies(context, copies, result); });
  if (options.settings.concurrent) {
    context.turns = turns_of(trace);
    context.uses_done = std::make_unique<std::atomic<std::uint32_t>[]>(trace.objects.size());
    recording.stamps.resize(trace.objects.size());
  }
  if (options.settings.timing) recording.overhead_ns = measure_overhead(context);
  try {
    {
      const RecordingLayer::Attachment attached(own);
      StrategyListener& listener =
          options.settings.count_instructions ? static_cast<StrategyListener&>(uncounted_changes) : changes;
      strategy->start({.listener = &listener,
                       .frames_in_flight = trace.frames_in_flight,
                       .defragments = !trace.defragments.empty(),
                       .pools = requests.pools,
                       .concurrent = options.settings.concurrent,
                       .places = requests.places.places.empty() ? nullptr : &requests.places});
    }
    recording.setup.counts = own.counts;
    recording.setup.invalid = std::exchange(own.invalid, {});
    run_lanes(context, options);
  } catch (...) {  // a driver that answers no more is no error
    if (!stop.raised()) throw;
  }
  recording.end = end_of(stop);
  {
    const RecordingLayer::Attachment attached(own);  // what a strategy put off it does before it says what it holds
    own.position = trace.events.size();
    recording.pools = strategy->pools();
    recording.strategy_figures = strategy->figures();
  }
  if (lazy.is_there()) recording.lazy = lazy.peaks();
  if (transfer != nullptr) {
    if (!stop.abandons()) context.note_copying(trace.events.size(), transfer->finish());
    recording.staging_peak = transfer->staging_peak();
    recording.staging_waits = transfer->wait_count();
    recording.copied_bytes = transfer->copied_bytes();
  }
  const auto start = std::chrono::steady_clock::now();
  own.position = trace.events.size() + 1;
  if (recording.end != ReplayEnd::done) destroy_live(context, own);
  end_strategy(strategy, own, stop);
  if (recording.end == ReplayEnd::strategy_timeout)
    recording.clean_up_ns =
        static_cast<std::uint64_t>(std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count());
  for (std::size_t i = 0; i < kEntryPointCount; ++i)
    recording.teardown.counts[i] = own.counts[i] - recording.setup.counts[i];
  recording.teardown.invalid = std::move(own.invalid);
  recording.violation_counts = violations.counts();
  recording.violations = violations.texts();
  collect_memory(recording, own, options.settings.concurrent);
  if (stop.abandons()) {
    recording.end = end_of(stop);
    abandon(host);
    auto objects = std::make_unique<std::vector<ReplayObject>>(recording.objects);  // for their handles
    abandon(objects);
    return recording;
  }
  note_leaks(recording, own);
  recording.unfreed_count += host_objects.free_all();
  if (host != nullptr) recording.host = host->finish();
  return recording;
}

}  // namespace vkmembench
