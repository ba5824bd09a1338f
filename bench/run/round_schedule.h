#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace vkmembench {

// How often each strategy replays a scenario: a number, or as often as its times need.
struct RepeatPolicy {
  std::optional<std::uint32_t> fixed = 1;
  // Without a number: at least so many rounds, for fewer give no 95 % interval by order statistics, and then until the
  // times are precise, so much was measured, or so many rounds are done.
  static constexpr std::uint32_t kLeast = 6;
  static constexpr std::uint32_t kMost = 12;
  static constexpr double kSeconds = 15;    // of one strategy
  static constexpr double kPrecise = 0.05;  // half of an interval's width, as a share of its value

  [[nodiscard]] std::uint32_t most() const { return fixed.value_or(kMost); }
};

// Which strategies replay in which round, and in what order: shuffled anew each round, so that what drifts on the
// machine meets all alike, and the same for the same seed. A single round keeps the order given.
class RoundSchedule {
 public:
  // Requires a fixed number of at least 1, if any.
  RoundSchedule(std::size_t strategies, const RepeatPolicy& policy, std::uint64_t seed);

  // The strategies of the next round in the order of their turns; empty when none needs another.
  [[nodiscard]] std::vector<std::size_t> next();
  // Says that a strategy replayed once more: how long that took, and whether its times are precise now. Requires a
  // strategy of the round under way.
  void done(std::size_t strategy, double seconds, bool precise);
  // Says that a strategy takes part no more.
  void drop(std::size_t strategy) { turns_[strategy].dropped = true; }

  [[nodiscard]] std::uint32_t round() const { return round_; }  // 1 in the first; 0 before
  [[nodiscard]] double seconds(std::size_t strategy) const { return turns_[strategy].seconds; }  // in all

 private:
  struct Turns {
    std::uint32_t count = 0;
    double seconds = 0;
    bool precise = false;
    bool dropped = false;
  };
  [[nodiscard]] bool needs_another(const Turns& turns) const;

  RepeatPolicy policy_;
  std::mt19937_64 random_;
  std::vector<Turns> turns_;
  std::uint32_t round_ = 0;
};

}  // namespace vkmembench
