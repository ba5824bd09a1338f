#include "reports/json/report_json.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "allocator/base/vulkan_names.h"
#include "allocator/device/device_type.h"
#include "reports/model/advice.h"
#include "reports/model/metric_table.h"
#include "reports/text/units.h"
#include "scenarios/json/schema_id.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;  // a reference to a member is good until the next member is added

constexpr double kExactIntegers = 9007199254740992.0;  // 2^53

// Whole numbers without a fraction, to be short.
Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::trunc(value) && std::abs(value) < kExactIntegers) return static_cast<std::int64_t>(value);
  return value;
}

template <typename T>
Json numbers(const std::vector<T>& values) {
  Json out = Json::array();
  for (const T& value : values) {
    if constexpr (std::is_floating_point_v<T>) {
      out.push_back(number(value));
    } else {
      out.push_back(value);
    }
  }
  return out;
}

template <typename Rows, typename Convert>
Json list(const Rows& rows, Convert convert) {
  Json out = Json::array();
  for (const auto& row : rows) out.push_back(convert(row));
  return out;
}

Json flags(std::span<const FlagName> names, std::uint32_t bits) {
  Json out = Json::array();
  for (const FlagName& flag : names) {
    if ((bits & flag.bit) != 0) out.push_back(flag.name);
  }
  return out;
}

Json texts_by_key(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json out = Json::object();
  for (const auto& [key, value] : pairs) out[key] = value;
  return out;
}

std::string version_text(std::uint32_t version) {
  return std::to_string(VK_API_VERSION_MAJOR(version)) + "." + std::to_string(VK_API_VERSION_MINOR(version)) + "." +
         std::to_string(VK_API_VERSION_PATCH(version));
}

Json limits_json(const DeviceInfo& device) {
  const VkPhysicalDeviceLimits& limits = device.limits;
  Json out;
  out["maxMemoryAllocationCount"] = limits.maxMemoryAllocationCount;
  out["maxMemoryAllocationSize"] = nullptr;
  if (device.max_memory_allocation_size != ~Bytes{0}) {
    out["maxMemoryAllocationSize"] = device.max_memory_allocation_size;
  }
  out["bufferImageGranularity"] = limits.bufferImageGranularity;
  out["nonCoherentAtomSize"] = limits.nonCoherentAtomSize;
  out["minMemoryMapAlignment"] = limits.minMemoryMapAlignment;
  out["minTexelBufferOffsetAlignment"] = limits.minTexelBufferOffsetAlignment;
  out["minUniformBufferOffsetAlignment"] = limits.minUniformBufferOffsetAlignment;
  out["minStorageBufferOffsetAlignment"] = limits.minStorageBufferOffsetAlignment;
  out["optimalBufferCopyOffsetAlignment"] = limits.optimalBufferCopyOffsetAlignment;
  out["optimalBufferCopyRowPitchAlignment"] = limits.optimalBufferCopyRowPitchAlignment;
  out["maxUniformBufferRange"] = limits.maxUniformBufferRange;
  out["maxStorageBufferRange"] = limits.maxStorageBufferRange;
  out["maxImageDimension2D"] = limits.maxImageDimension2D;
  out["maxPerStageDescriptorStorageBuffers"] = limits.maxPerStageDescriptorStorageBuffers;
  out["maxDescriptorSetStorageBuffers"] = limits.maxDescriptorSetStorageBuffers;
  return out;
}

Json device_json(const DeviceInfo& device, std::uint64_t requirements_hash) {
  Json out;
  out["name"] = device.name;
  out["type"] = device_type_name(device.type);
  out["simulated"] = device.simulated;
  out["vendor_id"] = device.vendor_id;
  out["device_id"] = device.device_id;
  out["api_version"] = version_text(device.api_version);
  out["driver"] = Json{{"id", device.driver_id},
                       {"name", device.driver_name},
                       {"info", device.driver_info},
                       {"version", device.driver_version}};
  out["uuid"] = device.uuid;
  Json& heaps = out["heaps"] = Json::array();
  for (std::uint32_t i = 0; i < device.memory.memoryHeapCount; ++i) {
    const VkMemoryHeap& heap = device.memory.memoryHeaps[i];
    heaps.push_back(Json{{"index", i},
                         {"size_bytes", heap.size},
                         {"flags", flags(heap_flag_names(), heap.flags)},
                         {"budget_bytes", device.budgets[i]}});
  }
  Json& types = out["types"] = Json::array();
  for (std::uint32_t i = 0; i < device.memory.memoryTypeCount; ++i) {
    const VkMemoryType& type = device.memory.memoryTypes[i];
    types.push_back(
        Json{{"index", i}, {"heap", type.heapIndex}, {"flags", flags(memory_property_names(), type.propertyFlags)}});
  }
  out["limits"] = limits_json(device);
  out["extensions_used"] = device.extensions_used;
  out["requirements_hash"] = format_hash(requirements_hash);
  out["provenance"] = texts_by_key(device.provenance);
  return out;
}

