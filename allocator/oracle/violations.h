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

// Whose doing a violation is in a strategy that adapts somebody else's allocator: that allocator places, binds, maps
// and flushes; its adapter copies, answers, and decides what is destroyed when.
enum class Doer : std::uint8_t { allocator, adapter };

// Everything that a check can find wrong: X(kind, doer, what it means). `harness` alone is no fault of a strategy:
// its caller, or our adapter of somebody else's allocator, broke what is required of it, and nothing that
// follows from that is counted under another kind.
// clang-format off
#define VKMEMBENCH_VIOLATIONS(X)                                                                                  \
  X(bounds, allocator, "a resource, a mapping or a flushed range reaches beyond its memory")                      \
  X(alignment, allocator, "a place misses the alignment that the device requires or the request asks for")        \
  X(overlap, allocator, "two live resources that are no aliases share bytes")                                     \
  X(granularity, allocator, "a linear and an optimal resource share a page of bufferImageGranularity")            \
  X(memory_type, allocator, "memory of a type that the resource excludes, or that its use cannot do with")        \
  X(dedicated, allocator, "dedicated memory is not its resource's alone, or a resource that requires it has none") \
  X(device_address, allocator, "a buffer with a device address is in memory that was not allocated for one")      \
  X(external, allocator, "a resource whose memory is exported is in memory that is not, or the other way round")  \
  X(binding, allocator, "a resource is bound twice")                                                              \
  X(mapping, allocator, "memory is mapped twice, or is not mapped, or an address is another's")                   \
  X(atom, allocator, "a flushed or invalidated range is not of whole atoms of nonCoherentAtomSize")               \
  X(flush, allocator, "bytes that were to be flushed or invalidated were not")                                    \
  X(double_release, adapter, "what is gone is destroyed or freed")                                                \
  X(use_after_free, adapter, "what is gone is used")                                                              \
  X(freed_under, adapter, "memory is freed under live resources")                                                 \
  X(alias, adapter, "an alias is not where it was asked for, or reaches out of its memory")                        \
  X(answer, adapter, "the strategy says something else than it did")                                              \
  X(leak, adapter, "something is alive after the strategy is gone")                                               \
  X(contents, adapter, "bytes differ from what was written")                                                      \
  X(invalid_call, allocator, "a driver call that Vulkan forbids, whatever comes of it")                           \
  X(harness, adapter, "the caller of the strategy, or our adapter, broke what is required: no fault of its own")
// clang-format on

enum class Violation : std::uint8_t {
#define VKMEMBENCH_ROW(kind, doer, description) kind,
  VKMEMBENCH_VIOLATIONS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
      count
};

struct ViolationKind {
  std::string_view name;
  Doer doer;
  std::string_view description;
};
inline constexpr auto kViolationKinds = std::to_array<ViolationKind>({
#define VKMEMBENCH_ROW(kind, doer, description) {#kind, Doer::doer, description},
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

  // What is found from now on is found in an adapter of this allocator, empty for none. Requires no other thread yet.
  void adapts(std::string_view allocator) { adapted_ = allocator; }

  void add(Violation kind, const std::string& text) {
    if (stop_.raised()) return;
    std::string what = std::string(violation_name(kind)) + ": " + text;
    if (!adapted_.empty() && kind != Violation::harness &&
        kViolationKinds[static_cast<std::size_t>(kind)].doer == Doer::adapter) {
      kind = Violation::harness;
      what = "harness: by our adapter, not by " + adapted_ + ": " + what;
    }
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(violation_name(kind))];
    if (texts_.size() < kKept) texts_.push_back(what);
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
  std::string adapted_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
  std::vector<std::string> texts_;
};

}  // namespace vkmembench
