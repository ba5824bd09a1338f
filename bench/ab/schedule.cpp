#include "bench/ab/schedule.h"

#include <algorithm>
#include <numeric>

namespace vkmembench {

std::vector<std::size_t> Schedule::next() {
  if (block_.empty()) draw_block();
  std::vector<std::size_t> order = std::move(block_.back());
  block_.pop_back();
  return order;
}

void Schedule::draw_block() {
  std::vector<std::size_t> row(arms_);
  std::iota(row.begin(), row.end(), std::size_t{0});
  std::ranges::shuffle(row, random_);
  // Every rotation of a row is a Latin square; of two arms the two rows mirror each other.
  for (std::size_t i = 0; i < arms_; ++i) {
    block_.push_back(row);
    std::rotate(row.begin(), row.begin() + 1, row.end());
  }
  std::ranges::shuffle(block_, random_);
}

}  // namespace vkmembench
