#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "allocator/base/stop_flag.h"

namespace vkmembench {

// What an oracle found: exact counts by kind, and the first texts. Deaf once the flag is raised, for what a strategy
// does then it does with a driver that answers nothing. Safe from any thread.
class Violations {
 public:
  static constexpr std::size_t kKept = 100;

  // Requires a flag that outlives it.
  explicit Violations(const StopFlag& stop = kNeverStopped) : stop_(stop) {}

  void add(const std::string& kind, const std::string& text) {
    if (stop_.raised()) return;
    const std::lock_guard lock(mutex_);
    ++counts_[kind];
    if (texts_.size() < kKept) texts_.push_back(kind + ": " + text);
  }
  [[nodiscard]] std::map<std::string, std::uint64_t> counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  const StopFlag& stop_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
  std::vector<std::string> texts_;
};

}  // namespace vkmembench
