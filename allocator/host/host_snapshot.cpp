#include "allocator/host/host_snapshot.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <sstream>
#include <tuple>
#include <utility>

namespace vkmembench {
namespace {

// Sums every row into those around it, whose peak is at least its own. What a row lies in has a lower number.
std::vector<HostCounts> roll_up(const CategoryTree& tree, const CategoryTree::Names& names,
                                std::vector<HostCounts> counts) {
  const auto pass_up = [&](std::uint32_t row) {
    counts[row].peak_bytes = std::max(counts[row].peak_bytes, counts[row].live_bytes());
    const std::uint32_t parent = tree.parent(row);
    if (parent == row) return;
    counts[parent].add(counts[row]);
    counts[parent].peak_bytes = std::max(counts[parent].peak_bytes, counts[row].peak_bytes);
  };
  for (auto place = static_cast<std::uint32_t>(names.places.size()); place-- > 0;)
    pass_up(tree.max_categories() + place);
  for (auto category = static_cast<std::uint32_t>(names.categories.size()); category-- > 0;) pass_up(category);
  return counts;
}

bool used(const HostCounts& counts) { return counts.allocated_count != 0; }

auto key(const HostCategoryRow& row) { return std::tuple(row.category, std::string(), std::uint16_t{0}); }
auto key(const HostPlaceRow& row) { return std::tuple(row.category, row.file, row.line); }

template <class Row>
std::vector<HostChange> changes(const std::vector<Row>& before, const std::vector<Row>& after) {
  std::map<decltype(key(after.front())), HostCounts> old;
  for (const Row& row : before) old.emplace(key(row), row.counts);
  std::vector<HostChange> all;
  for (const Row& row : after) {
    const HostCounts was = old[key(row)];
    HostChange change;
    std::tie(change.category, change.file, change.line) = key(row);
    change.allocated_count = row.counts.allocated_count - was.allocated_count;
    change.freed_count = row.counts.freed_count - was.freed_count;
    change.allocated_bytes = row.counts.allocated_bytes - was.allocated_bytes;
    change.freed_bytes = row.counts.freed_bytes - was.freed_bytes;
    if (change.allocated_count != 0 || change.freed_count != 0) all.push_back(std::move(change));
  }
  return all;
}

}  // namespace

HostSnapshot make_snapshot(const CategoryTree& tree, const CategoryTree::Names& names, std::vector<HostCounts> counts) {
  const std::vector<HostCounts> rolled = roll_up(tree, names, counts);
  HostSnapshot snapshot;
  snapshot.large = rolled[CategoryTree::kLarge];
  for (std::uint32_t row = 0; row < names.categories.size(); ++row) {
    if (row == CategoryTree::kLarge) continue;
    snapshot.categories.push_back({names.categories[row], rolled[row]});
    if (!used(counts[row])) continue;
    counts[row].peak_bytes = rolled[row].peak_bytes;
    snapshot.places.push_back({names.categories[row], {}, 0, counts[row]});
  }
  for (std::uint32_t index = 0; index < names.places.size(); ++index) {
    const CategoryTree::Place& place = names.places[index];
    const HostCounts& of_place = rolled[tree.max_categories() + index];
    if (used(of_place)) snapshot.places.push_back({names.categories[place.category], place.file, place.line, of_place});
  }
  return snapshot;
}

HostCounts HostSnapshot::counts(std::string_view category) const {
  const auto found = std::ranges::find(categories, category, &HostCategoryRow::category);
  return found == categories.end() ? HostCounts{} : found->counts;
}

std::string to_table(const HostSnapshot& snapshot) {
  std::size_t width = 8;
  for (const HostCategoryRow& row : snapshot.categories)
    if (used(row.counts)) width = std::max(width, row.category.size());
  std::ostringstream out;
  const auto line = [&](const auto& name, const auto&... cells) {
    out << std::left << std::setw(static_cast<int>(width)) << name << std::right;
    ((out << ' ' << std::setw(15) << cells), ...);
    out << '\n';
  };
  line("category", "live bytes", "live", "peak bytes", "total bytes", "total");
  for (const auto& [category, counts] : snapshot.categories)
    if (used(counts))
      line(category, counts.live_bytes(), counts.live_count(), counts.peak_bytes, counts.allocated_bytes,
           counts.allocated_count);
  return out.str();
}

HostDifference difference(const HostSnapshot& before, const HostSnapshot& after) {
  return {changes(before.categories, after.categories), changes(before.places, after.places)};
}

std::vector<HostPlaceRow> live_places(const HostSnapshot& snapshot) {
  std::vector<HostPlaceRow> live;
  for (const HostPlaceRow& row : snapshot.places)
    if (row.counts.live_count() != 0) live.push_back(row);
  std::ranges::stable_sort(live, std::ranges::greater(), [](const auto& row) { return row.counts.live_bytes(); });
  return live;
}

std::string to_text(const HostPlaceRow& live) {
  std::string text = std::to_string(live.counts.live_bytes()) + " bytes in " +
                     std::to_string(live.counts.live_count()) + " allocations of " + live.category;
  if (!live.file.empty()) text += " at " + live.file + ":" + std::to_string(live.line);
  return text;
}

}  // namespace vkmembench
