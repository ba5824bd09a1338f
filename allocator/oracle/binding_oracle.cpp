#include "allocator/oracle/binding_oracle.h"

#include <algorithm>
#include <string>
#include <utility>

#include "allocator/device/chain.h"
#include "allocator/device/off_the_clock.h"
#include "allocator/device/resource.h"

namespace vkmembench {
namespace {

std::string place(Offset offset, Bytes size) {
  std::string text = "[";
  text += std::to_string(offset);
  text += ", ";
  text += std::to_string(offset + size);
  return text += ")";
}

}  // namespace

BindingOracle::BindingOracle(const Device& next, const Device& quiet, Violations& violations)
    : Layer(next),
      quiet_(quiet),
      violations_(violations),
      granularity_(std::max<Bytes>(1, next.info->limits.bufferImageGranularity)) {}

BindingOracle::Binding BindingOracle::binding_of(std::uint64_t resource) const {
  const std::lock_guard lock(mutex_);
  const auto found = resources_.find(resource);
  return found == resources_.end() ? Binding{} : found->second.binding;
}

BindingOracle::AliasDeclaration::AliasDeclaration(BindingOracle& oracle, std::uint64_t target, Offset offset)
    : oracle_(oracle) {
  const std::lock_guard lock(oracle_.mutex_);
  oracle_.declared_[std::this_thread::get_id()] = {target, offset};
}

BindingOracle::AliasDeclaration::~AliasDeclaration() {
  const std::lock_guard lock(oracle_.mutex_);
  oracle_.declared_.erase(std::this_thread::get_id());
}

void BindingOracle::disown(std::uint64_t handle) {
  std::optional<Orphan> orphan;
  {
    const std::lock_guard lock(mutex_);
    const auto found = resources_.find(handle);
    if (found == resources_.end()) return;
    orphan = leave_memory(handle, found->second);
    resources_.erase(found);
  }
  if (orphan) next().fn.free_memory(next().handle, orphan->memory, orphan->callbacks);
}

void BindingOracle::report_leaks() {
  const std::lock_guard lock(mutex_);
  for (const auto& [handle, resource] : resources_)
    violations_.add(Violation::leak, resource.part    ? "a part is alive"
                                     : resource.image ? "an image is alive"
                                                      : "a buffer is alive");
  for (const auto& [handle, memory] : memories_)
    if (!memory.freed)
      violations_.add(Violation::leak, std::to_string(memory.size) + " bytes of device memory are alive");
}

bool BindingOracle::is_allowed(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, const VkDeviceMemory*) {
  if (info->memoryTypeIndex >= next().info->memory.memoryTypeCount) {
    violations_.add(Violation::memory_type,
                    "memory is allocated of type " + std::to_string(info->memoryTypeIndex) + ", which is none");
    return false;
  }
  const auto* dedicated =
      find_in_chain<VkMemoryDedicatedAllocateInfo>(info->pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO);
  if (dedicated == nullptr) return true;
  const std::lock_guard lock(mutex_);
  return (dedicated->buffer == VK_NULL_HANDLE ||
          may_be_dedicated(reinterpret_cast<std::uint64_t>(dedicated->buffer), false, info->allocationSize)) &&
         (dedicated->image == VK_NULL_HANDLE ||
          may_be_dedicated(reinterpret_cast<std::uint64_t>(dedicated->image), true, info->allocationSize));
}

bool BindingOracle::may_be_dedicated(std::uint64_t resource, bool image, Bytes size) {
  const auto found = resources_.find(resource);
  if (found == resources_.end() || found->second.image != image) {
    violations_.add(Violation::use_after_free, "memory is dedicated to a resource that is not alive");
    return false;
  }
  const Bytes required = ask(resource, image).memory.size;
  if (required == size) return true;
  violations_.add(Violation::dedicated, std::to_string(size) + " bytes are dedicated to a resource that requires " +
                                            std::to_string(required));
  return false;
}

void BindingOracle::made(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, const VkDeviceMemory* memory) {
  const auto* dedicated =
      find_in_chain<VkMemoryDedicatedAllocateInfo>(info->pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO);
  const auto* flags =
      find_in_chain<VkMemoryAllocateFlagsInfo>(info->pNext, VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO);
  Memory fresh{
      .size = info->allocationSize, .type = info->memoryTypeIndex, .spans = std::pmr::multimap<Offset, Span>(&nodes_)};
  if (dedicated != nullptr)
    fresh.dedicated_to =
        reinterpret_cast<std::uint64_t>(dedicated->buffer) | reinterpret_cast<std::uint64_t>(dedicated->image);
  const auto* exported =
      find_in_chain<VkExportMemoryAllocateInfo>(info->pNext, VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO);
  if (exported != nullptr) fresh.export_handles = exported->handleTypes;
  fresh.has_device_address = flags != nullptr && (flags->flags & VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT) != 0;
  const std::lock_guard lock(mutex_);
  memories_.insert_or_assign(*memory, std::move(fresh));
}

void BindingOracle::made(const VkBufferCreateInfo* info, const VkAllocationCallbacks*, const VkBuffer* buffer) {
  const auto* external = find_in_chain<VkExternalMemoryBufferCreateInfo>(
      info->pNext, VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO);
  const bool address = (info->usage & VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT) != 0;
  const std::lock_guard lock(mutex_);
  resources_[reinterpret_cast<std::uint64_t>(*buffer)] = {
      .needs_device_address = address && next().info->has(DeviceFeature::buffer_device_address),
      .export_handles = external != nullptr ? external->handleTypes : 0};
}

void BindingOracle::made(const VkImageCreateInfo* info, const VkAllocationCallbacks*, const VkImage* image) {
  const auto* external =
      find_in_chain<VkExternalMemoryImageCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO);
  const std::lock_guard lock(mutex_);
  resources_[reinterpret_cast<std::uint64_t>(*image)] = {
      .image = true,
      .linear = info->tiling == VK_IMAGE_TILING_LINEAR,
      .export_handles = external != nullptr ? external->handleTypes : 0};
}