Json metric_json(const MetricValue& metric) {
  const MetricTraits traits = traits_of(metric.id);
  Json value;
  const char* reason = "not measured";
  if (const auto* integer = std::get_if<std::uint64_t>(&metric.value)) {
    value = *integer;
  } else if (const auto* real = std::get_if<double>(&metric.value)) {
    reason = "not a finite number";
    if (std::isfinite(*real)) value = *real;
  }
  Json out;
  out["id"] = metric.id;
  out["value"] = value;
  if (metric.low) out["low"] = number(*metric.low);
  if (metric.high) out["high"] = number(*metric.high);
  out["unit"] = traits.unit;
  out["class"] = to_text(class_of(metric));
  out["better"] = to_text(traits.better);
  out["n"] = metric.n;
  if (metric.needs_n != 0) out["needs_n"] = metric.needs_n;
  if (!metric.scope_kind.empty()) out["scope"] = Json{{metric.scope_kind, metric.scope}};
  if (!metric.note.empty()) out["note"] = metric.note;
  if (value.is_null()) out["reason"] = metric.reason.empty() ? reason : metric.reason;
  return out;
}

Json histogram_json(const NamedHistogram& named) {
  const Histogram& histogram = named.histogram;
  Json out;
  out["id"] = named.id;
  out["count"] = histogram.count();
  out["sum"] = histogram.sum();
  out["min"] = histogram.min();
  out["max"] = histogram.max();
  Json& bins = out["bins"] = Json::array();
  for (std::size_t i = 0; i < histogram.bins().size(); ++i) {
    if (histogram.bins()[i] != 0) bins.push_back(Json::array({i, histogram.bins()[i]}));
  }
  out["sub_bits"] = Histogram::kSubBits;
  return out;
}

// Points of a series: six decimals of a ratio show everything, and more of them are most of a report.
Json points(const std::vector<double>& values) {
  constexpr double kSteps = 1e6;
  Json out = Json::array();
  for (const double value : values)
    out.push_back(std::abs(value) < 1 ? number(std::round(value * kSteps) / kSteps) : number(value));
  return out;
}

Json series_json(const Series& series) {
  Json out;
  out["frame"] = numbers(series.frame);
  Json& columns = out["columns"] = Json::object();
  for (const Series::Column& column : series.columns) {
    Json& values = columns[column.id];
    values["last"] = points(column.last);
    if (column.min != column.last) values["min"] = points(column.min);
    if (column.max != column.last) values["max"] = points(column.max);
  }
  return out;
}

Json statistics_json(const StatisticsRow& row, bool has_budget) {
  Json out;
  out["name"] = row.name;
  out["block_count"] = row.block_count;
  out["allocation_count"] = row.allocation_count;
  out["block_bytes"] = row.block_bytes;
  out["allocation_bytes"] = row.allocation_bytes;
  out["unused_range_count"] = row.unused_range_count;
  out["unused_range_bytes_max"] = row.unused_range_bytes_max;
  if (has_budget) out["budget_bytes"] = row.budget_bytes;
  return out;
}

