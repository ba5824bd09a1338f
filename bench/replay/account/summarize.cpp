#include "bench/replay/account/summarize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "allocator/base/check.h"
#include "allocator/base/os/process_limits.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/oracle/violations.h"
#include "bench/replay/account/figure_ids.h"
#include "bench/replay/account/range_sums.h"
#include "bench/replay/account/summarize_host.h"
#include "bench/replay/record/refusal_text.h"
#include "reports/model/metric_table.h"
#include "reports/model/summary.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

constexpr std::size_t kKeptEvents = 100;
constexpr std::size_t kKeptLeaks = 100;
constexpr std::uint64_t kMillisecond = 1'000'000;

// The lanes' counts and histograms in one.
LaneRecord total_of(const std::vector<LaneRecord>& lanes) {
  LaneRecord total;
  for (const LaneRecord& lane : lanes) {
    for (std::size_t i = 0; i < kEntryPointCount; ++i) {
      total.calls.counts[i] += lane.calls.counts[i];
      total.calls.ticks[i] += lane.calls.ticks[i];
    }
    for (std::size_t i = 0; i < kOperationCount; ++i) total.latency[i].merge(lane.latency[i]);
    for (std::size_t i = 0; i < kCauseCount; ++i) total.by_cause[i].merge(lane.by_cause[i]);
    for (std::size_t i = 0; i < kSkipCount; ++i) total.skipped[i] += lane.skipped[i];
    total.refusals.insert(total.refusals.end(), lane.refusals.begin(), lane.refusals.end());
    total.create_count += lane.create_count;
    total.free_count += lane.free_count;
    total.map_count += lane.map_count;
    total.unshared_alias_count += lane.unshared_alias_count;
    total.asked_again_count += lane.asked_again_count;
    total.operation_ticks += lane.operation_ticks;
    total.operation_driver_ticks += lane.operation_driver_ticks;
    total.upload_ticks += lane.upload_ticks;
    total.calls.driver_ticks += lane.calls.driver_ticks;
  }
  std::ranges::sort(total.refusals, {}, &Refusal::event);
  return total;
}

Status status_of(ReplayEnd end) {
  switch (end) {
    case ReplayEnd::done:
      return Status::ok;
    case ReplayEnd::device_lost:
      return Status::failed;
    case ReplayEnd::interrupted:
      return Status::interrupted;
    case ReplayEnd::strategy_timeout:
    case ReplayEnd::timeout:
      break;
  }
  return Status::timeout;
}

class Summary {
 public:
  Summary(const Trace& trace, const Requests& requests, const Recording& recording, const DeviceInfo& device,
          const SummaryOptions& options)
      : trace_(trace),
        requests_(requests),
        recording_(recording),
        device_(device),
        options_(options),
        total_(total_of(recording.lanes)) {}

  Run make() {
    run_.clock = options_.instructions != nullptr ? "instructions" : options_.model_clock ? "model" : "wall";
    run_.replay = options_.settings.concurrent ? "concurrent" : "ordered";
    run_.status = status_of(recording_.end);
    if (run_.status != Status::ok) run_.events_done = recording_.events_done;
    if (recording_.end == ReplayEnd::strategy_timeout) run_.clean_up_ns = recording_.clean_up_ns;
    counts();
    leaks();
    account_for(run_, trace_, requests_, recording_, device_, options_.account);
    if (recording_.lazy) {
      add_metric(run_, "mem.lazy_peak_bytes", recording_.lazy->held);
      add_metric(run_, "mem.committed_peak_bytes", recording_.lazy->committed);
    }
    calls();
    if (options_.settings.timing) times();
    if (options_.instructions != nullptr) instructions(*options_.instructions);
    copies();
    add_host_memory(run_, recording_.host);
    changes();
    checks();
    events();
    reclassify();
    sort_metrics();
    return std::move(run_);
  }

 private:
  [[nodiscard]] std::uint64_t ns(Ticks ticks) const { return ticks_to_ns(ticks, options_.account.ns_per_tick); }

  // Of buffers that the program divides itself; nothing where it divides none.
  void ranges() {
    const RangeSums sums = sum_ranges(trace_, device_.limits);
    if (sums.count == 0) return;
    add_metric(run_, "range.count", sums.count);
    add_metric(run_, "range.bytes", sums.bytes);
    add_metric(run_, "range.padding_bytes", sums.padding_bytes);
    add_metric(run_, "range.misaligned_count", sums.misaligned_count);
  }

