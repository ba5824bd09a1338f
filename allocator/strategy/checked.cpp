#include "allocator/strategy/checked.h"

namespace vkmembench {

Checked::Checked(const Device& device, const Device& quiet, Violations& violations,
                 const std::function<std::unique_ptr<Strategy>(const Device&)>& make)
    : violations_(violations), oracle_(device, quiet, violations), strategy_(make(oracle_.device())) {}

Checked::~Checked() {
  strategy_.reset();
  oracle_.report_leaks();
}

Expected<Allocation> Checked::create_buffer(const BufferRequest& request) {
  Expected<Allocation> answer = strategy_->create_buffer(request);
  check_answer(answer, request.user, request.alignment);
  return answer;
}

Expected<Allocation> Checked::create_image(const ImageRequest& request) {
  Expected<Allocation> answer = strategy_->create_image(request);
  check_answer(answer, request.user, 0);
  return answer;
}

void Checked::create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                             std::span<Expected<Allocation>> results) {
  strategy_->create_buffers(common, sizes, results);
  for (std::size_t i = 0; i < results.size(); ++i) check_answer(results[i], common.user + i, common.alignment);
}

void Checked::start(const StrategyHost& host) {
  StrategyHost own = host;
  listener_ = host.listener;
  if (listener_ != nullptr) own.listener = this;
  strategy_->start(own);
}

Expected<Allocation> Checked::create_alias(const BufferRequest& request, const Allocation& target) {
  const BindingOracle::AliasDeclaration declaration(oracle_, target.resource);
  Expected<Allocation> answer = strategy_->create_alias(request, target);
  check_answer(answer, request.user, request.alignment);
  check_alias(answer, target);
  return answer;
}

Expected<Allocation> Checked::create_alias(const ImageRequest& request, const Allocation& target) {
  const BindingOracle::AliasDeclaration declaration(oracle_, target.resource);
  Expected<Allocation> answer = strategy_->create_alias(request, target);
  check_answer(answer, request.user, 0);
  check_alias(answer, target);
  return answer;
}

Expected<Allocation> Checked::resize(const Allocation& allocation, const BufferRequest& request) {
  Expected<Allocation> answer = strategy_->resize(allocation, request);
  if (!answer) return answer;
  if (answer->resource == allocation.resource) {
    check_place(*answer, request.alignment);
  } else {
    if (!died(allocation.resource)) violations_.add("answer", "an allocation is resized that is not alive");
    check_answer(answer, request.user, request.alignment);
  }
  return answer;
}

void Checked::moved(std::uint64_t user, const Allocation& after) {
  std::uint64_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_user_.find(user);
    if (found != by_user_.end()) before = found->second;
  }
  if (before == 0 || !died(before)) violations_.add("answer", "an allocation is moved that is not alive");
  check_answer(after, user, 0);
  listener_->moved(user, after);
}

void Checked::evicted(std::uint64_t user) {
  std::uint64_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_user_.find(user);
    if (found != by_user_.end()) before = found->second;
  }
  if (before == 0 || !died(before)) violations_.add("answer", "an allocation is evicted that is not alive");
  listener_->evicted(user);
}

bool Checked::died(std::uint64_t resource) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(resource);
  if (found == live_.end()) return false;
  by_user_.erase(found->second);
  live_.erase(found);
  return true;
}

void Checked::check_alias(const Expected<Allocation>& answer, const Allocation& target) {
  if (!answer || answer->memory == VK_NULL_HANDLE) return;
  const BindingOracle::Binding alias = oracle_.binding_of(answer->resource);
  if (alias.memory != target.memory || alias.offset < target.offset ||
      alias.offset + alias.size > target.offset + target.charged)
    violations_.add("alias", "an alias reaches beyond the memory of its target");
}

void Checked::check_answer(const Expected<Allocation>& answer, std::uint64_t user, Bytes alignment) {
  if (!answer || answer->memory == VK_NULL_HANDLE) return;  // refused, or a strategy without memory
  {
    const std::lock_guard lock(mutex_);
    if (!live_.emplace(answer->resource, user).second)
      violations_.add("answer", "a resource is handed out that is already alive");
    if (user != 0) by_user_[user] = answer->resource;
  }
  check_place(*answer, alignment);
}

void Checked::check_place(const Allocation& answer, Bytes alignment) {
  const BindingOracle::Binding binding = oracle_.binding_of(answer.resource);
  if (binding.memory != answer.memory || binding.offset != answer.offset)
    violations_.add("answer", "the allocation says another place than its resource is bound to");
  if (answer.charged < binding.size)
    violations_.add("answer", std::to_string(answer.charged) + " bytes are charged where " +
                                  std::to_string(binding.size) + " are required");
  if (alignment > 1 && answer.offset % alignment != 0)
    violations_.add("alignment", "offset " + std::to_string(answer.offset) + " misses the alignment of " +
                                     std::to_string(alignment) + " that was asked for");
}

void Checked::destroy(const Allocation& allocation, std::uint16_t lane) {
  if (allocation.memory != VK_NULL_HANDLE) {
    if (!died(allocation.resource))
      return violations_.add("double_release", "an allocation is destroyed that is not alive");
  }
  strategy_->destroy(allocation, lane);
}

}  // namespace vkmembench
