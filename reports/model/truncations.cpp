#include "reports/model/truncations.h"

#include <fmt/format.h>

#include <array>

#include "reports/text/units.h"

namespace vkmembench {
namespace {

std::uint64_t over_snapshots(const Run& run, std::uint64_t Snapshot::*dropped) {
  std::uint64_t sum = 0;
  for (const Snapshot& snapshot : run.snapshots) sum += snapshot.*dropped;
  return sum;
}

struct Row {
  const char* where;
  const char* what;
  std::uint64_t (*count)(const Run& run);
};
constexpr auto kListings = std::to_array<Row>({
    {"snapshots leave out", "blocks", [](const Run& run) { return over_snapshots(run, &Snapshot::blocks_dropped); }},
    {"snapshots leave out", "allocations",
     [](const Run& run) { return over_snapshots(run, &Snapshot::spans_dropped); }},
    {"the list of events leaves out", "events", [](const Run& run) { return run.events_dropped; }},
    {"the list of leaks leaves out", "leaks", [](const Run& run) { return run.leaks_dropped; }},
});

}  // namespace

std::vector<std::string> truncations_of(const std::vector<Run>& runs) {
  std::vector<std::string> lines;
  for (const Row& row : kListings) {
    std::uint64_t total = 0;
    std::uint64_t most = 0;
    const Run* of = nullptr;
    for (const Run& run : runs) {
      const std::uint64_t count = row.count(run);
      total += count;
      if (count <= most) continue;
      most = count;
      of = &run;
    }
    if (of == nullptr) continue;
    const std::string share = most == total ? fmt::format("of {}", of->strategy)
                                            : fmt::format("most of {} ({})", of->strategy, format_count(most));
    lines.push_back(fmt::format("{} {} {}, {}", row.where, format_count(total), row.what, share));
  }
  return lines;
}

}  // namespace vkmembench
