#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "allocator/base/bytes.h"
#include "allocator/base/origin.h"
#include "allocator/core/range.h"

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
  AliasBook() = default;
  AliasBook(const AliasBook&) = delete;
  AliasBook& operator=(const AliasBook&) = delete;

  void add(std::uint64_t resource, const Alias& alias);  // Requires a live target.
  // False when there is no such alias of this target.
  [[nodiscard]] bool remove(std::uint64_t resource, const Range* target);
  [[nodiscard]] bool holds(std::uint64_t resource, const Range* target) const;
  [[nodiscard]] bool has_aliases(const Range* target) const;
  void walk(const std::function<void(std::uint64_t resource, const Alias&)>& visit) const;

 private:
  struct Target {
    std::uint32_t count = 0;
    bool was_pinned = false;  // before its first alias
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Alias> aliases_;
  std::unordered_map<const Range*, Target> targets_;
};

}  // namespace vkmembench
