#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/host/category_tree.h"
#include "allocator/host/host_counters.h"

namespace vkmembench {

// A category with everything in the categories and places below it.
struct HostCategoryRow {
  std::string category;
  HostCounts counts;
};

// What was allocated at one place of one category. Without a file it is what nobody gave a place for, and the places
// that found no room in the counters; its peak is then that of the whole category.
struct HostPlaceRow {
  std::string category;
  std::string file;
  std::uint16_t line = 0;
  HostCounts counts;
};

// The counters of a tracker at one moment. Every allocation counts once in `places`, and once in each category around
// it.
struct HostSnapshot {
  std::vector<HostCategoryRow> categories;  // in the order of their making, each before those in it
  std::vector<HostPlaceRow> places;         // that were ever used
  HostCounts large;                         // those of at least HostTrackerOptions::large_bytes, part of the above

  [[nodiscard]] const HostCounts& all() const { return categories.front().counts; }
  // Zeros for a category that is not there.
  [[nodiscard]] HostCounts counts(std::string_view category) const;
};
// `counts` by row, each for itself, as HostCounters::read() gives them for a tree with at least these names.
[[nodiscard]] HostSnapshot make_snapshot(const CategoryTree& tree, const CategoryTree::Names& names,
                                         std::vector<HostCounts> counts);
// A table for people: categories with live, peak and total bytes and counts.
[[nodiscard]] std::string to_table(const HostSnapshot& snapshot);

// What changed from one snapshot to a later one of the same tracker.
struct HostChange {
  std::string category;
  std::string file;  // of a place; empty for a category
  std::uint16_t line = 0;
  std::uint64_t allocated_count = 0;
  std::uint64_t freed_count = 0;
  Bytes allocated_bytes = 0;
  Bytes freed_bytes = 0;
  [[nodiscard]] std::int64_t live_count() const {
    return static_cast<std::int64_t>(allocated_count) - static_cast<std::int64_t>(freed_count);
  }
  [[nodiscard]] std::int64_t live_bytes() const {
    return static_cast<std::int64_t>(allocated_bytes) - static_cast<std::int64_t>(freed_bytes);
  }
};
struct HostDifference {
  std::vector<HostChange> categories;  // those with any allocation or free in between
  std::vector<HostChange> places;
};
[[nodiscard]] HostDifference difference(const HostSnapshot& before, const HostSnapshot& after);

// What is live, by place and the most bytes first: the leaks, once everything should be gone.
[[nodiscard]] std::vector<HostPlaceRow> live_places(const HostSnapshot& snapshot);
// One line for people: bytes, count, category and place.
[[nodiscard]] std::string to_text(const HostPlaceRow& live);

}  // namespace vkmembench
