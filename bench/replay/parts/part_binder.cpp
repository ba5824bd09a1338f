#include "bench/replay/parts/part_binder.h"

#include <utility>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/base/planes.h"
#include "allocator/device/resource.h"
#include "bench/replay/parts/sparse_pages.h"

namespace vkmembench {
namespace {

// Of the texels of a sparse image, not of what the driver keeps beside them.
VkSparseImageMemoryRequirements texel_requirements(const Device& device, VkImage image) {
  std::uint32_t count = 0;
  device.fn.get_image_sparse_memory_requirements(device.handle, image, &count, nullptr);
  std::vector<VkSparseImageMemoryRequirements> all(count);
  device.fn.get_image_sparse_memory_requirements(device.handle, image, &count, all.data());
  for (const VkSparseImageMemoryRequirements& row : all)
    if ((row.formatProperties.aspectMask & VK_IMAGE_ASPECT_METADATA_BIT) == 0) return row;
  return {};
}

}  // namespace

PartBinder::~PartBinder() {
  for (const auto& [object, owner] : owners_) destroy(owner);
  if (fence_ != VK_NULL_HANDLE) device_.fn.destroy_fence(device_.handle, fence_, nullptr);
}

Expected<std::uint64_t> PartBinder::create(ObjectIndex object, const BufferRequest& request) {
  const Expected<std::uint64_t> made = create_resource(device_, chained_info(request).get());
  if (!made) return made;
  const std::lock_guard lock(mutex_);
  owners_[object] = {.resource = *made, .page = requirements_of(device_, *made, false).alignment, .request = request};
  return made;
}

Expected<std::uint64_t> PartBinder::create(ObjectIndex object, const ImageRequest& request) {
  const Expected<std::uint64_t> made = create_resource(device_, chained_info(request).get());
  if (!made) return made;
  Owner owner{
      .resource = *made, .by_texels = (request.flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) != 0, .request = request};
  if ((request.flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT) != 0)
    owner.page = requirements_of(device_, *made, true).alignment;
  if (owner.by_texels) owner.requirements = texel_requirements(device_, image_of(*made));
  const std::lock_guard lock(mutex_);
  owners_[object] = std::move(owner);
  return made;
}

PartBinder::Owner* PartBinder::find(ObjectIndex object) {
  const auto found = owners_.find(object);
  return found == owners_.end() ? nullptr : &found->second;
}

void PartBinder::destroy(const Owner& owner) {
  destroy_resource(device_, owner.resource, std::holds_alternative<ImageRequest>(owner.request));
}

void PartBinder::destroy(ObjectIndex object) {
  const std::lock_guard lock(mutex_);
  const Owner* owner = find(object);
  VKMEMBENCH_CHECK(owner != nullptr, "what is bound in parts is destroyed once");
  destroy(*owner);
  owners_.erase(object);
}

VkResult PartBinder::bind(const Event& event, const Allocation& memory, Bytes size) {
  const std::lock_guard lock(mutex_);
  const Owner* owner = find(event.target());
  if (owner == nullptr) return VK_SUCCESS;
  if (operands_of(event.op) == Operands::plane) return bind_plane(*owner, event.plane(), memory);
  const Pages pages{event.target(), event.page_offset(), size};
  pages_[event.object] = pages;
  return bind_pages(*owner, pages, memory.memory, memory.offset);
}

VkResult PartBinder::unbind(ObjectIndex part) {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(part);
  if (found == pages_.end()) return VK_SUCCESS;
  const Pages pages = found->second;
  pages_.erase(found);
  const Owner* owner = find(pages.of);
  return owner == nullptr ? VK_SUCCESS : bind_pages(*owner, pages, VK_NULL_HANDLE, 0);
}

VkResult PartBinder::bind_plane(const Owner& owner, std::uint32_t plane, const Allocation& memory) {
  VkBindImagePlaneMemoryInfo which{};
  which.sType = VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO;
  which.planeAspect = plane_aspect(plane);
  VkBindImageMemoryInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BIND_IMAGE_MEMORY_INFO;
  info.pNext = &which;
  info.image = image_of(owner.resource);
  info.memory = memory.memory;
  info.memoryOffset = memory.offset;
  return device_.fn.bind_image_memory2(device_.handle, 1, &info);
}

VkResult PartBinder::bind_pages(const Owner& owner, const Pages& pages, VkDeviceMemory memory, Offset offset) {
  VkBindSparseInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO;
  const VkSparseMemoryBind range{pages.offset, pages.size, memory, offset, 0};
  const auto* image = std::get_if<ImageRequest>(&owner.request);
  if (image == nullptr) {
    const VkSparseBufferMemoryBindInfo binds{buffer_of(owner.resource), 1, &range};
    info.bufferBindCount = 1;
    info.pBufferBinds = &binds;
    return submit(info);
  }
  if (!owner.by_texels) {
    const VkSparseImageOpaqueMemoryBindInfo binds{image_of(owner.resource), 1, &range};
    info.imageOpaqueBindCount = 1;
    info.pImageOpaqueBinds = &binds;
    return submit(info);
  }
  const ImagePageBinds parts = image_page_binds(*image, owner.requirements, owner.page, pages.offset / owner.page,
                                                pages.size / owner.page, memory, offset);
  const VkSparseImageMemoryBindInfo texels{image_of(owner.resource), static_cast<std::uint32_t>(parts.texels.size()),
                                           parts.texels.data()};
  const VkSparseImageOpaqueMemoryBindInfo tail{image_of(owner.resource), static_cast<std::uint32_t>(parts.tail.size()),
                                               parts.tail.data()};
  info.imageBindCount = parts.texels.empty() ? 0 : 1;
  info.pImageBinds = &texels;
  info.imageOpaqueBindCount = parts.tail.empty() ? 0 : 1;
  info.pImageOpaqueBinds = &tail;
  return info.imageBindCount + info.imageOpaqueBindCount == 0 ? VK_SUCCESS : submit(info);
}

// A fence that is not waited for to its end is not used again.
VkResult PartBinder::submit(const VkBindSparseInfo& info) {
  const std::unique_lock<std::mutex> queue =
      transfer_ != nullptr ? transfer_->hold_queue() : std::unique_lock<std::mutex>();
  if (fence_ == VK_NULL_HANDLE) {
    VkFenceCreateInfo create{};
    create.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO;
    if (const VkResult made = device_.fn.create_fence(device_.handle, &create, nullptr, &fence_); made != VK_SUCCESS)
      return made;
  }
  VkResult result = device_.fn.queue_bind_sparse(device_.queue, 1, &info, fence_);
  if (result != VK_SUCCESS) return result;
  result = device_.fn.wait_for_fences(device_.handle, 1, &fence_, VK_TRUE, ~std::uint64_t{0});
  if (result == VK_SUCCESS) result = device_.fn.reset_fences(device_.handle, 1, &fence_);
  if (result == VK_SUCCESS) return result;
  (void)device_.fn.device_wait_idle(device_.handle);
  device_.fn.destroy_fence(device_.handle, std::exchange(fence_, VK_NULL_HANDLE), nullptr);
  return result;
}

}  // namespace vkmembench
