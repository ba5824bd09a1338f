#include "allocator/strategy/binding_oracle.h"

#include <algorithm>
#include <string>

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

BindingOracle::AliasDeclaration::AliasDeclaration(BindingOracle& oracle, std::uint64_t target) : oracle_(oracle) {
  const std::lock_guard lock(oracle_.mutex_);
  const auto found = oracle_.resources_.find(target);
  if (found != oracle_.resources_.end() && found->second.target != 0) target = found->second.target;
  oracle_.declared_[std::this_thread::get_id()] = target;
}

BindingOracle::AliasDeclaration::~AliasDeclaration() {
  const std::lock_guard lock(oracle_.mutex_);
  oracle_.declared_.erase(std::this_thread::get_id());
}

void BindingOracle::report_leaks() {
  const std::lock_guard lock(mutex_);
  for (const auto& [handle, resource] : resources_)
    violations_.add("leak", resource.image ? "an image is alive" : "a buffer is alive");
  for (const auto& [handle, memory] : memories_)
    violations_.add("leak", std::to_string(memory.size) + " bytes of device memory are alive");
}

void BindingOracle::note(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, const VkDeviceMemory* memory) {
  const std::lock_guard lock(mutex_);
  memories_[*memory] = {info->allocationSize, info->memoryTypeIndex, {}};
}

void BindingOracle::note(const VkBufferCreateInfo*, const VkAllocationCallbacks*, const VkBuffer* buffer) {
  const std::lock_guard lock(mutex_);
  resources_[reinterpret_cast<std::uint64_t>(*buffer)] = {};
}

void BindingOracle::note(const VkImageCreateInfo* info, const VkAllocationCallbacks*, const VkImage* image) {
  const std::lock_guard lock(mutex_);
  resources_[reinterpret_cast<std::uint64_t>(*image)] = {.image = true,
                                                         .linear = info->tiling == VK_IMAGE_TILING_LINEAR};
}

void BindingOracle::note(VkBuffer buffer, VkDeviceMemory memory, VkDeviceSize offset) {
  VkMemoryRequirements requirements{};
  quiet_.fn.get_buffer_memory_requirements(quiet_.handle, buffer, &requirements);
  bound(reinterpret_cast<std::uint64_t>(buffer), requirements, memory, offset);
}

void BindingOracle::note(VkImage image, VkDeviceMemory memory, VkDeviceSize offset) {
  VkMemoryRequirements requirements{};
  quiet_.fn.get_image_memory_requirements(quiet_.handle, image, &requirements);
  bound(reinterpret_cast<std::uint64_t>(image), requirements, memory, offset);
}

void BindingOracle::note(std::uint32_t count, const VkBindBufferMemoryInfo* infos) {
  for (std::uint32_t i = 0; i < count; ++i) note(infos[i].buffer, infos[i].memory, infos[i].memoryOffset);
}
void BindingOracle::note(std::uint32_t count, const VkBindImageMemoryInfo* infos) {
  for (std::uint32_t i = 0; i < count; ++i) note(infos[i].image, infos[i].memory, infos[i].memoryOffset);
}

void BindingOracle::bound(std::uint64_t handle, const VkMemoryRequirements& requirements, VkDeviceMemory memory_handle,
                          Offset offset) {
  const std::lock_guard lock(mutex_);
  const auto memory = memories_.find(memory_handle);
  if (memory == memories_.end()) return violations_.add("bounds", "a resource is bound to memory that is not alive");
  Resource& resource = resources_[handle];
  resource.binding = {memory_handle, offset, requirements.size};
  const std::string where = place(offset, requirements.size) + " of " + std::to_string(memory->second.size);
  if (offset + requirements.size > memory->second.size || offset + requirements.size < offset)
    violations_.add("bounds", where + " reaches beyond its memory");
  if (offset % requirements.alignment != 0)
    violations_.add("alignment", where + " needs alignment " + std::to_string(requirements.alignment));
  if ((requirements.memoryTypeBits >> memory->second.type & 1u) == 0)
    violations_.add("memory_type",
                    where + " is in type " + std::to_string(memory->second.type) + ", which is not allowed");
  check_alias(handle, resource);
  const Span span{offset + requirements.size, resource.linear, handle};
  check_neighbours(memory->second, offset, span);
  memory->second.spans.emplace(offset, span);
}

void BindingOracle::check_alias(std::uint64_t handle, Resource& alias) {
  const auto declared = declared_.find(std::this_thread::get_id());
  if (declared == declared_.end() || declared->second == handle) return;
  const auto target = resources_.find(declared->second);
  if (target == resources_.end() || target->second.binding.memory != alias.binding.memory)
    return violations_.add("alias", "an alias is bound where its target is not");
  const Binding& place = target->second.binding;
  if (alias.binding.offset < place.offset || alias.binding.offset >= place.offset + place.size)
    return violations_.add("alias", "an alias does not begin within its target");
  alias.target = declared->second;
  ++target->second.aliases;
}

// Whether one is an alias of the other, or both are of the same target.
bool BindingOracle::share_memory(std::uint64_t a, std::uint64_t b) const {
  const auto target_of = [this](std::uint64_t handle) {
    const auto found = resources_.find(handle);
    return found == resources_.end() || found->second.target == 0 ? handle : found->second.target;
  };
  return target_of(a) == target_of(b);
}

void BindingOracle::check_neighbours(const Memory& memory, Offset offset, const Span& span) {
  const auto page = [&](Offset at) { return at / granularity_; };
  const auto meets = [&](Offset low_end, bool low_linear, Offset high, bool high_linear) {
    if (low_end > high)
      violations_.add("overlap", place(offset, span.end - offset) + " overlaps a live resource");
    else if (low_linear != high_linear && page(low_end - 1) == page(high))
      violations_.add("granularity", place(offset, span.end - offset) + " shares a page of " +
                                         std::to_string(granularity_) + " bytes with a resource of the other kind");
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

void BindingOracle::erase(std::uint64_t handle) {
  if (handle == 0) return;
  const std::lock_guard lock(mutex_);
  const auto found = resources_.find(handle);
  if (found == resources_.end()) return violations_.add("double_release", "a resource is destroyed that is not alive");
  const Binding binding = found->second.binding;
  if (found->second.aliases > 0)
    violations_.add("alias",
                    "a resource is destroyed before " + std::to_string(found->second.aliases) + " aliases of it");
  const auto target = resources_.find(found->second.target);
  if (target != resources_.end() && target->second.aliases > 0) --target->second.aliases;
  resources_.erase(found);
  const auto memory = memories_.find(binding.memory);
  if (memory == memories_.end()) return;
  auto [it, end] = memory->second.spans.equal_range(binding.offset);
  while (it != end && it->second.resource != handle) ++it;
  if (it != end) memory->second.spans.erase(it);
}

void BindingOracle::freed(VkDeviceMemory handle, const VkAllocationCallbacks*) {
  if (handle == VK_NULL_HANDLE) return;
  const std::lock_guard lock(mutex_);
  const auto memory = memories_.find(handle);
  if (memory == memories_.end()) return violations_.add("double_release", "device memory is freed that is not alive");
  if (!memory->second.spans.empty())
    violations_.add("freed_under", std::to_string(memory->second.spans.size()) + " live resources lose their memory");
  memories_.erase(memory);
}

}  // namespace vkmembench
