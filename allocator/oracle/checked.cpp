#include "allocator/oracle/checked.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace vkmembench {
namespace {

Asked asked_of(const BufferRequest& request) {
  return {.user = request.user,
          .alignment = request.alignment,
          .use = request.memory,
          .evictable = request.evictable,
          .shared = request.shared};
}
Asked asked_of(const ImageRequest& request) {
  return {.user = request.user, .use = request.memory, .evictable = request.evictable, .shared = request.shared};
}

}  // namespace

Checked::Checked(const Device& device, const Device& quiet, Violations& violations,
                 const std::function<std::unique_ptr<Strategy>(const Device&)>& make)
    : quiet_(quiet),
      violations_(violations),
      bindings_(device, quiet, violations),
      mappings_(bindings_.device(), violations),
      strategy_(make(mappings_.device())) {
  violations_.adapts(strategy_->adapts());
}

Checked::~Checked() {
  if (!live_.empty()) blame_caller(std::to_string(live_.size()) + " allocations are never destroyed");
  for (const auto& [resource, asked] : live_) bindings_.disown(resource);
  strategy_.reset();
  bindings_.report_leaks();
}

void Checked::start(const StrategyHost& host) {
  StrategyHost own = host;
  listener_ = host.listener;
  if (listener_ != nullptr) own.listener = this;
  strategy_->start(own);
}

bool Checked::blame_caller(const std::string& text) {
  violations_.add(Violation::harness, text);
  return false;
}

Asked* Checked::find(const Allocation& allocation, const char* what) {
  const auto found = live_.find(allocation.resource);
  if (found == live_.end() || found->second.destroyed) {
    blame_caller(std::string("an allocation is ") + what + " that is not alive");
    return nullptr;
  }
  const Allocation& now = found->second.allocation;
  if (now.memory == allocation.memory && now.offset == allocation.offset) return &found->second;
  blame_caller(std::string("an allocation is ") + what + " by what it was before it changed");
  return nullptr;
}

bool Checked::is_known(const Allocation& allocation, const char* what) {
  return is_nothing(allocation) || with(allocation, what, [](const Asked&) { return true; });
}

bool Checked::is_new(std::uint64_t user) {
  const std::lock_guard lock(mutex_);
  return user == 0 || !by_user_.contains(user) ||
         blame_caller("user " + std::to_string(user) + " asks while its allocation is alive");
}

bool Checked::may_ask(const BufferRequest& request) {
  const DeviceInfo& info = *bindings_.device().info;
  if ((request.alignment & (request.alignment - 1)) != 0)
    return blame_caller("an alignment of " + std::to_string(request.alignment) + " is asked for, no power of two");
  if (request.size == 0 || request.size > info.max_buffer_size)
    return blame_caller("a buffer of " + std::to_string(request.size) + " bytes is asked for, which none can have");
  if ((request.usage & VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT) != 0 && !info.has_buffer_device_address)
    return blame_caller("a device address is asked for where the feature is off");
  return true;
}
bool Checked::may_ask(const ImageRequest&) { return true; }

Expected<Allocation> Checked::create_buffer(const BufferRequest& request) {
  if (!may_ask(request) || !is_new(request.user)) return kForbidden;
  Expected<Allocation> answer = strategy_->create_buffer(request);
  enter(answer, asked_of(request));
  return answer;
}

Expected<Allocation> Checked::create_image(const ImageRequest& request) {
  if (!may_ask(request) || !is_new(request.user)) return kForbidden;
  Expected<Allocation> answer = strategy_->create_image(request);
  enter(answer, asked_of(request));
  return answer;
}

void Checked::create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                             std::span<Expected<Allocation>> results) {
  Asked asked = asked_of(common);
  BufferRequest request = common;
  bool allowed = true;
  for (const Bytes size : sizes) {
    request.size = size;
    allowed = may_ask(request) && is_new(request.user) && allowed;
    if (request.user != 0) ++request.user;
  }
  if (!allowed) return std::fill(results.begin(), results.end(), Expected<Allocation>(kForbidden));
  strategy_->create_buffers(common, sizes, results);
  for (const Expected<Allocation>& answer : results) {
    enter(answer, asked);
    if (asked.user != 0) ++asked.user;
  }
}

template <typename Request>
Expected<Allocation> Checked::alias(const Request& request, const Allocation& target) {
  if (is_nothing(target)) return strategy_->create_alias(request, target);
  if (!may_ask(request) || !is_new(request.user)) return kForbidden;
  Asked asked = asked_of(request);
  const bool shared = with(target, "shared", [&](const Asked& of) {
    asked.alias_of = of.alias_of != 0 ? of.alias_of : target.resource;
    return of.shared || of.alias_of != 0 ||
           blame_caller("memory is shared of an allocation that was not asked for as such");
  });
  if (!shared) return kForbidden;
  const BindingOracle::AliasDeclaration declaration(bindings_, target.resource);
  Expected<Allocation> answer = strategy_->create_alias(request, target);
  enter(answer, asked);
  if (!answer || is_nothing(*answer)) return answer;
  const BindingOracle::Binding place = bindings_.binding_of(answer->resource);
  if (place.memory != target.memory || place.offset < target.offset ||
      place.offset + place.size > target.offset + target.charged)
    violations_.add(Violation::alias, "an alias reaches beyond the memory of its target");
  return answer;
}

