#include "bench/replay/account/summarize_host.h"

#include <algorithm>
#include <set>

#include "reports/model/summary.h"

namespace vkmembench {
namespace {

constexpr std::size_t kListedPlaces = 20;
constexpr std::size_t kListedLeaks = 100;
constexpr std::string_view kSeparator = "::";

bool is_within(std::string_view category, std::string_view outer) {
  return category.starts_with(outer) && category.substr(outer.size()).starts_with(kSeparator);
}

// What metadata is counted on is named without the root that sums them up.
std::string shown(const std::string& category) {
  return is_within(category, kMetadata) ? category.substr(kMetadata.size() + kSeparator.size()) : category;
}

HostMemoryRow row(const std::string& category, const std::string& file, std::uint32_t line, const HostCounts& end,
                  const HostCounts& at_peak) {
  return {.category = shown(category),
          .file = file,
          .line = line,
          .live_bytes = at_peak.live_bytes(),
          .peak_bytes = end.peak_bytes,
          .allocated_bytes = end.allocated_bytes,
          .live_count = at_peak.live_count(),
          .allocated_count = end.allocated_count,
          .freed_count = end.freed_count};
}

bool was_used(const HostCounts& counts) { return counts.allocated_count != 0; }

// The rows with nothing below them, the highest peak first: places, and categories that nobody gave a place for.
std::vector<HostMemoryRow> places_of(const HostRecord& record) {
  std::vector<HostMemoryRow> places;
  for (const HostPlaceRow& place : record.at_end.places) {
    if (!was_used(place.counts)) continue;
    const auto before = std::ranges::find_if(record.at_peak.places, [&](const HostPlaceRow& other) {
      return other.category == place.category && other.file == place.file && other.line == place.line;
    });
    HostMemoryRow& listed =
        places.emplace_back(row(place.category, place.file, place.line, place.counts,
                                before == record.at_peak.places.end() ? HostCounts{} : before->counts));
    // A category's peak is that of all below it, too.
    listed.peak_bytes = std::min(listed.peak_bytes, listed.allocated_bytes);
  }
  std::ranges::stable_sort(places, std::ranges::greater{}, &HostMemoryRow::peak_bytes);
  places.resize(std::min(places.size(), kListedPlaces));
  return places;
}

std::vector<HostMemoryRow> leaks_of(const HostSnapshot& end) {
  std::vector<HostMemoryRow> leaks;
  for (const HostPlaceRow& place : live_places(end)) {
    if (leaks.size() == kListedLeaks) break;
    leaks.push_back(row(place.category, place.file, place.line, place.counts, place.counts));
  }
  return leaks;
}

}  // namespace

void add_device_memory(Run& run, const HostSnapshot& device) {
  if (!run.host_memory) return;
  for (const HostCategoryRow& category : device.categories) {
    if (category.category.starts_with(kDeviceMemory) && was_used(category.counts))
      run.host_memory->categories.push_back(row(category.category, "", 0, category.counts, category.counts));
  }
}

void add_host_memory(Run& run, const HostRecord& record) {
  if (!record.tracked) return;
  HostMemory host;
  for (const HostCategoryRow& category : record.at_end.categories) {
    if (!was_used(category.counts)) continue;
    const HostCounts at_peak = record.at_peak.counts(category.category);
    host.categories.push_back(row(category.category, "", 0, category.counts, at_peak));
    const bool total = category.category == kMetadata;
    if (!total && !is_within(category.category, kMetadata)) continue;
    const MetricScope scope = total ? MetricScope{} : MetricScope{"category", shown(category.category)};
    add_metric(run, "host.peak_bytes", category.counts.peak_bytes, scope);
    if (record.peak_count != 0)
      add_metric(run, "host.bytes_per_allocation",
                 static_cast<double>(at_peak.live_bytes()) / static_cast<double>(record.peak_count), scope,
                 record.peak_count);
    else if (total)
      add_null_metric(run, "host.bytes_per_allocation", "nothing was live at the end of a frame");
  }
  if (run.metric("host.peak_bytes") == nullptr) {
    add_null_metric(run, "host.peak_bytes", "neither strategy nor driver asked for host memory");
    add_null_metric(run, "host.bytes_per_allocation", "neither strategy nor driver asked for host memory");
  }
  host.places = places_of(record);
  for (std::size_t i = 0; i < kHostScopeCount; ++i) {
    const VulkanScopeCounts& counts = record.driver[i];
    if (counts.reallocations + counts.refusals + counts.internal_allocations + counts.internal_frees == 0) continue;
    host.scopes.push_back({.scope = std::string(kHostScopeNames[i]),
                           .reallocations = counts.reallocations,
                           .refusals = counts.refusals,
                           .internal_allocations = counts.internal_allocations,
                           .internal_frees = counts.internal_frees,
                           .internal_live_bytes = counts.internal_live_bytes()});
  }
  host.leaks = leaks_of(record.at_end);
  run.host_memory = std::move(host);
}

}  // namespace vkmembench