  void counts() {
    std::uint64_t unsupported = 0;
    for (const ReplayObject& object : recording_.objects) unsupported += object.unsupported;
    Bytes refused_bytes = 0;
    for (const Refusal& refusal : total_.refusals) refused_bytes += asked_bytes(trace_, refusal);
    const auto refused = static_cast<std::uint64_t>(total_.refusals.size());
    add_metric(run_, "alloc.count", total_.create_count - refused_creates());
    add_metric(run_, "alloc.failed_count", refused);
    add_metric(run_, "alloc.failed_bytes", refused_bytes);
    add_metric(run_, "alloc.unsupported_count", unsupported);
    if (std::ranges::any_of(trace_.shapes, [](const Shape& shape) { return shape.on_refusal.size() != 0; }))
      add_metric(run_, "alloc.asked_again_count", total_.asked_again_count);
    ranges();
    std::uint64_t skipped = 0;
    for (std::uint64_t count : total_.skipped) skipped += count;
    add_metric(run_, "alloc.skipped_count", skipped);
    for (std::size_t i = 0; i < kSkipCount; ++i) {
      if (total_.skipped[i] != 0)
        add_metric(run_, "alloc.skipped_count", total_.skipped[i], {"cause", std::string(kSkipNames[i])});
    }
    add_metric(run_, "free.count", total_.free_count);
    if (recording_.end == ReplayEnd::done)
      add_metric(run_, "trace.unfreed_count", recording_.unfreed_count);
    else
      add_null_metric(run_, "trace.unfreed_count", "the run did not reach its end");
  }

