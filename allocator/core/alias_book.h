#pragma once

#include <cstdint>
#include <functional>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "allocator/base/bytes.h"
#include "allocator/base/origin.h"
#include "allocator/placement/range.h"

namespace vkmembench {

// A resource bound to memory that another one owns.
struct Alias {
  Range* target = nullptr;
  Bytes required = 0;
  std::uint64_t user = 0;
  std::uint32_t born_frame = 0;
  bool image = false;
  Origin origin;
};

// The live aliases of an allocator, by resource. A target with aliases is pinned. Safe from any thread.
class AliasBook {
 public:
  // Requires a resource that outlives it.
  explicit AliasBook(std::pmr::memory_resource& memory) : aliases_(&memory), targets_(&memory) {}
  AliasBook(const AliasBook&) = delete;
  AliasBook& operator=(const AliasBook&) = delete;

  // Throws std::bad_alloc, without effect. Requires a live target.
  void add(std::uint64_t resource, const Alias& alias);
  // From now on the handle may be another resource's; the alias is in the target until leave(). False when there is no
  // such alias of this target.
  [[nodiscard]] bool forget(std::uint64_t resource, const Range* target);
  // A forgotten alias of the target is destroyed. Whether it was the last of a target that is gone.
  [[nodiscard]] bool leave(Range* target);
  // The target's own resource is destroyed. Whether aliases keep its range.
  [[nodiscard]] bool outlive(Range* target, std::uint64_t resource);
  [[nodiscard]] bool holds(std::uint64_t resource, const Range* target) const;
  // The user of its request; nullopt when there is no such alias.
  [[nodiscard]] std::optional<std::uint64_t> user_of(std::uint64_t resource) const;
  [[nodiscard]] bool has_aliases(const Range* target) const;
  void walk(const std::function<void(std::uint64_t resource, const Alias&)>& visit) const;

 private:
  struct Target {
    std::uint32_t count = 0;
    bool was_pinned = false;  // before its first alias
    bool gone = false;        // before its last
  };
  mutable std::mutex mutex_;
  std::pmr::unordered_map<std::uint64_t, Alias> aliases_;
  std::pmr::unordered_map<const Range*, Target> targets_;  // that aliases are in
};

}  // namespace vkmembench
