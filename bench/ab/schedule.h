#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace vkmembench {

// In which order the processes of each pair start, so that what drifts on the machine meets every arm alike: with two
// arms blocks of two pairs, base-candidate-candidate-base or the reverse; with a control arm a Latin square of three.
class Schedule {
 public:
  // Requires two or three arms. The same seed gives the same orders.
  Schedule(std::size_t arms, std::uint64_t seed) : arms_(arms), random_(seed) {}
  // The arms of the next pair in the order of their start.
  [[nodiscard]] std::vector<std::size_t> next();

 private:
  void draw_block();

  std::size_t arms_;
  std::mt19937_64 random_;
  std::vector<std::vector<std::size_t>> block_;  // the pairs left of it, the next one last
};

}  // namespace vkmembench