// The tags that snapshots use, renumbered in order of first use.
class UsedTags {
 public:
  explicit UsedTags(const std::vector<std::string>& all) : all_(all) {}
  std::size_t index_of(std::uint32_t tag) {
    const auto [entry, is_new] = index_.try_emplace(tag, index_.size());
    if (is_new) names_.push_back(tag < all_.size() ? all_[tag] : std::string());
    return entry->second;
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  const std::vector<std::string>& all_;
  std::map<std::uint32_t, std::size_t> index_;
  std::vector<std::string> names_;
};

Json snapshot_json(const Snapshot& snapshot, UsedTags& tags) {
  Json out;
  out["label"] = snapshot.label;
  out["frame"] = snapshot.frame;
  out["blocks_total_bytes"] = snapshot.blocks_total_bytes;
  out["spans_total_bytes"] = snapshot.spans_total_bytes;
  out["blocks"] = list(snapshot.blocks, [&](const SnapshotBlock& block) {
    Json row;
    row["id"] = block.id;
    row["heap"] = block.heap;
    row["type"] = block.type;
    row["pool"] = block.pool;
    row["size_bytes"] = block.size_bytes;
    row["spans"] = list(block.spans, [&](const SnapshotSpan& span) {
      return Json::array({span.offset, span.size, span.kind, tags.index_of(span.tag_index)});
    });
    row["created"] = list(block.spans, [](const SnapshotSpan& span) { return Json(span.created_frame); });
    if (!block.used.empty()) {
      row["used"] = list(block.used, [](const SnapshotRange& range) {
        return Json::array({range.offset, range.size});
      });
    }
    return row;
  });
  if (snapshot.blocks_dropped != 0) out["blocks_dropped"] = snapshot.blocks_dropped;
  if (snapshot.spans_dropped != 0) out["spans_dropped"] = snapshot.spans_dropped;
  return out;
}

Json host_row_json(const HostMemoryRow& row) {
  Json out = {{"category", row.category}};
  if (!row.file.empty()) out["place"] = row.file + ":" + std::to_string(row.line);
  out["live_bytes"] = row.live_bytes;
  out["live_count"] = row.live_count;
  out["peak_bytes"] = row.peak_bytes;
  out["allocated_bytes"] = row.allocated_bytes;
  out["allocated_count"] = row.allocated_count;
  out["freed_count"] = row.freed_count;
  return out;
}

Json host_memory_json(const HostMemory& host) {
  Json out;
  out["categories"] = list(host.categories, host_row_json);
  out["places"] = list(host.places, host_row_json);
  out["driver_scopes"] = list(host.scopes, [](const HostScopeRow& row) {
    return Json{{"scope", row.scope},
                {"reallocations", row.reallocations},
                {"refusals", row.refusals},
                {"internal_allocations", row.internal_allocations},
                {"internal_frees", row.internal_frees},
                {"internal_live_bytes", row.internal_live_bytes}};
  });
  out["leaks"] = list(host.leaks, host_row_json);
  return out;
}

Json run_json(const Run& run) {
  Json out;
  Json& strategy = out["strategy"];
  strategy["name"] = run.strategy;
  Json& parameters = strategy["parameters"] = Json::object();
  for (const auto& [name, value] : run.parameters) {
    parameters[name] = std::visit([](const auto& held) { return Json(held); }, value);
  }
  out["status"] = to_text(run.status);
  if (run.events_done) out["events_done"] = *run.events_done;
  if (run.clean_up_ns) out["clean_up_ns"] = *run.clean_up_ns;
  out["clock"] = run.clock;
  out["replay"] = run.replay;
  out["rounds"] = run.rounds;
  out["metrics"] = list(run.metrics, metric_json);
  out["histograms"] = list(run.histograms, histogram_json);
  out["series"] = series_json(run.series);
  out["heaps"] = list(run.heaps, [](const StatisticsRow& row) { return statistics_json(row, true); });
  out["types"] = list(run.types, [](const StatisticsRow& row) { return statistics_json(row, false); });
  out["pools"] = list(run.pools, [](const StatisticsRow& row) { return statistics_json(row, false); });
  UsedTags tags(run.tags);
  Json snapshots = list(run.snapshots, [&](const Snapshot& snapshot) { return snapshot_json(snapshot, tags); });
  out["tags"] = tags.names();
  out["snapshots"] = std::move(snapshots);
  out["events"] = list(run.events, [](const RunEvent& event) {
    return Json{{"kind", event.kind}, {"frame", event.frame}, {"text", event.text}};
  });
  out["events_dropped"] = run.events_dropped;
  out["leaks"] = list(run.leaks, [](const Leak& leak) {
    return Json{{"id", format_hash(leak.id)},
                {"tag", leak.tag},
                {"kind", leak.kind},
                {"bytes", leak.bytes},
                {"created_frame", leak.created_frame}};
  });
  out["leaks_dropped"] = run.leaks_dropped;
  if (run.host_memory) out["host_memory"] = host_memory_json(*run.host_memory);
  Json& checks = out["checks"];
  checks["done"] = run.checks.done;
  checks["skipped"] = list(run.checks.skipped, [](const auto& check) {
    return Json{{"check", check.first}, {"why", check.second}};
  });
  checks["violations"] = run.checks.violations;
  return out;
}

Json advice_json(const Advice& advice) {
  Json out;
  if (!advice.base.empty()) out["base"] = advice.base;
  out["front"] = list(advice.front, [](const Advice::Choice& choice) {
    return Json{{"strategy", choice.strategy},
                {"alike", choice.alike},
                {"text", choice.text},
                {"reserved_bytes", number(choice.reserved_bytes)},
                {"driver_ns", number(choice.driver_ns)}};
  });
  Json& beaten = out["beaten"] = Json::array();
  for (const Advice::Rejected& rejected : advice.rejected) {
    Json row{{"strategy", rejected.strategy}};
    if (!rejected.by.empty()) row["by"] = rejected.by;
    if (!rejected.why.empty()) row["why"] = rejected.why;
    beaten.push_back(std::move(row));
  }
  out["questions"] = advice.questions;
  return out;
}

Json report_head(const Report& report) {
  Json out;
  out["schema"] = kReportSchema;
  out["status"] = to_text(report.status);
  out["created_utc"] = report.created_utc;
  out["tool"] = Json{{"version", report.tool.version},       {"git_sha", report.tool.git_sha},
                     {"build_type", report.tool.build_type}, {"compiler", report.tool.compiler},
                     {"flags", report.tool.flags},           {"libs", texts_by_key(report.tool.libs)}};
  if (!report.tool.counted.empty()) out["tool"]["counted"] = texts_by_key(report.tool.counted);
  out["invocation"] = Json{{"argv", report.argv}, {"seed", report.seed}};
  out["host"] = Json{{"os", report.host.os},
                     {"kernel", report.host.kernel},
                     {"cpu", report.host.cpu},
                     {"logical_cpus", report.host.logical_cpus},
                     {"ram_bytes", report.host.ram_bytes}};
  out["device"] = device_json(report.device, report.requirements_hash);
  out["scenario"] = Json{{"name", report.scenario.name},
                         {"file_hash", format_hash(report.scenario.file_hash)},
                         {"trace_hash", format_hash(report.scenario.trace_hash)},
                         {"seed", report.scenario.seed},
                         {"event_count", report.scenario.event_count},
                         {"frame_count", report.scenario.frame_count},
                         {"lane_count", report.scenario.lane_count}};
  out["scenario"]["substitutions"] = list(report.scenario.substitutions, [](const auto& pair) {
    return Json{{"asked", pair.first}, {"taken", pair.second}};
  });
  return out;
}

// Children a line each down to `levels`, compact below.
void write(std::string& out, const Json& value, int levels, std::size_t indent) {
  if (levels == 0 || !value.is_structured() || value.empty()) {
    out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  out += value.is_object() ? '{' : '[';
  bool is_first = true;
  for (auto child = value.begin(); child != value.end(); ++child) {
    out += is_first ? "\n" : ",\n";
    is_first = false;
    out.append(indent + 1, ' ');
    if (value.is_object()) {
      out += Json(child.key()).dump(-1, ' ', false, Json::error_handler_t::replace);
      out += ": ";
    }
    write(out, *child, levels - 1, indent + 1);
  }
  out += '\n';
  out.append(indent, ' ');
  out += value.is_object() ? '}' : ']';
}

}  // namespace

std::string to_json(const Report& report) {
  Json json = report_head(report);
  json["runs"] = list(report.runs, run_json);
  if (const std::optional<Advice> advice = advise(report)) json["advice"] = advice_json(*advice);
  json["quality"] = Json{{"warnings", list(report.warnings,
                                           [](const auto& warning) {
                                             return Json{{"code", warning.first}, {"text", warning.second}};
                                           })},
                         {"truncations", report.truncations}};
  return report_layout(json);
}

std::string report_layout(const nlohmann::ordered_json& report) {
  constexpr int kLevels = 4;  // the report, a member, a run, its metrics
  std::string out;
  write(out, report, kLevels, 0);
  out += '\n';
  return out;
}

}  // namespace vkmembench
