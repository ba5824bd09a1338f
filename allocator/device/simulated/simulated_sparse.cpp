#include <algorithm>
#include <bit>

#include "allocator/device/simulated/simulated_state.h"

namespace vkmembench::simulated {
namespace {

constexpr Bytes kPage = 64 * kKiB;

constexpr std::uint32_t divide_up(std::uint32_t value, std::uint32_t divisor) {
  return (value + divisor - 1) / divisor;
}
constexpr VkExtent3D mip_sides(const VkExtent3D& extent, std::uint32_t mip) {
  const auto side = [&](std::uint32_t full) { return std::max(1u, full >> mip); };
  return {side(extent.width), side(extent.height), side(extent.depth)};
}

// The standard sparse image block shapes (Vulkan 1.3, "Standard Sparse Image Block Shapes"), in texel blocks.
VkExtent3D page_blocks(Bytes block_bytes, bool three) {
  const int doublings = 16 - std::countr_zero(block_bytes);
  if (!three) return {1u << (doublings + 1) / 2, 1u << doublings / 2, 1};
  return {1u << (doublings + 2) / 3, 1u << (doublings + 1) / 3, 1u << doublings / 3};
}

Bytes pages_of(const VkExtent3D& mip, const VkExtent3D& page) {
  return Bytes{divide_up(mip.width, page.width)} * divide_up(mip.height, page.height) *
         divide_up(mip.depth, page.depth);
}

struct Bound {
  VkDeviceMemory memory;
  Offset offset;
};

// Misuse aborts.
void check_pages(const Device& device, const Requirements& required, const Bound& to, Bytes bytes) {
  if (to.memory == VK_NULL_HANDLE) return;
  const auto& memory = object_on<Memory>(device, to.memory);
  VKMEMBENCH_CHECK((required.memory_type_bits >> memory.type & 1u) != 0,
                   "pages of a memory type the resource excludes");
  VKMEMBENCH_CHECK(is_aligned(to.offset, kPage), "pages at an unaligned offset of memory");
  VKMEMBENCH_CHECK(bytes <= memory.size && to.offset <= memory.size - bytes, "pages beyond the memory");
  VKMEMBENCH_CHECK(memory.dedicated_buffer == VK_NULL_HANDLE && memory.dedicated_image == VK_NULL_HANDLE,
                   "pages of memory dedicated to a resource");
}

void check_range(const Device& device, const Resource& resource, const VkSparseMemoryBind& bind) {
  VKMEMBENCH_CHECK(resource.required.in_parts, "pages of a resource that is not sparse");
  VKMEMBENCH_CHECK(is_aligned(bind.resourceOffset, kPage) && is_aligned(bind.size, kPage) && bind.size > 0,
                   "a range of no whole pages");
  VKMEMBENCH_CHECK(bind.size <= resource.required.size && bind.resourceOffset <= resource.required.size - bind.size,
                   "pages beyond the resource");
  check_pages(device, resource.required, {bind.memory, bind.memoryOffset}, bind.size);
}

void check_texels(const Device& device, const Image& image, const VkSparseImageMemoryBind& bind) {
  VKMEMBENCH_CHECK(image.residency, "texels of an image that is bound by ranges");
  const SparseLayout layout = sparse_layout(*image.format, image.extent, image.three, image.mips, image.layers);
  VKMEMBENCH_CHECK(bind.subresource.mipLevel < layout.tail_mip && bind.subresource.arrayLayer < image.layers,
                   "texels of a mip in the tail, or beyond the image");
  const VkExtent3D mip = mip_sides(image.extent, bind.subresource.mipLevel);
  const auto fits = [](std::int32_t offset, std::uint32_t size, std::uint32_t page, std::uint32_t whole) {
    const auto begin = static_cast<std::uint32_t>(offset);
    return begin % page == 0 && size > 0 && begin + size <= whole && (size % page == 0 || begin + size == whole);
  };
  VKMEMBENCH_CHECK(fits(bind.offset.x, bind.extent.width, layout.page.width, mip.width) &&
                       fits(bind.offset.y, bind.extent.height, layout.page.height, mip.height) &&
                       fits(bind.offset.z, bind.extent.depth, layout.page.depth, mip.depth),
                   "texels of no whole pages");
  check_pages(device, image.required, {bind.memory, bind.memoryOffset}, pages_of(bind.extent, layout.page) * kPage);
}

}  // namespace

SparseLayout sparse_layout(const FormatInfo& format, const VkExtent3D& extent, bool three, std::uint32_t mips,
                           std::uint32_t layers) {
  SparseLayout layout;
  const VkExtent3D blocks = page_blocks(format.block_bytes, three);
  layout.page = {blocks.width * format.block_width, blocks.height * format.block_height, blocks.depth};
  Bytes pages = 0;
  for (; layout.tail_mip < mips; ++layout.tail_mip) {
    const VkExtent3D mip = mip_sides(extent, layout.tail_mip);
    if (mip.width < layout.page.width || mip.height < layout.page.height || mip.depth < layout.page.depth) break;
    pages += pages_of(mip, layout.page);
  }
  for (std::uint32_t mip = layout.tail_mip; mip < mips; ++mip) layout.tail_bytes += mip_bytes(format, extent, mip);
  layout.tail_bytes = align_up(layout.tail_bytes, kPage);
  layout.tail_offset = pages * layers * kPage;
  layout.bytes = layout.tail_offset + layout.tail_bytes * layers;
  return layout;
}

Requirements in_pages(Requirements whole) {
  whole.size = align_up(whole.size, kPage);
  whole.alignment_log2 = static_cast<std::uint8_t>(std::max(int{whole.alignment_log2}, std::countr_zero(kPage)));
  whole.prefers_dedicated = whole.requires_dedicated = false;
  whole.in_parts = true;
  return whole;
}

void get_image_sparse_memory_requirements(VkDevice handle, VkImage image_handle, std::uint32_t* count,
                                          VkSparseImageMemoryRequirements* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_image_sparse_memory_requirements);
  const auto& image = object_on<Image>(device, image_handle);
  if (out == nullptr || *count == 0 || !image.residency) {
    *count = image.residency && out == nullptr ? 1 : 0;
    return;
  }
  *count = 1;
  const SparseLayout layout = sparse_layout(*image.format, image.extent, image.three, image.mips, image.layers);
  *out = {{image.format->aspects, layout.page, 0},
          layout.tail_mip,
          layout.tail_bytes,
          layout.tail_offset,
          layout.tail_bytes};
}

