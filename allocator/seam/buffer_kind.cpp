#include "allocator/seam/buffer_kind.h"

#include <algorithm>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

// The limit of minAccelerationStructureScratchOffsetAlignment is at most this, and no device info carries it.
constexpr Bytes kScratchAlignment = 256;
constexpr Bytes kCopyAlignment = 4;  // vkCmdFillBuffer, vkCmdUpdateBuffer, indirect offsets, index types

constexpr VkBufferUsageFlags kTexelUsage =
    VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT;
constexpr VkBufferUsageFlags kTransferUsage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;

}  // namespace

Bytes offset_alignment(VkBufferUsageFlags usage, const DeviceInfo& device) {
  const VkPhysicalDeviceLimits& limits = device.limits;
  Bytes alignment = kCopyAlignment;
  const auto raise = [&](VkBufferUsageFlags bits, Bytes to) {
    if ((usage & bits) != 0) alignment = std::max(alignment, to);
  };
  raise(VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT, limits.minUniformBufferOffsetAlignment);
  raise(VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, limits.minStorageBufferOffsetAlignment);
  raise(kTexelUsage, limits.minTexelBufferOffsetAlignment);
  return alignment;
}

Bytes dynamic_stride(Bytes element, VkBufferUsageFlags usage, const DeviceInfo& device) {
  return align_up(element, offset_alignment(usage, device));
}

BufferPlan plan_buffer(BufferKind kind, Bytes size, const DeviceInfo& device, HostAccess host,
                       VkBufferUsageFlags usage) {
  VKMEMBENCH_CHECK(size > 0 && kind != BufferKind::count, "a buffer has a size and a kind");
  const BufferKindInfo& row = info_of(kind);
  BufferPlan plan;
  plan.info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  plan.info.usage = row.usage | usage | kTransferUsage;
  plan.info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
  plan.memory = host == HostAccess::yes && !is_mappable(row.memory) ? MemoryUse::dynamic : row.memory;
  plan.alignment = offset_alignment(plan.info.usage, device);
  if (kind == BufferKind::ray_tracing) plan.alignment = std::max(plan.alignment, kScratchAlignment);
  plan.info.size = align_up(size, plan.alignment);
  return plan;
}

}  // namespace vkmembench