Expected<Allocation> Checked::create_alias(const BufferRequest& request, const Allocation& target) {
  return alias(request, target);
}
Expected<Allocation> Checked::create_alias(const ImageRequest& request, const Allocation& target) {
  return alias(request, target);
}

Expected<Allocation> Checked::resize(const Allocation& allocation, const BufferRequest& request) {
  if (!may_ask(request) || !is_known(allocation, "resized")) return kForbidden;
  Expected<Allocation> answer = strategy_->resize(allocation, request);
  if (!answer || is_nothing(allocation)) return answer;
  Asked asked;
  if (!leave(allocation.resource, asked)) {
    violations_.add(Violation::answer, "an allocation is resized that is gone");
    return answer;
  }
  asked.alignment = request.alignment;
  asked.not_invalidated.add(0, answer->charged);
  enter(answer, asked);
  return answer;
}

void Checked::enter(const Expected<Allocation>& answer, const Asked& asked) {
  if (!answer || is_nothing(*answer)) return;  // refused, or a strategy without memory
  Asked entry = asked;
  entry.allocation = *answer;
  {
    const std::lock_guard lock(mutex_);
    if (!live_.try_emplace(answer->resource, entry).second)
      violations_.add(Violation::answer, "a resource is handed out that is already alive");
    if (entry.user != 0) by_user_[entry.user] = answer->resource;
    const auto target = live_.find(entry.alias_of);
    if (target != live_.end()) ++target->second.aliases;
  }
  check_place(entry);
}

void Checked::check_place(const Asked& asked) {
  const Allocation& answer = asked.allocation;
  const BindingOracle::Binding binding = bindings_.binding_of(answer.resource);
  if (binding.memory != answer.memory || binding.offset != answer.offset ||
      (binding.memory != VK_NULL_HANDLE && binding.memory_type != answer.memory_type))
    return violations_.add(Violation::answer, "the allocation says another place than its resource is bound to");
  if (answer.charged < binding.size)
    violations_.add(Violation::answer, std::to_string(answer.charged) + " bytes are charged where " +
                                           std::to_string(binding.size) + " are required");
  if (asked.alignment > 1 && answer.offset % asked.alignment != 0)
    violations_.add(Violation::alignment, "offset " + std::to_string(answer.offset) + " misses the alignment of " +
                                              std::to_string(asked.alignment) + " that was asked for");
  const VkMemoryPropertyFlags flags = bindings_.device().info->memory.memoryTypes[binding.memory_type].propertyFlags;
  const MemoryUseRule& rule = rule_of(asked.use);
  if ((flags & rule.required) != rule.required)
    violations_.add(Violation::memory_type, "type " + std::to_string(binding.memory_type) +
                                                " cannot serve memory for " + std::string(rule.name));
}

bool Checked::leave(std::uint64_t resource, Asked& asked) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(resource);
  if (found == live_.end()) return false;
  asked = std::move(found->second);
  by_user_.erase(asked.user);
  live_.erase(found);
  const auto target = live_.find(asked.alias_of);
  if (target != live_.end()) --target->second.aliases;
  return true;
}

bool Checked::leave_user(std::uint64_t user, Asked& asked) {
  std::uint64_t resource = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_user_.find(user);
    if (found == by_user_.end()) return false;
    resource = found->second;
  }
  return leave(resource, asked);
}

void Checked::moved(std::uint64_t user, const Allocation& after) {
  Asked asked;
  if (!leave_user(user, asked)) violations_.add(Violation::answer, "an allocation is moved that is not alive");
  if (asked.maps > 0) violations_.add(Violation::mapping, "an allocation is moved while it is mapped");
  asked.user = user;
  asked.moved = true;
  asked.not_invalidated.add(0, after.charged);
  enter(after, asked);
  listener_->moved(user, after);
}

void Checked::evicted(std::uint64_t user) {
  Asked asked;
  if (!leave_user(user, asked))
    violations_.add(Violation::answer, "an allocation is evicted that is not alive");
  else if (!asked.evictable)
    violations_.add(Violation::answer, "an allocation is evicted that was not asked for as evictable");
  else if (asked.maps > 0)
    violations_.add(Violation::mapping, "an allocation is evicted while it is mapped");
  listener_->evicted(user);
}

void Checked::destroy(const Allocation& allocation, std::uint16_t lane) {
  if (is_nothing(allocation)) return strategy_->destroy(allocation, lane);
  const bool goes = with(allocation, "destroyed", [&](Asked& asked) {
    asked.destroyed = asked.aliases > 0;
    return asked.aliases == 0 || blame_caller("an allocation is destroyed before its aliases");
  });
  Asked asked;
  if (!goes || !leave(allocation.resource, asked)) return;
  if (asked.maps > 0) blame_caller("an allocation is destroyed while it is mapped");
  for (; asked.maps > 0; --asked.maps) strategy_->unmap(allocation);
  strategy_->destroy(allocation, lane);
  std::optional<Allocation> target;  // that waited for this one
  if (asked.alias_of != 0) {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(asked.alias_of);
    if (found != live_.end() && found->second.destroyed && found->second.aliases == 0) {
      found->second.destroyed = false;
      target = found->second.allocation;
    }
  }
  if (target) destroy(*target, lane);
}

}  // namespace vkmembench
