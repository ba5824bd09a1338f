#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "allocator/base/origin.h"

namespace vkmembench {

// A category of host memory, by its row in the counters of one tracker. The default is everything.
struct Category {
  std::uint32_t row = 0;
  friend bool operator==(const Category&, const Category&) = default;
};

// Where an allocation is counted: a category, or a place in the source within one.
struct Account {
  std::uint32_t row = 0;
  friend bool operator==(const Account&, const Account&) = default;
};

// The rows of the counters and what is above each: a place lies in a category, a category in the one that its path
// names before the last `::`, and every category in kAll. Names are copied when they are first seen, and rows stay
// until the tree goes. Safe from any thread; what is above a row is found without a lock.
class CategoryTree {
 public:
  static constexpr std::uint32_t kMaxDepth = 32;  // names in a path
  static constexpr std::uint32_t kAll = 0;
  static constexpr std::uint32_t kOther = 1;  // categories beyond the limit
  static constexpr std::uint32_t kLarge = 2;  // large allocations, once more; lies in nothing
  static constexpr std::uint32_t kReserved = 3;

  // Throws Error when a limit leaves no room for a row, or all rows are more than kMaxRows.
  CategoryTree(std::uint32_t max_categories, std::uint32_t max_places);
  static constexpr std::uint32_t kMaxRows = 1u << 20;

  // The category of a path such as "Renderer::Textures::Diffuse", made with those above it when it is new; kOther when
  // there is no room for one of them. Throws Error on an empty name or more than kMaxDepth of them.
  [[nodiscard]] Category category(std::string_view path);
  // Throws Error on a path that category() refuses below `above` more names.
  static void check_path(std::string_view path, std::uint32_t above = 0);
  // The row of a place in a category. The category's own when the place is unknown or there is no room for another.
  [[nodiscard]] Account place(Category category, const Origin& origin) noexcept;

  // Requires row < capacity(), as does profiler_pool(). A row that lies in nothing is its own parent.
  [[nodiscard]] std::uint32_t parent(std::uint32_t row) const { return parents_[row]; }
  // What the profiler calls the row, see tracy_hook.h.
  [[nodiscard]] const char* profiler_pool(std::uint32_t row) const { return profiler_pools_[row]; }
  // Categories have the rows below max_categories(), places those from there.
  [[nodiscard]] std::uint32_t max_categories() const { return max_categories_; }
  [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
  [[nodiscard]] std::uint32_t category_count() const { return category_count_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool knows(std::uint32_t row) const {
    return row < max_categories_ ? row < category_count_.load(std::memory_order_relaxed)
                                 : row - max_categories_ < place_count_.load(std::memory_order_relaxed);
  }

  // Calls `visit` with the number of every row that is there.
  template <class Visit>
  void for_each_row(const Visit& visit) const {
    const std::uint32_t categories = category_count_.load(std::memory_order_relaxed);
    const std::uint32_t places = place_count_.load(std::memory_order_relaxed);
    for (std::uint32_t row = 0; row < categories; ++row) visit(row);
    for (std::uint32_t row = 0; row < places; ++row) visit(max_categories_ + row);
  }

  struct Place {
    std::uint32_t category = 0;
    std::string file;
    std::uint16_t line = 0;
  };
  struct Names {
    std::vector<std::string> categories;  // paths, by row
    std::vector<Place> places;            // by row less max_categories()
  };
  [[nodiscard]] Names names() const;
  // The path of a category.
  [[nodiscard]] std::string path(Category category) const;

 private:
  std::uint32_t add_category(std::string path, std::uint32_t parent);  // with the lock held

  const std::uint32_t max_categories_;
  const std::uint32_t capacity_;
  std::unique_ptr<std::uint32_t[]> parents_;
  std::unique_ptr<const char*[]> profiler_pools_;
  std::atomic<std::uint32_t> category_count_{0};
  std::atomic<std::uint32_t> place_count_{0};

  mutable std::mutex mutex_;
  Names names_;
  std::map<std::string, std::uint32_t, std::less<>> categories_;
  std::map<std::tuple<std::uint32_t, std::string, std::uint16_t>, std::uint32_t> places_;
};

}  // namespace vkmembench