  [[nodiscard]] std::uint64_t refused_creates() const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(total_.refusals, [&](const Refusal& refusal) { return !is_resize(trace_, refusal); }));
  }

  // What became of objects between their creation and their end, and the strategy's own figures.
  void changes() {
    std::uint64_t evicted = 0;
    std::uint64_t reloaded = 0;
    Bytes evicted_bytes = 0;
    for (const PlacementChange& change : recording_.changes) {
      if (change.kind == ChangeKind::reloaded) ++reloaded;
      if (change.kind != ChangeKind::evicted) continue;
      ++evicted;
      evicted_bytes += requests_.required[change.object];
    }
    add_metric(run_, "evict.count", evicted);
    add_metric(run_, "evict.bytes", evicted_bytes);
    add_metric(run_, "evict.reload_count", reloaded);
    for (const StrategyFigure& figure : recording_.strategy_figures) {
      const std::string id(metric_id(figure.figure));
      const MetricScope scope{std::string(figure.scope.empty() ? "" : find_metric(id)->scope),
                              std::string(figure.scope)};
      if (is_ratio(figure.figure))
        add_metric(run_, id, figure.value, scope);
      else
        add_metric(run_, id, static_cast<std::uint64_t>(figure.value), scope);
    }
  }

  void leaks() {
    if (recording_.is_abandoned()) {
      for (const char* id : {"leak.count", "leak.bytes"})
        add_null_metric(run_, id, "the run was cut short, and what it held was left to the end of the process");
      return;
    }
    Bytes bytes = 0;
    for (const MemoryEvent& event : recording_.leaked) {
      bytes += event.size;
      if (run_.leaks.size() == kKeptLeaks) {
        ++run_.leaks_dropped;
        continue;
      }
      const std::uint64_t frame = frame_of(event.position);
      run_.leaks.push_back({.id = 0, .tag = "", .kind = "device_memory", .bytes = event.size, .created_frame = frame});
    }
    add_metric(run_, "leak.count", recording_.leaked.size() + recording_.leaked_resource_count);
    add_metric(run_, "leak.bytes", bytes);
  }

  void calls() {
    for (std::size_t i = 0; i < kEntryPointCount; ++i) {
      if (total_.calls.counts[i] == 0 && i != static_cast<std::size_t>(EntryPoint::allocate_memory)) continue;
      const std::string name = "api." + std::string(kEntryPointNames[i]);
      add_metric(run_, name + "_count", total_.calls.counts[i]);
      if (options_.settings.timing && total_.calls.counts[i] != 0)
        add_metric(run_, name + "_ns", ns(total_.calls.ticks[i]));
    }
    add_metric(run_, "api.device_memory_objects_peak", most_memory_objects());
    around("setup", recording_.setup);
    around("teardown", recording_.teardown);
    invalid_calls();
  }

  // The strategy's calls before the first event, and after everything is freed.
  void around(const std::string& group, const CallRecord& calls) {
    std::uint64_t count = 0;
    for (const std::uint64_t of_entry : calls.counts) count += of_entry;
    add_metric(run_, group + ".calls_count", count);
    add_metric(run_, group + ".allocate_memory_count",
               calls.counts[static_cast<std::size_t>(EntryPoint::allocate_memory)]);
  }

  void invalid_calls() {
    std::uint64_t count = 0;
    for_each_call_record([&](const CallRecord& calls) { count += calls.invalid.size(); });
    add_metric(run_, "api.invalid_calls", count);
  }
  template <typename Visit>
  void for_each_call_record(const Visit& visit) const {
    visit(recording_.setup);
    for (const LaneRecord& lane : recording_.lanes) visit(lane.calls);
    visit(recording_.teardown);
  }
  // While measuring: what is there when it begins counts.
  [[nodiscard]] std::uint64_t most_memory_objects() const {
    std::uint64_t from = 0;
    if (trace_.measure_from_frame != 0) {
      const auto first = std::ranges::find_if(trace_.events, [&](const Event& event) {
        return event.op == Op::frame && event.frame() == trace_.measure_from_frame;
      });
      from = static_cast<std::uint64_t>(first - trace_.events.begin());
      if (options_.settings.concurrent) {
        if (trace_.measure_from_frame >= recording_.frame_stamps.size()) return 0;
        from = recording_.frame_stamps[trace_.measure_from_frame];
      }
    }
    std::uint64_t live = 0;
    std::uint64_t most = 0;
    for (const MemoryEvent& event : recording_.memory) {
      const bool measured = (options_.settings.concurrent ? event.stamp : event.position) >= from;
      if (measured) most = std::max(most, live);
      live = event.freed ? live - 1 : live + 1;
      if (measured) most = std::max(most, live);
    }
    return std::max(most, live);
  }

  void times() {
    for (std::size_t i = 0; i < kOperationCount; ++i) {
      if (total_.latency[i].count() == 0) continue;
      const std::string id = "time." + std::string(kOperationNames[i]) + "_ns";
      append_histogram_metrics(run_, id, total_.latency[i]);
      run_.histograms.push_back({id, total_.latency[i]});
    }
    for (std::size_t i = 0; i < kCauseCount; ++i) {
      if (total_.by_cause[i].count() != 0)
        append_histogram_metrics(run_, "time.by_cause_ns", total_.by_cause[i], {"cause", std::string(kCauseNames[i])});
    }
    const Ticks driver = total_.operation_driver_ticks;
    add_metric(run_, "time.driver_ns", ns(driver));
    if (options_.model_clock)
      add_metric(run_, "model.driver_ns", ns(total_.calls.driver_ticks));
    else
      add_metric(run_, "time.allocator_ns", ns(total_.operation_ticks - std::min(driver, total_.operation_ticks)));
    frame_times();
    add_metric(run_, "harness.overhead_ns", recording_.overhead_ns);
    const std::uint64_t operations = total_.create_count + total_.free_count + total_.map_count;
    const double seconds = static_cast<double>(ns(total_.operation_ticks)) * 1e-9;
    if (seconds > 0)
      add_metric(run_, "throughput.ops_per_s", static_cast<double>(operations) / seconds, {}, operations);
    else
      add_null_metric(run_, "throughput.ops_per_s", "no time was spent in operations");
  }

  // What a class has none of has no row.
  void instructions(const InstructionCounts& counts) {
    InstructionCount total;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto& [operations, instructions] = counts[i];
      total.operations += operations;
      total.instructions += instructions;
      if (operations != 0)
        add_metric(run_, fmt::format("instr.{}_count", kInstructionClassNames[i]), instructions, {}, operations);
    }
    add_metric(run_, "instr.total_count", total.instructions, {}, total.operations);
  }

  void frame_times() {
    if (recording_.frames.empty()) return add_null_metric(run_, "time.frame_ns.p99", "the trace has no frames");
    Histogram frames;
    std::uint64_t slow = 0;
    for (Ticks ticks : recording_.frames) {
      frames.add(ns(ticks));
      slow += ns(ticks) > kMillisecond;
    }
    append_histogram_metrics(run_, "time.frame_ns", frames);
    run_.histograms.push_back({"time.frame_ns", frames});
    add_metric(run_, "time.frames_over_1ms_count", slow, {}, recording_.frames.size());
  }

  void copies() {
    add_metric(run_, "staging.reserved_peak_bytes", recording_.staging_peak);
    add_metric(run_, "staging.wait_count", recording_.staging_waits);
    add_metric(run_, "copy.bytes", recording_.copied_bytes);
    const double seconds = static_cast<double>(ns(total_.upload_ticks)) * 1e-9;
    if (options_.settings.timing && seconds > 0)
      add_metric(run_, "copy.bytes_per_s", static_cast<double>(recording_.copied_bytes) / seconds);
    add_metric(run_, "map.count", total_.map_count);
    if (!options_.model_clock) {
      add_metric(run_, "process.peak_rss_bytes", peak_resident_bytes());
    }
    Histogram sizes;
    for (const TraceObject& object : trace_.objects) {
      if (object.shape != kHostShape) sizes.add(object.size);
    }
    run_.histograms.push_back({"alloc.size_bytes", sizes});
  }

  void checks() {
    if (!options_.settings.check) {
      run_.checks.skipped.emplace_back("placement", "run with --check");
      run_.checks.skipped.emplace_back("contents", "run with --check");
      return;
    }
    run_.checks.done = {"placement", "contents"};
    run_.checks.violations = recording_.violations;
    std::map<std::string, std::uint64_t> counts = recording_.violation_counts;
    constexpr std::size_t kNamed = 5;  // invalid calls among the violations; the events list more
    for_each_call_record([&](const CallRecord& calls) {
      for (const InvalidCall& call : calls.invalid) {
        if (++counts[std::string(violation_name(Violation::invalid_call))] <= kNamed)
          run_.checks.violations.push_back("invalid_call: " + invalid_call_text(trace_, device_.memory, call));
      }
    });
    std::uint64_t count = 0;
    for (const auto& [kind, of_kind] : counts) count += of_kind;
    add_metric(run_, "check.violation_count", count);
    for (const auto& [kind, of_kind] : counts) add_metric(run_, "check.violation_count", of_kind, {"kind", kind});
  }

  void note(const std::string& kind, std::uint64_t position, const std::string& text) {
    if (run_.events.size() == kKeptEvents)
      ++run_.events_dropped;
    else
      run_.events.push_back({kind, frame_of(position), text});
  }

  void events() {
    most_mapped();
    for (const ResolvedShape& shape : requests_.shapes) {
      if (!shape.is_supported()) note("unsupported", 0, shape.refusal);
    }
    for (const Refusal& refusal : total_.refusals) note("refusal", refusal.event, refusal_text(trace_, refusal));
    for_each_call_record([&](const CallRecord& calls) {
      for (const InvalidCall& call : calls.invalid)
        note("invalid_call", call.position, invalid_call_text(trace_, device_.memory, call));
    });
    for (const Refusal& failure : recording_.failures)
      note("failure", failure.event,
           (failure.object == kNoObject ? "copying: "
                                        : "object " + id_text(trace_, trace_.objects[failure.object].id) + ": ") +
               result_name(failure.result));
    for (const NoticeRecord& record : recording_.notices) note_notice(record);
    for (ObjectIndex object = 0; object < recording_.objects.size(); ++object) {
      if (!recording_.objects[object].allocation.fallback) continue;
      note("fallback", trace_.objects[object].create_event,
           "object " + id_text(trace_, trace_.objects[object].id) + " of " +
               std::to_string(trace_.objects[object].size) + " bytes is in memory type " +
               std::to_string(recording_.objects[object].allocation.memory_type));
    }
  }

  void note_notice(const NoticeRecord& record) {
    const Notice& notice = record.notice;
    const std::string heap = "heap " + std::to_string(notice.heap);
    switch (notice.kind) {
      case Notice::Kind::pressure:
      case Notice::Kind::usage_high:
        note(notice.kind == Notice::Kind::pressure ? "pressure" : "warning", record.position,
             fmt::format("{}: {} of a budget of {} are in use", heap, format_bytes(static_cast<double>(notice.bytes)),
                         format_bytes(static_cast<double>(notice.limit))));
        break;
      case Notice::Kind::fragmentation_high:
        note("warning", record.position, fmt::format("{}: external fragmentation is {:.2f}", heap, notice.ratio));
        break;
      case Notice::Kind::defragment_pass:
        note("defragmentation", record.position,
             fmt::format("a pass moved {} allocations of {} and gave {} back", notice.count,
                         format_bytes(static_cast<double>(notice.bytes)),
                         format_bytes(static_cast<double>(notice.limit))));
        break;
      case Notice::Kind::failed:
        note("failure", record.position, fmt::format("{}: a move was given up", heap));
        break;
    }
  }

  // The objects mapped most often, busiest first.
  void most_mapped() {
    constexpr std::size_t kListed = 20;
    std::vector<ObjectIndex> mapped;
    for (ObjectIndex object = 0; object < recording_.objects.size(); ++object) {
      if (recording_.objects[object].map_count > 1) mapped.push_back(object);
    }
    const std::size_t listed = std::min(kListed, mapped.size());
    const auto busier = [&](ObjectIndex a, ObjectIndex b) {
      const std::uint32_t of_a = recording_.objects[a].map_count;
      const std::uint32_t of_b = recording_.objects[b].map_count;
      return of_a != of_b ? of_a > of_b : a < b;
    };
    std::ranges::partial_sort(mapped, mapped.begin() + static_cast<std::ptrdiff_t>(listed), busier);
    for (std::size_t i = 0; i < listed; ++i) {
      const TraceObject& object = trace_.objects[mapped[i]];
      note("most_mapped", object.create_event,
           "object " + id_text(trace_, object.id) + " (" + trace_.strings[trace_.shapes[object.shape].tag] + ") of " +
               std::to_string(object.size) + " bytes: " + std::to_string(recording_.objects[mapped[i]].map_count) +
               " maps");
    }
  }

  // Number of the frame that an event lies in.
  [[nodiscard]] std::uint64_t frame_of(std::uint64_t position) {
    if (frame_positions_.empty()) {
      frame_positions_.push_back(0);
      for (std::uint64_t i = 0; i < trace_.events.size(); ++i) {
        if (trace_.events[i].op == Op::frame) frame_positions_.push_back(i);
      }
    }
    const auto next = std::ranges::upper_bound(frame_positions_, position);
    const auto begun = static_cast<std::uint64_t>(next - frame_positions_.begin()) - 1;
    return begun == 0 ? 0 : begun - 1;
  }

  // Under concurrent replay scheduling decides all but the counts of the trace; under the model clock nothing decides a
  // time but trace, strategy and profile. What interrupts a program has a say in what the CPU counts.
  void reclassify() {
    for (MetricValue& metric : run_.metrics) {
      const MetricClass listed = class_of(metric);
      const bool of_trace = metric.id == "alloc.count" || metric.id == "free.count";
      if (options_.settings.concurrent && listed == MetricClass::exact && !of_trace)
        metric.metric_class = MetricClass::bounded;
      if (options_.model_clock && listed == MetricClass::noisy) metric.metric_class = MetricClass::exact;
      if (options_.counter == InstructionCounter::hardware && counts_instructions(metric.id))
        metric.metric_class = MetricClass::bounded;
    }
  }

  void sort_metrics() {
    std::ranges::stable_sort(run_.metrics, {}, [](const MetricValue& metric) { return find_metric(metric.id); });
  }

  const Trace& trace_;
  const Requests& requests_;
  const Recording& recording_;
  const DeviceInfo& device_;
  const SummaryOptions& options_;
  LaneRecord total_;
  Run run_;
  std::vector<std::uint64_t> frame_positions_;
};

}  // namespace

Run summarize(const Trace& trace, const Requests& requests, const Recording& recording, const DeviceInfo& device,
              const SummaryOptions& options) {
  return Summary(trace, requests, recording, device, options).make();
}

}  // namespace vkmembench
