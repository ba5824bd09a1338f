#include "reports/model/metric_table.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/device/entry_points.h"

namespace vkmembench {
namespace {

constexpr auto kExact = MetricClass::exact;
constexpr auto kBounded = MetricClass::bounded;
constexpr auto kNoisy = MetricClass::noisy;
constexpr auto kInfo = MetricClass::info;
constexpr auto kLower = Better::lower;
constexpr auto kHigher = Better::higher;
constexpr auto kNeither = Better::neither;
constexpr std::string_view kTimeStats = "p50 p90 p99 p999 max mean n";

constexpr auto kMemory = ColumnGroup::memory;
constexpr auto kCalls = ColumnGroup::calls;
constexpr auto kTime = ColumnGroup::time;
constexpr auto kOutcome = ColumnGroup::outcome;
constexpr auto kHost = ColumnGroup::host;

// Rows in the order of `list metrics`; the rows of the entry points go where that of their sum is.
constexpr std::string_view kEntryPointRows = "api.*_count";
// clang-format off
constexpr MetricInfo kRows[] = {
    {"alloc.count", "count", kExact, kNeither, "", true, "", "create requests that were served, batch items one each"},
    {"alloc.failed_count", "count", kExact, kLower, "", true, "", "create and resize requests that the strategy refused", "",
     {"refused requests", kOutcome, {{"failed", "", "console page markdown"}}}},
    {"alloc.failed_bytes", "bytes", kExact, kLower, "", true, "", "bytes asked for by refused requests"},
    {"alloc.unsupported_count", "count", kExact, kNeither, "", true, "", "requests that the device does not support: no format of an image, a usage, a handle type"},
    {"alloc.asked_again_count", "count", kExact, kNeither, "", true, "", "requests that follow a refusal, as `on_refusal` of the trace says"},
    {"alloc.skipped_count", "count", kExact, kLower, "", true, "cause", "events left out: their object was refused, unsupported, failed or evicted, or the strategy cannot"},
    {"range.count", "count", kExact, kNeither, "", true, "", "ranges that the program uses of buffers that it divides itself"},
    {"range.bytes", "bytes", kExact, kNeither, "", true, "", "bytes of those ranges"},
    {"range.padding_bytes", "bytes", kExact, kLower, "", true, "", "bytes that the ranges lose to the offset alignment of their usages"},
    {"range.misaligned_count", "count", kExact, kLower, "", true, "", "ranges whose offset misses that alignment: no use on this device"},
    {"free.count", "count", kExact, kNeither, "", true, "", "frees completed"},
    {"leak.count", "count", kExact, kLower, "", true, "", "objects or device memory still held after the end"},
    {"leak.bytes", "bytes", kExact, kLower, "", true, "", "bytes still held after the end"},
    {"trace.unfreed_count", "count", kInfo, kNeither, "", true, "", "objects that the trace leaves live and the harness frees"},

    {"mem.requested_peak_bytes", "bytes", kExact, kNeither, "", true, "", "largest sum of bytes asked for (r) by what the trace holds", "max sum r"},
    {"mem.required_peak_bytes", "bytes", kExact, kNeither, "", true, "", "LOAD: largest sum of bytes required (q) by what the trace holds", "LOAD"},
    {"mem.pending_free_peak_bytes", "bytes", kExact, kNeither, "", true, "", "largest sum of bytes freed by the trace but still in flight"},
    {"mem.charged_peak_bytes", "bytes", kExact, kLower, "", true, "", "largest sum of bytes charged (c) by the strategy after its rounding", "max sum c"},
    {"mem.reserved_peak_bytes", "bytes", kExact, kLower, "", true, "", "largest sum of VkDeviceMemory held", "max sum B",
     {"peak reserved memory", kMemory, {{"reserved", "", "console page compare markdown choice best"}}}},
    {"mem.reserved_end_bytes", "bytes", kExact, kLower, "", true, "", "VkDeviceMemory held after the last free", "end sum B"},
    {"mem.reserved_over_live_ratio", "ratio", kExact, kLower, "", true, "", "peak reserved / LOAD; where something was unsupported, refused or evicted, over what was served, and noted", "max sum B / LOAD",
     {"reserved / live, at peak", kMemory, {{"/ live", "", "console page compare markdown choice"}}}},
    {"mem.reserved_over_live_at_ratio", "ratio", kExact, kLower, "", true, "label", "reserved / required by the objects served, at a snapshot", "sum B / sum q"},
    {"mem.waste_byte_frames", "byte_frames", kExact, kLower, "", true, "", "sum over frame ends of reserved - required by the objects served", "frames (sum B - sum q)"},
    {"mem.retention_ratio", "ratio", kExact, kLower, "", true, "", "reserved after the last free / peak reserved", "end sum B / max sum B",
     {"retained after the end / peak"}},
    {"mem.lazy_peak_bytes", "bytes", kExact, kLower, "", true, "", "most lazily allocated memory held when a frame ends; on devices that have such memory"},
    {"mem.committed_peak_bytes", "bytes", kBounded, kLower, "", true, "", "most of it that the driver has backed then: vkGetDeviceMemoryCommitment"},
    {"mem.stranded_bytes", "bytes", kExact, kLower, "worst end", false, "", "reserved by blocks with no live allocation: worst frame end, and after the last free"},

    {"frag.internal_ratio", "ratio", kExact, kLower, "", true, "", "(charged - required) / charged at peak reserve", "(sum c - sum q) / sum c"},
    {"frag.driver_padding_ratio", "ratio", kExact, kLower, "", true, "", "(required - requested) / required at peak reserve", "(sum q - sum r) / sum q"},
    {"frag.external_ratio", "ratio", kExact, kLower, "mean max", true, "", "1 - largest free range / free bytes, by memory type, weighted by free bytes; stats over frame ends", "1 - sum L / F",
     {"external fragmentation", kMemory, {{"frag", "", "console page choice", 2}, {"frag mean", "mean", "compare markdown"}}, true}},
    {"frag.rss_ratio", "ratio", kExact, kLower, "", true, "", "1 - sqrt(sum of squared free ranges) / free bytes at peak reserve: sees many mid-sized holes", "1 - sqrt(sum f^2) / F"},
    {"frag.placeability_ratio", "ratio", kExact, kHigher, "", true, "size", "share of free bytes that objects of this size can use, at peak reserve", "sum (floor(f / s) s) / F"},

    {"block.count_peak", "count", kExact, kLower, "", true, "", "most VkDeviceMemory objects at once that several allocations may share"},
    {"dedicated.count_peak", "count", kExact, kLower, "", true, "", "most VkDeviceMemory objects at once made for one resource each"},
    {"dedicated.bytes_peak", "bytes", kExact, kLower, "", true, "", "most bytes at once in dedicated VkDeviceMemory"},
    {"pool.reserved_peak_bytes", "bytes", kExact, kLower, "", true, "pool", "largest sum of a pool's blocks"},
    {"pool.live_peak_bytes", "bytes", kExact, kNeither, "", true, "pool", "largest sum of bytes required by a pool's live allocations"},

    {kEntryPointRows, "count", kExact, kLower, "", true, "", "Vulkan calls of the strategy", "",
     {"Vulkan calls", kCalls, {{"calls", "", "console page", 4}}}},
    {"api.invalid_calls", "count", kExact, kLower, "", true, "", "calls of the strategy that Vulkan forbids: memory larger than its heap"},
    {"api.device_memory_objects_peak", "count", kExact, kLower, "", true, "", "most live VkDeviceMemory objects, beside maxMemoryAllocationCount", "",
     {"most objects of device memory", kMemory, {{"blocks", "", "page"}}}},

    {"setup.calls_count", "count", kExact, kLower, "", true, "", "Vulkan calls that made the strategy, in no api.* count"},
    {"setup.allocate_memory_count", "count", kExact, kLower, "", true, "", "those of allocate_memory: memory that is there before the first event"},
    {"teardown.calls_count", "count", kExact, kLower, "", true, "", "Vulkan calls after everything was freed, in no api.* count"},
    {"teardown.allocate_memory_count", "count", kExact, kLower, "", true, "", "those of allocate_memory"},

    {"time.create_buffer_ns", "ns", kNoisy, kLower, kTimeStats, false, "", "creating, placing and binding one buffer", "",
     {"time to create a buffer", kTime, {{"buffer p50", "p50", "console page compare markdown", 1}, {"p99", "p99", "console page choice best", 3}, {"max", "max", "console page best", 5}}}},
    {"time.create_image_ns", "ns", kNoisy, kLower, kTimeStats, false, "", "creating, placing and binding one image", "",
     {"time to create an image", kTime, {{"image p50", "p50", "console page compare markdown", 1}, {"p99", "p99", "console page choice best", 3}, {"max", "max", "console page best", 5}}, false, "time.create_buffer_ns"}},
    {"time.batch_ns", "ns", kNoisy, kLower, kTimeStats, false, "", "one batch of buffers", "",
     {"time of a batch"}},
    {"time.destroy_ns", "ns", kNoisy, kLower, kTimeStats, false, "", "destroying one resource and giving its memory back", "",
     {"time to destroy"}},
    {"time.map_ns", "ns", kNoisy, kLower, kTimeStats, false, "", "mapping one allocation", "",
     {"time to map"}},
    {"time.upload_ns", "ns", kNoisy, kLower, kTimeStats, false, "", "one staged upload, submission included", "",
     {"time of an upload"}},
    {"time.resize_ns", "ns", kNoisy, kLower, kTimeStats, false, "", "one resize, contents moved", "",
     {"time of a resize"}},
    {"time.defrag_pass_ns", "ns", kNoisy, kLower, kTimeStats, false, "", "one defragmentation pass", "",
     {"time of a defragmentation pass"}},
    {"time.allocator_ns", "ns", kNoisy, kLower, "", true, "", "time inside operations, outside Vulkan"},
    {"time.driver_ns", "ns", kNoisy, kLower, "", true, "", "time inside operations, inside Vulkan", "",
     {"driver time", kTime, {{"driver", "", "choice"}}}},
    {"time.frame_ns", "ns", kNoisy, kLower, "p50 p99 max", false, "", "allocator work of one frame", "",
     {"allocator work in a frame", kTime, {{"frame p99", "p99", "console page compare markdown choice best", 1}}}},
    {"time.frames_over_1ms_count", "count", kNoisy, kLower, "", true, "", "frames with more than 1 ms of allocator work"},
    {"time.by_cause_ns", "ns", kNoisy, kLower, "p50 max n", false, "cause", "creates by what made them slow: hit, new_block, dedicated, fallback, refused"},
    {"harness.overhead_ns", "ns", kInfo, kNeither, "", true, "", "what timing adds to an operation: median of empty ones"},
    {"throughput.ops_per_s", "per_s", kNoisy, kHigher, "", true, "", "operations / time inside operations", "",
     {"operations per second"}},
    {"model.driver_ns", "ns", kExact, kLower, "", true, "", "driver time by the profile's costs (--clock model)"},

    {"instr.total_count", "count", kExact, kLower, "", true, "", "instructions of the strategy's own work, less what the device does (--clock instructions); n: operations", "",
     {"instructions of the strategy"}},
    {"instr.create_count", "count", kExact, kLower, "", true, "", "of creates, one by one", "", {"instructions of creates"}},
    {"instr.destroy_count", "count", kExact, kLower, "", true, "", "of destroys", "", {"instructions of destroys"}},
    {"instr.frame_count", "count", kExact, kLower, "", true, "", "of what begins a frame, with passes of a defragmentation", "", {"instructions of frames"}},
    {"instr.batch_count", "count", kExact, kLower, "", true, "", "of batches", "", {"instructions of batches"}},
    {"instr.defragment_count", "count", kExact, kLower, "", true, "", "of what marks and begins a defragmentation", "", {"instructions of defragmentation"}},
    {"instr.other_count", "count", kExact, kLower, "", true, "", "of the rest: mapping, resizing, using, binding"},

    {"defrag.bytes_moved", "bytes", kExact, kNeither, "", true, "", "bytes copied by defragmentation"},
    {"defrag.moves_count", "count", kExact, kNeither, "", true, "", "allocations moved"},
    {"defrag.passes_count", "count", kExact, kNeither, "", true, "", "defragmentation passes"},
    {"defrag.ignored_count", "count", kExact, kNeither, "", true, "", "moves offered and not made"},
    {"defrag.bytes_freed", "bytes", kExact, kHigher, "", true, "", "VkDeviceMemory given back by defragmentation"},
    {"defrag.blocks_freed_count", "count", kExact, kHigher, "", true, "", "VkDeviceMemory objects given back by defragmentation"},
    {"defrag.efficiency_ratio", "ratio", kExact, kHigher, "", true, "", "bytes freed / bytes moved"},
    {"defrag.frag_before_ratio", "ratio", kExact, kNeither, "", true, "", "external fragmentation before the first pass"},
    {"defrag.frag_after_ratio", "ratio", kExact, kLower, "", true, "", "external fragmentation after the last pass"},

    {"budget.over_frames_count", "count", kExact, kLower, "", true, "", "frame ends with a heap over its budget", "frames (O > 0)"},
    {"budget.over_max_bytes", "bytes", kExact, kLower, "", true, "", "largest excess over the budgets at a frame end, summed over heaps", "max O"},
    {"budget.over_byte_frames", "byte_frames", kExact, kLower, "", true, "", "sum over frame ends of the excess over the budgets", "frames O"},
    {"pressure.callback_count", "count", kExact, kNeither, "", true, "", "memory pressure callbacks"},
    {"pressure.freed_bytes", "bytes", kExact, kNeither, "", true, "", "bytes freed in answer to pressure"},
    {"evict.count", "count", kExact, kLower, "", true, "", "objects evicted"},
    {"evict.bytes", "bytes", kExact, kLower, "", true, "", "bytes required by evicted objects"},
    {"evict.reload_count", "count", kExact, kLower, "", true, "", "evicted objects that the trace asked for again"},

    {"fallback.count", "count", kExact, kLower, "", true, "", "placements outside the memory type that the use asks for first"},
    {"fallback.bytes", "bytes", kExact, kLower, "", true, "", "bytes required by such placements"},
    {"placement.preferred_ratio", "ratio", kExact, kHigher, "", true, "", "bytes placed in the first memory type for their use, with all that it prefers / all bytes placed"},

    {"staging.reserved_peak_bytes", "bytes", kExact, kLower, "", true, "", "most staging memory held, left out of mem.*"},
    {"staging.wait_count", "count", kExact, kLower, "", true, "", "uploads that waited for staging memory"},
    {"copy.bytes", "bytes", kExact, kNeither, "", true, "", "bytes copied by uploads and copies"},
    {"copy.bytes_per_s", "bytes_per_s", kNoisy, kHigher, "", true, "", "bytes copied / time in uploads and copies"},
    {"map.count", "count", kExact, kNeither, "", true, "", "maps of allocations"},

    {"kind.created_count", "count", kExact, kNeither, "", true, "kind", "buffers made or handed out again, by what the trace says they are for"},
    {"kind.live_peak_bytes", "bytes", kExact, kNeither, "", true, "kind", "most bytes required by live buffers of a kind"},
    {"reuse.hit_ratio", "ratio", kExact, kHigher, "", true, "", "requests served by a buffer kept for reuse / all that could be"},
    {"reuse.held_bytes_peak", "bytes", kExact, kLower, "", true, "", "most bytes in buffers kept for reuse"},
    {"tier.migrations_count", "count", kExact, kNeither, "", true, "", "buffers moved to another tier"},
    {"tier.bytes", "bytes", kExact, kNeither, "", true, "", "bytes moved to another tier"},
    {"adaptive.grow_count", "count", kExact, kNeither, "", true, "", "adaptive buffers grown"},
    {"adaptive.shrink_count", "count", kExact, kNeither, "", true, "", "adaptive buffers shrunk"},
    {"adaptive.copied_bytes", "bytes", kExact, kLower, "", true, "", "bytes copied to keep contents across resizes"},
    {"bindless.peak_count", "count", kExact, kNeither, "", true, "", "most descriptors registered at once"},
    {"bindless.refused_count", "count", kExact, kLower, "", true, "", "registrations refused"},

    {"host.bytes_per_allocation", "bytes", kBounded, kLower, "", true, "category", "CPU memory for metadata / live allocations at the peak of live allocations", "",
     {"CPU memory per allocation", kHost, {{"host/alloc", "", "console", 1}}}},
    {"host.peak_bytes", "bytes", kBounded, kLower, "", true, "category", "most CPU memory that strategy, VMA and driver hold as metadata; of several threads within 1/64 each", "",
     {"peak CPU memory", kHost, {{"host peak", "", "console", 2}}}},
    {"check.violation_count", "count", kExact, kLower, "", true, "kind", "violations that the oracle found"},
    {"process.peak_rss_bytes", "bytes", kBounded, kLower, "", true, "", "largest resident set of the process"},
};
// clang-format on

constexpr MetricSymbol kSymbols[] = {
    {"r", "bytes that a live object was asked for with"},
    {"q",
     "bytes that a live object requires, by the driver's answer to the request as the trace states it: the same for "
     "every strategy"},
    {"c", "bytes that the strategy takes for a live object, after its rounding"},
    {"B", "bytes of a VkDeviceMemory that the strategy holds"},
    {"f", "bytes of a range inside the VkDeviceMemory held that no live object covers"},
    {"L", "the largest f of a memory type"},
    {"F", "bytes free: sum f"},
    {"s", "the size that the scope names"},
    {"O", "bytes above the budgets of the heaps, summed over the heaps"},
    {"LOAD",
     "max sum q over all that the trace holds, served or not: no allocator that serves everything can reserve less"},
    {"sum", "over all that there are at one moment"},
    {"max", "the largest over the moments of the run"},
    {"end", "after the last free"},
    {"frames", "the sum over frame ends; of a condition, how many meet it"},
};

// The one entry point that people are shown by itself.
constexpr std::string_view kAllocate = "allocate_memory";
constexpr MetricView kAllocateView = {"vkAllocateMemory calls", kCalls, {{"allocations", "", "compare markdown"}}};

// Owns the texts of the generated rows; lives as long as the program.
struct Table {
  std::deque<std::string> texts;
  std::vector<MetricInfo> rows;
  std::vector<MetricInfo> shown;

  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
  Table() {
    for (const MetricInfo& row : kRows) {
      if (row.id != kEntryPointRows) {
        rows.push_back(row);
        continue;
      }
      for (const std::string_view name : kEntryPointNames) {
        const std::string text(name);
        rows.push_back({keep("api." + text + "_count"), "count", kExact, kLower, "", true, "",
                        keep("calls of " + text + " by the strategy"), "",
                        name == kAllocate ? kAllocateView : MetricView{}});
        rows.push_back({keep("api." + text + "_ns"), "ns", kNoisy, kLower, "", true, "", keep("time inside " + text)});
      }
      shown.push_back(row);
    }
    std::ranges::copy_if(rows, std::back_inserter(shown), [](const MetricInfo& row) { return !row.view.name.empty(); });
    std::ranges::stable_sort(shown, {}, [](const MetricInfo& row) { return row.view.group; });
  }
};

const Table& table() {
  static const Table made;
  return made;
}

// Every id that a report may have (headlines and statistics), with its row. Of two rows that make one id the first
// counts.
using Ids = std::map<std::string, const MetricInfo*, std::less<>>;
Ids ids_of(std::span<const MetricInfo> rows) {
  Ids ids;
  for (const MetricInfo& row : rows) {
    if (row.has_headline) ids.emplace(row.id, &row);
    std::istringstream words{std::string(row.stats)};
    for (std::string word; words >> word;) ids.emplace(std::string(row.id).append(".").append(word), &row);
  }
  return ids;
}

}  // namespace

std::span<const MetricInfo> metric_table() { return table().rows; }
std::span<const MetricInfo> shown_metrics() { return table().shown; }

std::span<const MetricSymbol> metric_symbols() { return kSymbols; }

const MetricInfo* find_metric(std::string_view id) {
  static const Ids ids = ids_of(metric_table());
  const auto found = ids.find(id);
  return found == ids.end() ? nullptr : found->second;
}

MetricTraits traits_of(std::string_view id) {
  const MetricInfo* row = find_metric(id);
  VKMEMBENCH_CHECK(row != nullptr, "every metric has a row in the table");
  if (id.substr(row->id.size()) == ".n") return {"count", row->metric_class, Better::neither};
  return {row->unit, row->metric_class, row->better};
}

bool counts_instructions(std::string_view id) { return id.starts_with("instr."); }

std::string_view to_text(MetricClass metric_class) {
  constexpr std::array<std::string_view, 4> kTexts = {"exact", "bounded", "noisy", "info"};
  return kTexts[static_cast<std::size_t>(metric_class)];
}

std::string_view to_text(Better better) {
  constexpr std::array<std::string_view, 3> kTexts = {"lower", "higher", "neither"};
  return kTexts[static_cast<std::size_t>(better)];
}

std::string_view to_text(ColumnGroup group) {
  constexpr std::array<std::string_view, 5> kTexts = {"memory", "calls", "time", "outcome", "host"};
  return kTexts[static_cast<std::size_t>(group)];
}

}  // namespace vkmembench