bool BindingOracle::bound(std::uint32_t count, const VkBindBufferMemoryInfo* infos) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bound(infos[i].buffer, infos[i].memory, infos[i].memoryOffset)) continue;
    unbound(i, infos);
    return false;
  }
  return true;
}
bool BindingOracle::bound(std::uint32_t count, const VkBindImageMemoryInfo* infos) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bound(infos[i].image, infos[i].memory, infos[i].memoryOffset)) continue;
    unbound(i, infos);
    return false;
  }
  return true;
}
void BindingOracle::unbound(std::uint32_t count, const VkBindBufferMemoryInfo* infos) {
  for (std::uint32_t i = 0; i < count; ++i) unbind(reinterpret_cast<std::uint64_t>(infos[i].buffer));
}
void BindingOracle::unbound(std::uint32_t count, const VkBindImageMemoryInfo* infos) {
  for (std::uint32_t i = 0; i < count; ++i) unbind(reinterpret_cast<std::uint64_t>(infos[i].image));
}

ResourceNeeds BindingOracle::ask(std::uint64_t resource, bool image) const {
  const OffTheClock off(quiet_.model_ns);
  return needs_of(quiet_, resource, image);
}

bool BindingOracle::bind(std::uint64_t handle, VkDeviceMemory memory_handle, Offset offset) {
  const std::lock_guard lock(mutex_);
  const auto found = resources_.find(handle);
  if (found == resources_.end()) {
    violations_.add(Violation::use_after_free, "a resource is bound that is not alive");
    return false;
  }
  Resource& resource = found->second;
  if (resource.binding.memory != VK_NULL_HANDLE) {
    violations_.add(Violation::binding, "a resource is bound that is bound already");
    return false;
  }
  return settle(handle, resource, ask(handle, resource.image), memory_handle, offset);
}

