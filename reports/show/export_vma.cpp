#include <fmt/format.h>
#include <vulkan/vulkan_core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "allocator/base/error.h"
#include "allocator/device/device_type.h"
#include "reports/show/exporters.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;
using In = nlohmann::json;

// The bits of what a report says "buffer" or "image" of; GpuMemDumpVis colours by them.
constexpr std::uint32_t kUsageUnknown = 0;

// Statistics in VMA's words; sizes of extremes only where there is something.
class Statistics {
 public:
  void add_block(Bytes size) {
    ++blocks_;
    block_bytes_ += size;
  }
  void add_allocation(Bytes size) {
    ++allocations_;
    allocation_bytes_ += size;
    widen(allocation_sizes_, size);
  }
  void add_unused(Bytes size) {
    ++unused_;
    widen(unused_sizes_, size);
  }
  [[nodiscard]] Json json() const {
    Json out = {{"BlockCount", blocks_},
                {"BlockBytes", block_bytes_},
                {"AllocationCount", allocations_},
                {"AllocationBytes", allocation_bytes_},
                {"UnusedRangeCount", unused_}};
    if (allocation_sizes_) {
      out["AllocationSizeMin"] = allocation_sizes_->first;
      out["AllocationSizeMax"] = allocation_sizes_->second;
    }
    if (unused_sizes_) {
      out["UnusedRangeSizeMin"] = unused_sizes_->first;
      out["UnusedRangeSizeMax"] = unused_sizes_->second;
    }
    return out;
  }

 private:
  using Range = std::optional<std::pair<Bytes, Bytes>>;
  static void widen(Range& range, Bytes size) {
    range = range ? std::pair(std::min(range->first, size), std::max(range->second, size)) : std::pair(size, size);
  }
  std::uint64_t blocks_ = 0, allocations_ = 0, unused_ = 0;
  Bytes block_bytes_ = 0, allocation_bytes_ = 0;
  Range allocation_sizes_, unused_sizes_;
};

// The snapshot with the most bytes in its blocks, of all reports; VMA's dump is one allocator at one moment.
struct Choice {
  In report;
  std::string file;
  std::size_t run = 0;
  std::size_t snapshot = 0;
  Bytes bytes = 0;
};

// What a run held at a frame, by its series; nothing where it has none.
Bytes reserved_at(const In& run, std::uint64_t frame) {
  const In& series = run.at("series");
  const In& frames = series.at("frame");
  const auto column = series.at("columns").find("mem.reserved_bytes");
  if (column == series.at("columns").end()) return 0;
  Bytes bytes = 0;
  for (std::size_t i = 0; i < frames.size() && frames[i].get<std::uint64_t>() <= frame; ++i)
    bytes = column->at("last").at(i).get<Bytes>();
  return bytes;
}

// Of dropped blocks the sizes are not listed: the series tells, within what they can be at most, the smallest listed.
Bytes bytes_of(const In& run, const In& snapshot) {
  Bytes bytes = 0;
  Bytes smallest = ~Bytes{0};
  for (const In& block : snapshot.at("blocks")) {
    const auto size = block.at("size_bytes").get<Bytes>();
    bytes += size;
    smallest = std::min(smallest, size);
  }
  const auto dropped = snapshot.value("blocks_dropped", std::uint64_t{0});
  if (bytes == 0 || dropped == 0) return bytes;
  return std::clamp(reserved_at(run, snapshot.at("frame").get<std::uint64_t>()), bytes, bytes + smallest * dropped);
}

Choice largest_snapshot(std::span<const ReportText> reports) {
  Choice best;
  for (const ReportText& text : reports) {
    In report = parse_report(text);
    bool is_best = false;
    const In& runs = report.at("runs");
    for (std::size_t run = 0; run < runs.size(); ++run) {
      const In& snapshots = runs[run].at("snapshots");
      for (std::size_t i = 0; i < snapshots.size(); ++i) {
        const Bytes bytes = bytes_of(runs[run], snapshots[i]);
        if (bytes <= best.bytes) continue;
        best.run = run;
        best.snapshot = i;
        best.bytes = bytes;
        is_best = true;
      }
    }
    if (!is_best) continue;
    best.report = std::move(report);
    best.file = text.file;
  }
  if (best.bytes == 0)
    throw Error("the reports hold no memory map; add a `snapshot` event to the scenario and run without --no-snapshots",
                ErrorKind::not_comparable);
  return best;
}

