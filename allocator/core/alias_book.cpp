#include "allocator/core/alias_book.h"

#include "allocator/core/pools/block.h"
#include "allocator/core/pools/pool.h"

namespace vkmembench {

void AliasBook::add(std::uint64_t resource, const Alias& alias) {
  const std::lock_guard lock(mutex_);
  const auto added = aliases_.emplace(resource, alias).first;
  try {
    Target& target = targets_[alias.target];
    if (target.count++ == 0) target.was_pinned = block_of(*alias.target).pool->pin(alias.target, true);
  } catch (...) {
    aliases_.erase(added);
    throw;
  }
}

bool AliasBook::forget(std::uint64_t resource, const Range* target) {
  const std::lock_guard lock(mutex_);
  const auto alias = aliases_.find(resource);
  if (alias == aliases_.end() || alias->second.target != target) return false;
  aliases_.erase(alias);
  return true;
}

bool AliasBook::leave(Range* target) {
  const std::lock_guard lock(mutex_);
  const auto shared = targets_.find(target);
  if (--shared->second.count != 0) return false;
  const auto [count, was_pinned, gone] = shared->second;
  if (!was_pinned && !gone) block_of(*target).pool->pin(target, false);
  targets_.erase(shared);
  return gone;
}

bool AliasBook::outlive(Range* target, std::uint64_t resource) {
  const std::lock_guard lock(mutex_);
  const auto shared = targets_.find(target);
  if (shared == targets_.end()) return false;
  block_of(*target).pool->outlive(target, resource);
  return shared->second.gone = true;
}

bool AliasBook::holds(std::uint64_t resource, const Range* target) const {
  const std::lock_guard lock(mutex_);
  const auto alias = aliases_.find(resource);
  return alias != aliases_.end() && alias->second.target == target;
}

std::optional<std::uint64_t> AliasBook::user_of(std::uint64_t resource) const {
  const std::lock_guard lock(mutex_);
  const auto alias = aliases_.find(resource);
  return alias == aliases_.end() ? std::nullopt : std::optional(alias->second.user);
}

bool AliasBook::has_aliases(const Range* target) const {
  const std::lock_guard lock(mutex_);
  return targets_.count(target) != 0;
}

void AliasBook::walk(const std::function<void(std::uint64_t, const Alias&)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [resource, alias] : aliases_) visit(resource, alias);
}

}  // namespace vkmembench
