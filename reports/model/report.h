#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"
#include "reports/model/histogram.h"
#include "reports/model/metric_table.h"

namespace vkmembench {

// The report's vocabulary as plain data, in the order of the file. report_json.h writes it, summarize() of bench/ fills
// it.

enum class Status : std::uint8_t { ok, incomplete, interrupted, timeout, failed };
[[nodiscard]] std::string_view to_text(Status status);

// A metric of one run. Integers stay integers; a value that does not exist is null with a reason.
struct MetricValue {
  std::string id;  // with its stat: "time.create_buffer_ns.p50"
  std::variant<std::monostate, std::uint64_t, double> value;
  std::string reason;      // why it is null
  std::string note;        // what the value leaves out: it stands beside others only with that said
  std::uint64_t n = 0;     // samples behind it, of all rounds together; 0 when that has no meaning
  std::string scope_kind;  // heap, type, pool, lane, category, label, size, cause, kind; empty for a total
  std::string scope;
  // Where it is not the table's: bounded in a concurrent replay, exact under the model clock.
  std::optional<MetricClass> metric_class;
  // Between which the median over rounds lies with 95 % confidence; only of noisy metrics with enough rounds.
  std::optional<double> low, high;
  std::uint64_t needs_n = 0;  // of a noisy percentile of too few samples: how many it takes to be one
};
// Requires an id of the metric table, unless the metric has a class of its own.
[[nodiscard]] MetricClass class_of(const MetricValue& metric);
// The value as a number; nullopt when it is null.
[[nodiscard]] std::optional<double> as_number(const MetricValue& metric);

struct NamedHistogram {
  std::string id;
  Histogram histogram;
};

// Columns over frames; all vectors of a column have the length of `frame`.
struct Series {
  struct Column {
    std::string id;
    std::vector<double> last, min, max;
  };
  std::vector<std::uint64_t> frame;
  std::vector<Column> columns;
};

// VMA's statistics vocabulary for a heap, a memory type or a pool, at peak reserve.
struct StatisticsRow {
  std::string name;  // index or pool name
  std::uint32_t block_count = 0;
  std::uint32_t allocation_count = 0;
  Bytes block_bytes = 0;
  Bytes allocation_bytes = 0;
  std::uint32_t unused_range_count = 0;
  Bytes unused_range_bytes_max = 0;
  Bytes budget_bytes = 0;  // heaps
};

struct SnapshotSpan {
  Offset offset = 0;
  Bytes size = 0;
  std::string kind;  // "buffer" or "image"; free ranges are what no span covers
  std::uint32_t tag_index = 0;
  std::uint64_t created_frame = 0;
};
struct SnapshotRange {
  Offset offset = 0;
  Bytes size = 0;
};
struct SnapshotBlock {
  std::uint32_t id = 0;
  std::uint32_t heap = 0;
  std::uint32_t type = 0;
  std::string pool;
  Bytes size_bytes = 0;
  std::vector<SnapshotSpan> spans;  // by offset
  // Where any allocation lies, by offset; only when spans were dropped, and then with the smallest gaps closed.
  std::vector<SnapshotRange> used;
};
struct Snapshot {
  std::string label;
  std::uint64_t frame = 0;
  std::vector<SnapshotBlock> blocks;
  // Of all there are, dropped ones included: VkDeviceMemory, and the allocations in it.
  Bytes blocks_total_bytes = 0;
  Bytes spans_total_bytes = 0;
  // The smallest ones, beyond the bound that keeps a report small; spans of dropped blocks are counted too.
  std::uint64_t blocks_dropped = 0;
  std::uint64_t spans_dropped = 0;
};

// Something worth telling: refusal, fallback, pressure, warning, defragmentation.
struct RunEvent {
  std::string kind;
  std::uint64_t frame = 0;
  std::string text;
};

struct Leak {
  std::uint64_t id = 0;
  std::string tag;
  std::string kind;
  Bytes bytes = 0;
  std::uint64_t created_frame = 0;
};

// Host memory that is counted on a category, or on a place in the source within one.
struct HostMemoryRow {
  std::string category;
  std::string file;  // empty for a category
  std::uint32_t line = 0;
  Bytes live_bytes = 0;  // when the most allocations are live; of a leak, at the end
  Bytes peak_bytes = 0;
  Bytes allocated_bytes = 0;  // in all
  std::uint64_t live_count = 0;
  std::uint64_t allocated_count = 0;
  std::uint64_t freed_count = 0;
};
// What a driver did in one scope of VkSystemAllocationScope, beside its allocations.
struct HostScopeRow {
  std::string scope;
  std::uint64_t reallocations = 0;
  std::uint64_t refusals = 0;
  std::uint64_t internal_allocations = 0;
  std::uint64_t internal_frees = 0;
  Bytes internal_live_bytes = 0;
};
// The CPU memory of strategy, driver and trace; only of a run with --host-tracking.
struct HostMemory {
  std::vector<HostMemoryRow> categories;  // each before those in it
  std::vector<HostMemoryRow> places;      // the innermost rows, the highest peak first, at most 20
  std::vector<HostScopeRow> scopes;       // of the driver, those with anything to say
  std::vector<HostMemoryRow> leaks;       // the most bytes first
};

struct Checks {
  std::vector<std::string> done;
  std::vector<std::pair<std::string, std::string>> skipped;  // check, why
  std::vector<std::string> violations;
};

struct Run {
  std::string strategy;
  std::vector<std::pair<std::string, std::variant<bool, std::uint64_t, double, std::string>>> parameters;
  Status status = Status::ok;
  std::optional<std::uint64_t> events_done;  // how far a run came that did not reach its end
  std::optional<std::uint64_t> clean_up_ns;  // what freeing took after a strategy's own timeout
  std::string clock;                         // wall | model | instructions
  std::string replay;                        // ordered | concurrent
  std::uint32_t rounds = 1;                  // that the figures are of
  std::vector<MetricValue> metrics;
  std::vector<NamedHistogram> histograms;
  Series series;
  std::vector<StatisticsRow> heaps, types, pools;
  std::vector<std::string> tags;  // names behind SnapshotSpan::tag_index
  std::vector<Snapshot> snapshots;
  std::vector<RunEvent> events;
  std::uint64_t events_dropped = 0;
  std::vector<Leak> leaks;
  std::uint64_t leaks_dropped = 0;
  std::optional<HostMemory> host_memory;
  Checks checks;