Json upper_flags(const In& flags) {
  Json out = Json::array();
  for (const In& flag : flags) {
    std::string name = flag.get<std::string>();
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    out.push_back(std::move(name));
  }
  return out;
}

std::string type_of(const std::string& kind) {
  return kind == "buffer" ? "BUFFER" : kind == "image" ? "IMAGE_OPTIMAL" : "UNKNOWN";
}

class Dump {
 public:
  explicit Dump(const Choice& choice)
      : device_(choice.report.at("device")),
        run_(choice.report.at("runs").at(choice.run)),
        snapshot_(run_.at("snapshots").at(choice.snapshot)) {}

  Json json() {
    Json default_pools = Json::object();
    // By type and pool, so that a type's pools stand together.
    std::map<std::pair<std::uint32_t, std::string>, Json> pools;
    for (const In& block : snapshot_.at("blocks")) {
      const auto key = std::pair(block.at("type").get<std::uint32_t>(), block.at("pool").get<std::string>());
      Json& pool = pools.try_emplace(key, empty_pool()).first->second;
      add_block(block, pool);
    }
    Json custom_pools = Json::object();
    for (auto& [key, pool] : pools) {
      const std::string type = "Type " + std::to_string(key.first);
      if (key.second.empty()) {
        default_pools[type] = std::move(pool);
        continue;
      }
      Json named = {{"Name", std::to_string(custom_pools[type].size()) + " - " + key.second}};
      named.update(pool);
      custom_pools[type].push_back(std::move(named));
    }
    Json out;
    out["General"] = general();
    out["Total"] = total_.json();
    out["MemoryInfo"] = memory_info();
    out["DefaultPools"] = std::move(default_pools);
    out["CustomPools"] = std::move(custom_pools);
    return out;
  }

 private:
  static Json empty_pool() {
    return {{"PreferredBlockSize", 0}, {"Blocks", Json::object()}, {"DedicatedAllocations", Json::array()}};
  }

  // Spans by offset; where spans share memory the later one gets what is left. Between them lies what was dropped of
  // the used ranges, whose allocations are not known one by one, and what is free.
  void add_block(const In& block, Json& pool) {
    const Bytes size = block.at("size_bytes").get<Bytes>();
    Statistics& of_type = types_[block.at("type").get<std::uint32_t>()];
    Statistics& of_heap = heaps_[block.at("heap").get<std::uint32_t>()];
    const std::array<Statistics*, 3> all = {&total_, &of_type, &of_heap};
    for (Statistics* statistics : all) statistics->add_block(size);
    Json suballocations = Json::array();
    Bytes end = 0;
    Bytes unused = 0;
    std::uint64_t allocations = 0;
    std::uint64_t unused_ranges = 0;
    const auto add_free = [&](Bytes until) {
      until = std::min(until, size);
      if (until <= end) return;
      suballocations.push_back({{"Offset", end}, {"Type", "FREE"}, {"Size", until - end}});
      for (Statistics* statistics : all) statistics->add_unused(until - end);
      unused += until - end;
      ++unused_ranges;
      end = until;
    };
    const auto add_used = [&](Bytes until, const std::string& type, const std::string& name) {
      until = std::min(until, size);
      if (until <= end) return;
      suballocations.push_back(
          {{"Offset", end}, {"Type", type}, {"Size", until - end}, {"Usage", kUsageUnknown}, {"Name", name}});
      for (Statistics* statistics : all) statistics->add_allocation(until - end);
      ++allocations;
      end = until;
    };
    const In used = block.value("used", In::array());
    auto range = used.begin();
    const auto add_between = [&](Bytes until) {
      for (; range != used.end() && range->at(0).get<Bytes>() < until; ++range) {
        const Bytes after = range->at(0).get<Bytes>() + range->at(1).get<Bytes>();
        add_free(range->at(0).get<Bytes>());
        add_used(std::min(after, until), "UNKNOWN", "unlisted");
        if (after > until) return;
      }
      add_free(until);
    };
    for (const In& span : block.at("spans")) {
      const Bytes begin = span.at(0).get<Bytes>();
      add_between(begin);
      add_used(begin + span.at(1).get<Bytes>(), type_of(span.at(2).get<std::string>()),
               tag(span.at(3).get<std::size_t>()));
    }
    add_between(size);
    pool["Blocks"][std::to_string(block.at("id").get<std::uint64_t>())] = {{"TotalBytes", size},
                                                                           {"UnusedBytes", unused},
                                                                           {"Allocations", allocations},
                                                                           {"UnusedRanges", unused_ranges},
                                                                           {"Suballocations", suballocations}};
    pool["PreferredBlockSize"] = std::max(pool["PreferredBlockSize"].get<Bytes>(), size);
  }