void BindingOracle::part_given(const ResourcePart& part, VkDeviceMemory memory, Offset offset) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] =
      resources_.try_emplace(part.number, Resource{.image = part.image, .linear = !part.optimal, .part = true});
  if (!fresh) return violations_.add(Violation::answer, "a part is handed out that is already alive");
  if (!settle(part.number, entry->second, {part.needs}, memory, offset)) resources_.erase(entry);
}

void BindingOracle::part_left(std::uint64_t number) { disown(number); }

bool BindingOracle::settle(std::uint64_t handle, Resource& resource, const ResourceNeeds& needs,
                           VkDeviceMemory memory_handle, Offset offset) {
  const auto memory = memories_.find(memory_handle);
  if (memory == memories_.end() || memory->second.freed) {
    violations_.add(Violation::use_after_free, "a resource is bound to memory that is not alive");
    return false;
  }
  if (!fits(handle, resource, needs, memory->second, offset)) return false;
  resource.binding = {memory_handle, offset, needs.memory.size, memory->second.type};
  check_alias(handle, resource);
  const Span span{offset + needs.memory.size, resource.linear, handle};
  if (memory->second.alone != 0 && !share_memory(memory->second.alone, handle))
    violations_.add(Violation::dedicated, "a resource is bound to memory that another has to itself");
  check_neighbours(memory->second, offset, span);
  memory->second.spans.emplace(offset, span);
  return true;
}

bool BindingOracle::fits(std::uint64_t handle, const Resource& resource, const ResourceNeeds& needs,
                         const Memory& memory, Offset offset) {
  bool fits = true;
  const auto forbid = [&](Violation kind, const std::string& text) {
    violations_.add(kind, place(offset, needs.memory.size) + " of " + std::to_string(memory.size) + text);
    fits = false;
  };
  if (needs.memory.size > memory.size || offset > memory.size - needs.memory.size)
    forbid(Violation::bounds, " reaches beyond its memory");
  if (offset % needs.memory.alignment != 0)
    forbid(Violation::alignment, " needs alignment " + std::to_string(needs.memory.alignment));
  if ((needs.memory.memoryTypeBits >> memory.type & 1u) == 0)
    forbid(Violation::memory_type, " is in type " + std::to_string(memory.type) + ", which is not allowed");
  if (memory.dedicated_to != 0 && (memory.dedicated_to != handle || offset != 0))
    forbid(Violation::dedicated, " is in memory dedicated to another resource, or not at its start");
  else if (needs.dedicated && memory.dedicated_to != handle)
    forbid(Violation::dedicated, " is bound without the dedicated memory that it requires");
  if (resource.needs_device_address && !memory.has_device_address)
    forbid(Violation::device_address, " has a device address, its memory has none");
  if ((memory.export_handles != 0 || resource.export_handles != 0) &&
      (memory.export_handles & resource.export_handles) == 0)
    forbid(Violation::external, " is exported, or its memory is, and not the other");
  return fits;
}

bool BindingOracle::keep_alone(std::uint64_t resource) {
  const std::lock_guard lock(mutex_);
  const auto found = resources_.find(resource);
  if (found == resources_.end()) return true;
  const auto memory = memories_.find(found->second.binding.memory);
  if (memory == memories_.end()) return true;
  memory->second.alone = resource;
  return std::ranges::all_of(memory->second.spans,
                             [&](const auto& span) { return share_memory(span.second.resource, resource); });
}

void BindingOracle::unbind(std::uint64_t handle) {
  const std::lock_guard lock(mutex_);
  const auto found = resources_.find(handle);
  if (found != resources_.end()) (void)leave_memory(handle, found->second);
}

