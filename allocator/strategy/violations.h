#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/stop_flag.h"

namespace vkmembench {

// Everything that a check can find wrong: X(kind, what it means). `harness` alone is no fault of a strategy: whoever
// drives it broke what Strategy requires, and nothing that follows from it is counted under another kind.
// clang-format off
#define VKMEMBENCH_VIOLATIONS(X)                                                                                  \
  X(bounds, "a resource, a mapping or a flushed range reaches beyond its memory")                                 \
  X(alignment, "a place misses the alignment that the device requires or the request asks for")                   \
  X(overlap, "two live resources that are no aliases share bytes")                                                \
  X(granularity, "a linear and an optimal resource share a page of bufferImageGranularity")                       \
  X(memory_type, "memory of a type that the resource excludes, or that the host cannot map where it has to")      \
  X(dedicated, "dedicated memory is not its resource's alone, or a resource that requires it has none")           \
  X(device_address, "a buffer with a device address is in memory that was not allocated for one")                 \
  X(binding, "a resource is bound twice")                                                                         \
  X(mapping, "memory is mapped twice, unmapped unmapped or invisible to the host, or an address is another's")    \
  X(atom, "a flushed or invalidated range is not of whole atoms of nonCoherentAtomSize")                          \
  X(flush, "bytes that were to be flushed or invalidated were not")                                               \
  X(double_release, "what is gone is destroyed or freed")                                                         \
  X(use_after_free, "what is gone is used")                                                                       \
  X(freed_under, "memory is freed under live resources")                                                          \
  X(alias, "an alias is not within its target, or outlives it")                                                   \
  X(answer, "the strategy says something else than it did")                                                       \
  X(leak, "something is alive after the strategy is gone")                                                        \
  X(contents, "bytes differ from what was written")                                                               \
  X(invalid_call, "a driver call that Vulkan forbids whatever the strategy does with its answer")                 \
  X(harness, "whoever drives the strategy broke what it requires: no fault of the strategy")
// clang-format on

enum class Violation : std::uint8_t {
#define VKMEMBENCH_ROW(kind, description) kind,
  VKMEMBENCH_VIOLATIONS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
      count
};

struct ViolationKind {
  std::string_view name;
  std::string_view description;
};
inline constexpr auto kViolationKinds = std::to_array<ViolationKind>({
#define VKMEMBENCH_ROW(kind, description) {#kind, description},
    VKMEMBENCH_VIOLATIONS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
});
[[nodiscard]] constexpr std::string_view violation_name(Violation kind) {
  return kViolationKinds[static_cast<std::size_t>(kind)].name;
}

// What an oracle found: exact counts by kind, and the first texts. Deaf once the flag is raised, for what a strategy
// does then it does with a driver that answers nothing. Safe from any thread.
class Violations {
 public:
  static constexpr std::size_t kKept = 100;

  // Requires a flag that outlives it.
  explicit Violations(const StopFlag& stop = kNeverStopped) : stop_(stop) {}

  void add(Violation kind, const std::string& text) {
    if (stop_.raised()) return;
    const std::string name(violation_name(kind));
    const std::lock_guard lock(mutex_);
    ++counts_[name];
    if (texts_.size() < kKept) texts_.push_back(name + ": " + text);
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
