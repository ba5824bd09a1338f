#include "allocator/oracle/checked.h"

#include <algorithm>
#include <string>
#include <utility>

namespace vkmembench {
namespace {

Asked asked_of(const ResourceRequest& request, Bytes alignment = 0) {
  return {.user = request.user,
          .alignment = alignment,
          .memory = request.memory,
          .evictable = request.evictable,
          .shared = request.shared,
          .own_memory = request.dedicated};
}
Asked asked_of(const BufferRequest& request) { return asked_of(request, request.alignment); }

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
  if (found == live_.end()) {
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
  if ((request.usage & VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT) != 0 &&
      !info.has(DeviceFeature::buffer_device_address))
    return blame_caller("a device address is asked for where the feature is off");
  return may_export(request.export_handles, info.exportable_buffers);
}
bool Checked::may_ask(const ImageRequest& request) {
  return may_export(request.export_handles, bindings_.device().info->exportable_images);
}
bool Checked::may_export(VkExternalMemoryHandleTypeFlags handles, VkExternalMemoryHandleTypeFlags exportable) {
  return (handles & ~exportable) == 0 || blame_caller("memory is to be exported as what the device does not export");
}

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
Expected<Allocation> Checked::alias(const Request& request, const Allocation& target, Offset offset) {
  if (is_nothing(target)) return strategy_->create_alias(request, target, offset);
  if (!may_ask(request) || !is_new(request.user)) return kForbidden;
  Asked asked = asked_of(request);
  const bool shared = with(target, "shared", [&](const Asked& of) {
    asked.shared_end = of.shared_end != 0 ? of.shared_end : target.offset + target.charged;
    return of.shared || of.shared_end != 0 ||
           blame_caller("memory is shared of an allocation that was not asked for as such");
  });
  if (!shared) return kForbidden;
  const BindingOracle::AliasDeclaration declaration(bindings_, target.resource, offset);
  Expected<Allocation> answer = strategy_->create_alias(request, target, offset);
  enter(answer, asked);
  if (!answer || is_nothing(*answer)) return answer;
  const BindingOracle::Binding place = bindings_.binding_of(answer->resource);
  if (place.memory != target.memory || place.offset + place.size > asked.shared_end)
    violations_.add(Violation::alias, "an alias reaches beyond the memory that it shares");
  return answer;
}

Expected<Allocation> Checked::create_alias(const BufferRequest& request, const Allocation& target, Offset offset) {
  return alias(request, target, offset);
}
Expected<Allocation> Checked::create_alias(const ImageRequest& request, const Allocation& target, Offset offset) {
  return alias(request, target, offset);
}

Expected<Allocation> Checked::create_part(const PartRequest& request) {
  if (!is_new(request.user)) return kForbidden;
  Expected<Allocation> answer = strategy_->create_part(request);
  if (!answer || is_nothing(*answer)) return answer;
  if (answer->resource != request.part.number || !answer->part)
    violations_.add(Violation::answer, "the allocation says another part than was asked for");
  bindings_.part_given(request.part, answer->memory, answer->offset);
  enter(answer, asked_of(request));
  return answer;
}

Expected<Allocation> Checked::resize(const Allocation& allocation, const BufferRequest& request) {
  if (!may_ask(request) || !is_known(allocation, "resized")) return kForbidden;
  if (is_nothing(allocation)) return strategy_->resize(allocation, request);
  // Leaves before it is gone: a driver may give its handle to another thread at once.
  Asked asked;
  (void)leave(allocation.resource, asked);
  set_aside(asked);
  Expected<Allocation> answer = strategy_->resize(allocation, request);
  const bool is_here = take_back(asked);
  if (!answer) {
    if (is_here) hold(asked);
    return answer;
  }
  if (!is_here) {
    violations_.add(Violation::answer, "an allocation is resized that is gone");
    return answer;
  }
  asked.alignment = request.alignment;
  // After a refusal the program may have asked for other memory, where it may stay.
  if (!serves(asked.memory, answer->memory_type)) asked.memory = request.memory;
  asked.not_invalidated.add(0, answer->charged);
  enter(answer, asked);
  return answer;
}

void Checked::enter(const Expected<Allocation>& answer, const Asked& asked) {
  if (!answer || is_nothing(*answer)) return;  // refused, or a strategy without memory
  Asked entry = asked;
  entry.allocation = *answer;
  hold(entry);
  check_place(entry);
}

void Checked::hold(const Asked& asked) {
  const std::uint64_t resource = asked.allocation.resource;
  const std::lock_guard lock(mutex_);
  if (!live_.try_emplace(resource, asked).second)
    violations_.add(Violation::answer, "a resource is handed out that is already alive");
  if (asked.user != 0) by_user_[asked.user] = resource;
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
  if (asked.own_memory && asked.shared_end == 0 && !bindings_.keep_alone(answer.resource))
    violations_.add(Violation::dedicated, "memory is shared that was asked for as a resource's own");
  if (!serves(asked.memory, binding.memory_type))
    violations_.add(Violation::memory_type, "type " + std::to_string(binding.memory_type) +
                                                " cannot serve memory for " + std::string(rule_of(asked.memory).name));
}

bool Checked::serves(const MemoryChoice& choice, std::uint32_t memory_type) const {
  const VkMemoryPropertyFlags flags = bindings_.device().info->memory.memoryTypes[memory_type].propertyFlags;
  const VkMemoryPropertyFlags required = rule_of(choice).required;
  return (flags & required) == required && (choice.types >> memory_type & 1u) != 0;
}

bool Checked::leave(std::uint64_t resource, Asked& asked) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(resource);
  if (found == live_.end()) return false;
  asked = std::move(found->second);
  by_user_.erase(asked.user);
  live_.erase(found);
  return true;
}

void Checked::set_aside(const Asked& asked) {
  const std::lock_guard lock(mutex_);
  if (asked.user != 0) resizing_[asked.user] = asked;
}
bool Checked::take_back(const Asked& asked) {
  const std::lock_guard lock(mutex_);
  return asked.user == 0 || resizing_.erase(asked.user) != 0;
}

bool Checked::leave_user(std::uint64_t user, Asked& asked) {
  std::uint64_t resource = 0;
  {
    const std::lock_guard lock(mutex_);
    if (auto resized = resizing_.extract(user)) {
      asked = std::move(resized.mapped());
      return true;
    }
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
  Asked asked;
  if (!is_known(allocation, "destroyed") || !leave(allocation.resource, asked)) return;
  if (asked.maps > 0) blame_caller("an allocation is destroyed while it is mapped");
  for (; asked.maps > 0; --asked.maps) strategy_->unmap(allocation);
  if (allocation.part) bindings_.part_left(allocation.resource);
  strategy_->destroy(allocation, lane);
}

Expected<std::byte*> Checked::map(const Allocation& allocation) {
  if (is_nothing(allocation)) return strategy_->map(allocation);
  const bool known = with(allocation, "mapped", [&](Asked& asked) {
    if (!is_mappable(asked.memory)) return blame_caller("an allocation is mapped that was not asked for as such");
    ++asked.maps;
    return asked.was_mapped = true;
  });
  if (!known) return kForbidden;
  Expected<std::byte*> address = strategy_->map(allocation);
  if (address) {
    const std::byte* base = mappings_.base_of(allocation.memory);
    if (base != nullptr && base + allocation.offset == *address) return address;
    violations_.add(Violation::mapping, base == nullptr
                                            ? "an address is given of memory that is not mapped"
                                            : "the address given is " + std::to_string(*address - base) +
                                                  " bytes into the memory, not " + std::to_string(allocation.offset));
    strategy_->unmap(allocation);
    address = kForbidden;
  }
  (void)with(allocation, "mapped", [](Asked& asked) { return --asked.maps == 0; });
  return address;
}

void Checked::unmap(const Allocation& allocation) {
  const bool mapped = is_nothing(allocation) || with(allocation, "unmapped", [&](Asked& asked) {
                        if (asked.maps == 0) return blame_caller("an allocation is unmapped that is not mapped");
                        --asked.maps;
                        return true;
                      });
  if (mapped) strategy_->unmap(allocation);
}

VkResult Checked::flush(const Allocation& allocation, Offset offset, Bytes size) {
  return synchronize(MappingOracle::Direction::flush, allocation, offset, size);
}
VkResult Checked::invalidate(const Allocation& allocation, Offset offset, Bytes size) {
  return synchronize(MappingOracle::Direction::invalidate, allocation, offset, size);
}

VkResult Checked::synchronize(MappingOracle::Direction direction, const Allocation& allocation, Offset offset,
                              Bytes size) {
  const bool flush = direction == MappingOracle::Direction::flush;
  const auto ask = [&] {
    return flush ? strategy_->flush(allocation, offset, size) : strategy_->invalidate(allocation, offset, size);
  };
  if (is_nothing(allocation)) return ask();
  const bool may = with(allocation, flush ? "flushed" : "invalidated", [&](Asked& asked) {
    if (asked.maps == 0) return blame_caller("an allocation is flushed or invalidated that is not mapped");
    if (offset + size > asked.allocation.charged)
      return blame_caller("bytes up to " + std::to_string(offset + size) + " are flushed or invalidated of " +
                          std::to_string(asked.allocation.charged));
    (flush ? asked.unflushed : asked.not_invalidated).remove(offset, offset + size);
    return true;
  });
  if (!may) return kForbidden;
  const VkMemoryPropertyFlags flags = bindings_.device().info->memory.memoryTypes[allocation.memory_type].propertyFlags;
  if ((flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0) return ask();
  const MappingOracle::Watch watch(mappings_, direction, allocation.memory, allocation.offset + offset,
                                   allocation.offset + offset + size);
  const VkResult result = ask();
  if (result == VK_SUCCESS && !watch.saw_all())
    violations_.add(Violation::flush, std::string(flush ? "a flush" : "an invalidate") + " of bytes " +
                                          std::to_string(offset) + " to " + std::to_string(offset + size) +
                                          " of an allocation does not reach the device");
  return result;
}

void Checked::touch(const Allocation& allocation) {
  if (is_known(allocation, "touched")) strategy_->touch(allocation);
}

void Checked::has_contents(const Allocation& allocation) {
  const bool known =
      is_nothing(allocation) || with(allocation, "filled", [](Asked& asked) { return asked.has_contents = true; });
  if (known) strategy_->has_contents(allocation);
}

VkResult Checked::mark(const Allocation& allocation) {
  return is_known(allocation, "marked") ? strategy_->mark(allocation) : kForbidden;
}
VkResult Checked::bind(const Allocation& allocation, Bytes size) {
  return is_known(allocation, "bound to a slot") ? strategy_->bind(allocation, size) : kForbidden;
}
VkResult Checked::unbind(const Allocation& allocation) {
  return is_known(allocation, "taken from its slot") ? strategy_->unbind(allocation) : kForbidden;
}

void Checked::host_writes(const Allocation& allocation, Offset offset, Bytes size) {
  (void)with(allocation, "written", [&](Asked& asked) {
    if (asked.maps == 0) return blame_caller("an allocation is written that is not mapped");
    asked.unflushed.add(offset, offset + size);
    return true;
  });
}

void Checked::device_writes(const Allocation& allocation, Offset offset, Bytes size) {
  (void)with(allocation, "copied into", [&](Asked& asked) {
    asked.not_invalidated.add(offset, offset + size);
    asked.unflushed.remove(offset, offset + size);
    return true;
  });
}

bool Checked::host_reads(const Allocation& allocation, Offset offset, Bytes size) {
  return with(allocation, "read", [&](Asked& asked) {
    return !asked.not_invalidated.meets(offset, offset + size) ||
           blame_caller("the host reads what the device wrote without asking for an invalidate");
  });
}

bool Checked::device_reads(const Allocation& allocation, Offset offset, Bytes size) {
  return with(allocation, "copied from", [&](Asked& asked) {
    return !asked.unflushed.meets(offset, offset + size) ||
           blame_caller("the device reads what the host wrote without asking for a flush");
  });
}

VkResult Checked::peek(const Allocation& allocation, Offset offset, Bytes size,
                       const std::function<void(std::span<const std::byte>)>& look) {
  return mappings_.peek(quiet_, allocation.memory, allocation.offset + offset, allocation.offset + offset + size, look);
}

void Checked::contents_differ(const Allocation& allocation, const std::string& text) {
  const bool theirs = with(allocation, "compared", [&](Asked& asked) {
    return asked.has_contents || asked.was_mapped || !asked.moved || !asked.allocation.image ||
           blame_caller(text + "; it moved, and the strategy was not told that it has contents");
  });
  if (theirs) violations_.add(Violation::contents, text);
}

}  // namespace vkmembench