void BindingOracle::check_alias(std::uint64_t handle, Resource& alias) {
  const auto declared = declared_.find(std::this_thread::get_id());
  if (declared == declared_.end() || declared->second.target == handle) return;
  const auto target = resources_.find(declared->second.target);
  if (target == resources_.end() || target->second.binding.memory != alias.binding.memory)
    return violations_.add(Violation::alias, "an alias is bound where its target is not");
  const Offset asked = target->second.binding.offset + declared->second.offset;
  if (alias.binding.offset != asked)
    return violations_.add(Violation::alias, "an alias is bound at " + std::to_string(alias.binding.offset) +
                                                 " where " + std::to_string(asked) + " was asked for");
  if (target->second.sharing == 0) target->second.sharing = ++sharings_;
  alias.sharing = target->second.sharing;
}

// Whether they are aliases of each other, however many lie between.
bool BindingOracle::share_memory(std::uint64_t a, std::uint64_t b) const {
  const auto sharing_of = [this](std::uint64_t handle) {
    const auto found = resources_.find(handle);
    return found == resources_.end() ? 0 : found->second.sharing;
  };
  return a == b || (sharing_of(a) != 0 && sharing_of(a) == sharing_of(b));
}

void BindingOracle::check_neighbours(const Memory& memory, Offset offset, const Span& span) {
  const auto page = [&](Offset at) { return at / granularity_; };
  const auto meets = [&](Offset low_end, bool low_linear, Offset high, bool high_linear) {
    if (low_end > high)
      violations_.add(Violation::overlap, place(offset, span.end - offset) + " overlaps a live resource");
    else if (low_linear != high_linear && page(low_end - 1) == page(high))
      violations_.add(Violation::granularity, place(offset, span.end - offset) + " shares a page of " +
                                                  std::to_string(granularity_) +
                                                  " bytes with a resource of the other kind");
  };
  const auto next = memory.spans.lower_bound(offset);
  for (auto it = next; it != memory.spans.end() && page(it->first) <= page(span.end - 1); ++it)
    if (!share_memory(span.resource, it->second.resource)) meets(span.end, span.linear, it->first, it->second.linear);
  for (auto it = next; it != memory.spans.begin();) {
    --it;
    if (page(it->second.end - 1) < page(offset)) break;
    if (!share_memory(span.resource, it->second.resource))
      meets(it->second.end, it->second.linear, offset, span.linear);
  }
}

bool BindingOracle::died(std::uint64_t handle, std::optional<Orphan>& orphan) {
  if (handle == 0) return true;
  const std::lock_guard lock(mutex_);
  const auto found = resources_.find(handle);
  if (found == resources_.end()) {
    violations_.add(Violation::double_release, "a resource is destroyed that is not alive");
    return false;
  }
  orphan = leave_memory(handle, found->second);
  resources_.erase(found);
  return true;
}

std::optional<BindingOracle::Orphan> BindingOracle::leave_memory(std::uint64_t handle, Resource& resource) {
  const Binding binding = std::exchange(resource.binding, {});
  resource.sharing = 0;
  const auto memory = memories_.find(binding.memory);
  if (memory == memories_.end()) return std::nullopt;
  auto [it, end] = memory->second.spans.equal_range(binding.offset);
  while (it != end && it->second.resource != handle) ++it;
  if (it != end) memory->second.spans.erase(it);
  if (memory->second.alone == handle) memory->second.alone = 0;
  if (!memory->second.freed || !memory->second.spans.empty()) return std::nullopt;
  const Orphan orphan{binding.memory, memory->second.callbacks};
  memories_.erase(memory);
  return orphan;
}

bool BindingOracle::freed(VkDeviceMemory handle, const VkAllocationCallbacks* callbacks) {
  if (handle == VK_NULL_HANDLE) return true;
  const std::lock_guard lock(mutex_);
  const auto memory = memories_.find(handle);
  if (memory == memories_.end() || memory->second.freed) {
    violations_.add(Violation::double_release, "device memory is freed that is not alive");
    return false;
  }
  if (memory->second.spans.empty()) {
    memories_.erase(memory);
    return true;
  }
  violations_.add(Violation::freed_under,
                  std::to_string(memory->second.spans.size()) + " live resources lose their memory");
  memory->second.freed = true;
  memory->second.callbacks = callbacks;
  return false;
}

}  // namespace vkmembench