  // The value of a metric's total, or of one scope; nullptr when the run has none.
  [[nodiscard]] const MetricValue* metric(const std::string& id, const std::string& scope = {}) const;
};

struct ToolInfo {
  std::string version, git_sha, build_type, compiler, flags;
  std::vector<std::pair<std::string, std::string>> libs;
  std::vector<std::pair<std::string, std::string>> counted;  // what counts of instructions depend on; empty without
};
struct HostInfo {
  std::string os, kernel, cpu;
  std::uint32_t logical_cpus = 0;
  Bytes ram_bytes = 0;
};
struct ScenarioInfo {
  std::string name;
  std::uint64_t file_hash = 0;
  std::uint64_t trace_hash = 0;
  std::uint64_t seed = 0;
  std::uint64_t event_count = 0;
  std::uint64_t frame_count = 0;
  std::uint32_t lane_count = 1;
  std::vector<std::pair<std::string, std::string>> substitutions;  // formats asked, format taken
};

struct Report {
  Status status = Status::incomplete;
  std::string created_utc;
  ToolInfo tool;
  std::vector<std::string> argv;
  std::uint64_t seed = 0;
  HostInfo host;
  DeviceInfo device;
  std::uint64_t requirements_hash = 0;
  ScenarioInfo scenario;
  std::vector<Run> runs;
  std::vector<std::pair<std::string, std::string>> warnings;  // code, text
  std::vector<std::string> truncations;
};

}  // namespace vkmembench
