#include "allocator/host/category_tree.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/host/tracy_hook.h"

namespace vkmembench {
namespace {

constexpr std::string_view kSeparator = "::";

std::string quoted(std::string_view path) {
  constexpr std::size_t kShown = 60;
  return "host category '" + std::string(path.substr(0, kShown)) + (path.size() > kShown ? "...'" : "'");
}

// Where each name of the path ends.
std::vector<std::size_t> name_ends(std::string_view path, std::uint32_t above = 0) {
  std::vector<std::size_t> ends;
  for (std::size_t start = 0;;) {
    const std::size_t end = std::min(path.find(kSeparator, start), path.size());
    if (end == start)
      throw Error(quoted(path) + ": a name is empty; name a category such as Renderer::Textures::Diffuse");
    if (ends.size() + above >= CategoryTree::kMaxDepth)
      throw Error(quoted(path) + ": more than " + std::to_string(CategoryTree::kMaxDepth - above) +
                  " names; join the innermost into one");
    ends.push_back(end);
    if (end == path.size()) return ends;
    start = end + kSeparator.size();
  }
}

}  // namespace

void CategoryTree::check_path(std::string_view path, std::uint32_t above) { static_cast<void>(name_ends(path, above)); }

CategoryTree::CategoryTree(std::uint32_t max_categories, std::uint32_t max_places)
    : max_categories_(max_categories), capacity_(max_categories + max_places) {
  if (max_categories < kReserved || max_categories > kMaxRows || max_places > kMaxRows - max_categories)
    throw Error("host tracker: " + std::to_string(max_categories) + " categories and " + std::to_string(max_places) +
                " places; use at least " + std::to_string(kReserved) + " categories and at most " +
                std::to_string(kMaxRows) + " of both");
  parents_ = std::make_unique<std::uint32_t[]>(capacity_);
  profiler_pools_ = std::make_unique<const char*[]>(capacity_);
  add_category("(all)", kAll);
  add_category("(other)", kAll);
  add_category("(large)", kLarge);
}

std::uint32_t CategoryTree::add_category(std::string path, std::uint32_t parent) {
  const std::uint32_t row = category_count_.load(std::memory_order_relaxed);
  const char* pool = profiler_pool_name(path);
  names_.categories.push_back(path);
  try {
    categories_.emplace(std::move(path), row);
  } catch (...) {
    names_.categories.pop_back();
    throw;
  }
  parents_[row] = parent;
  profiler_pools_[row] = pool;
  category_count_.store(row + 1, std::memory_order_relaxed);
  return row;
}

Category CategoryTree::category(std::string_view path) {
  const std::lock_guard lock(mutex_);
  if (const auto found = categories_.find(path); found != categories_.end()) return {found->second};
  std::uint32_t parent = kAll;
  for (const std::size_t end : name_ends(path)) {
    const std::string_view prefix = path.substr(0, end);
    if (const auto found = categories_.find(prefix); found != categories_.end()) {
      parent = found->second;
    } else {
      if (category_count_.load(std::memory_order_relaxed) == max_categories_) return {kOther};
      parent = add_category(std::string(prefix), parent);
    }
  }
  return {parent};
}

Account CategoryTree::place(Category category, const Origin& origin) noexcept {
  const Account own{category.row};
  if (origin.file == nullptr) return own;
  try {
    const std::lock_guard lock(mutex_);
    VKMEMBENCH_CHECK(category.row < names_.categories.size(), "a category of another host tracker");
    auto key = std::tuple(category.row, std::string(origin.file), origin.line);
    if (const auto found = places_.find(key); found != places_.end()) return {found->second};
    const std::uint32_t index = place_count_.load(std::memory_order_relaxed);
    if (index == capacity_ - max_categories_) return own;
    const std::uint32_t row = max_categories_ + index;
    names_.places.push_back({category.row, origin.file, origin.line});
    try {
      places_.emplace(std::move(key), row);
    } catch (...) {
      names_.places.pop_back();
      throw;
    }
    parents_[row] = category.row;
    profiler_pools_[row] = profiler_pools_[category.row];
    place_count_.store(index + 1, std::memory_order_relaxed);
    return {row};
  } catch (const std::exception&) {
    return own;  // no memory for another row
  }
}

CategoryTree::Names CategoryTree::names() const {
  const std::lock_guard lock(mutex_);
  return names_;
}

std::string CategoryTree::path(Category category) const {
  const std::lock_guard lock(mutex_);
  VKMEMBENCH_CHECK(category.row < names_.categories.size(), "a category of another host tracker");
  return names_.categories[category.row];
}

}  // namespace vkmembench