  std::string tag(std::size_t index) const {
    const In& tags = run_.at("tags");
    return index < tags.size() ? tags[index].get<std::string>() : std::string();
  }

  Json general() const {
    const In& limits = device_.at("limits");
    return {{"API", "Vulkan"},
            {"apiVersion", device_.at("api_version")},
            {"GPU", device_.at("name")},
            {"deviceType", static_cast<int>(device_type_of(device_.at("type").get<std::string>()))},
            {"maxMemoryAllocationCount", limits.at("maxMemoryAllocationCount")},
            {"bufferImageGranularity", limits.at("bufferImageGranularity")},
            {"nonCoherentAtomSize", limits.at("nonCoherentAtomSize")},
            {"memoryHeapCount", device_.at("heaps").size()},
            {"memoryTypeCount", device_.at("types").size()}};
  }

  Json memory_info() {
    Json out = Json::object();
    for (const In& heap : device_.at("heaps")) {
      const auto index = heap.at("index").get<std::uint32_t>();
      const Json stats = heaps_[index].json();
      Json types = Json::object();
      for (const In& type : device_.at("types")) {
        if (type.at("heap") != index) continue;
        const auto type_index = type.at("index").get<std::uint32_t>();
        types["Type " + std::to_string(type_index)] = {{"Flags", upper_flags(type.at("flags"))},
                                                       {"Stats", types_[type_index].json()}};
      }
      out["Heap " + std::to_string(index)] = {
          {"Flags", upper_flags(heap.at("flags"))},
          {"Size", heap.at("size_bytes")},
          {"Budget", {{"BudgetBytes", heap.at("budget_bytes")}, {"UsageBytes", stats.at("BlockBytes")}}},
          {"Stats", stats},
          {"MemoryPools", std::move(types)}};
    }
    return out;
  }

  const In& device_;
  const In& run_;
  const In& snapshot_;
  Statistics total_;
  std::map<std::uint32_t, Statistics> types_, heaps_;
};

}  // namespace

Exported export_vma(std::span<const ReportText> reports) {
  if (reports.size() > 1)
    throw Error(fmt::format("VMA's dump holds one memory map, and {} reports were given; name one", reports.size()));
  try {
    const Choice choice = largest_snapshot(reports);
    const In& run = choice.report.at("runs").at(choice.run);
    const In& snapshot = run.at("snapshots").at(choice.snapshot);
    Exported out;
    out.text = Dump(choice).json().dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
    out.taken = fmt::format("snapshot '{}' of {}, in {}", snapshot.at("label").get<std::string>(),
                            run.at("strategy").at("name").get<std::string>(), choice.file);
    const auto blocks = snapshot.value("blocks_dropped", std::uint64_t{0});
    const auto spans = snapshot.value("spans_dropped", std::uint64_t{0});
    if (blocks > 0 || spans > 0)
      out.warnings.push_back(fmt::format(
          "{}: the report does not list {} of its smallest blocks, which are left out, and {} of its smallest "
          "allocations: where these lie in other blocks is UNKNOWN 'unlisted'; counts and sums are of what is listed",
          out.taken, blocks, spans));
    return out;
  } catch (const In::exception& error) {
    throw Error(std::string("a report is damaged: ") + error.what() + "; write it again with `vkmembench run`");
  }
}

}  // namespace vkmembench