// Takes effect at once; the fence signals in its turn.
VkResult queue_bind_sparse(VkQueue queue, std::uint32_t count, const VkBindSparseInfo* infos, VkFence fence) {
  Device& device = device_of(queue);
  device.charge(EntryPoint::queue_bind_sparse);
  for (const VkBindSparseInfo* info = infos; info != infos + count; ++info) {
    VKMEMBENCH_CHECK(info->waitSemaphoreCount == 0 && info->signalSemaphoreCount == 0, "semaphores are not simulated");
    for (std::uint32_t i = 0; i < info->bufferBindCount; ++i) {
      const VkSparseBufferMemoryBindInfo& binds = info->pBufferBinds[i];
      for (std::uint32_t b = 0; b < binds.bindCount; ++b)
        check_range(device, object_on<Buffer>(device, binds.buffer), binds.pBinds[b]);
    }
    for (std::uint32_t i = 0; i < info->imageOpaqueBindCount; ++i) {
      const VkSparseImageOpaqueMemoryBindInfo& binds = info->pImageOpaqueBinds[i];
      for (std::uint32_t b = 0; b < binds.bindCount; ++b)
        check_range(device, object_on<Image>(device, binds.image), binds.pBinds[b]);
    }
    for (std::uint32_t i = 0; i < info->imageBindCount; ++i) {
      const VkSparseImageMemoryBindInfo& binds = info->pImageBinds[i];
      for (std::uint32_t b = 0; b < binds.bindCount; ++b)
        check_texels(device, object_on<Image>(device, binds.image), binds.pBinds[b]);
    }
  }
  VKMEMBENCH_CHECK(fence == VK_NULL_HANDLE || !object_on<Fence>(device, fence).signaled.load(std::memory_order_acquire),
                   "sparse binds with a signalled fence");
  const std::lock_guard lock(device.queue_mutex);
  device.submissions.push_back({{}, fence});
  return VK_SUCCESS;
}

}  // namespace vkmembench::simulated
