#include "allocator/transfer/copies.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "allocator/base/check.h"
#include "allocator/base/planes.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

constexpr VkAccessFlags kCopies = VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;

// Copies that follow see all writes so far; images that are fresh get their layout with it. The aspects are of all.
void wait_for_earlier(const Device& device, VkCommandBuffer commands, std::initializer_list<CopiedImage> images = {},
                      VkImageAspectFlags aspects = 0) {
  const VkMemoryBarrier memory{VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, VK_ACCESS_MEMORY_WRITE_BIT, kCopies};
  std::array<VkImageMemoryBarrier, 2> fresh{};
  std::uint32_t count = 0;
  for (const CopiedImage& image : images) {
    if (!image.fresh) continue;
    fresh[count++] = {VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
                      nullptr,
                      0,
                      kCopies,
                      VK_IMAGE_LAYOUT_UNDEFINED,
                      VK_IMAGE_LAYOUT_GENERAL,
                      VK_QUEUE_FAMILY_IGNORED,
                      VK_QUEUE_FAMILY_IGNORED,
                      image.handle,
                      {aspects, 0, VK_REMAINING_MIP_LEVELS, 0, VK_REMAINING_ARRAY_LAYERS}};
  }
  device.fn.cmd_pipeline_barrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 1,
                                 &memory, 0, nullptr, count, fresh.data());
}

VkExtent3D mip_extent(const VkImageCreateInfo& image, std::uint32_t mip) {
  return {std::max(1u, image.extent.width >> mip), std::max(1u, image.extent.height >> mip),
          std::max(1u, image.extent.depth >> mip)};
}

// What copies of an image take at a time: a mip, or a plane.
struct Part {
  VkImageAspectFlags aspects;
  std::uint32_t mip;
  VkExtent3D extent;
  Bytes bytes;  // of a layer
};
std::uint32_t part_count(const VkImageCreateInfo& image) {
  return image.mipLevels * format_info(image.format).plane_count;
}
// Requires a number below part_count().
Part part_of(const VkImageCreateInfo& image, std::uint32_t number) {
  const FormatInfo& format = format_info(image.format);
  if (format.plane_count == 1)
    return {format.aspects, number, mip_extent(image, number), mip_bytes(format, image.extent, number)};
  const VkExtent3D extent = plane_extent(format, number, image.extent);
  return {VkImageAspectFlags{plane_aspect(number)}, 0, extent, mip_bytes(plane_format(format, number), extent, 0)};
}

// The format of the texels that the aspect has.
FormatInfo format_of(const VkImageCreateInfo& image, VkImageAspectFlags aspect) {
  const FormatInfo& format = format_info(image.format);
  for (std::uint32_t plane = 0; format.plane_count > 1 && plane < format.plane_count; ++plane)
    if (aspect == VkImageAspectFlags{plane_aspect(plane)}) return plane_format(format, plane);
  return format;
}

// Of what barriers speak where copies speak of the aspect: all planes together.
VkImageAspectFlags barrier_aspects(VkImageAspectFlags aspects) {
  constexpr VkImageAspectFlags kPlanes = plane_aspect(0) | plane_aspect(1) | plane_aspect(2);
  return (aspects & kPlanes) != 0 ? VkImageAspectFlags{VK_IMAGE_ASPECT_COLOR_BIT} : aspects;
}

std::vector<VkBufferImageCopy> regions_of(std::span<const Subresource> parts, Offset offset) {
  VKMEMBENCH_CHECK(!parts.empty(), "a copy without regions");
  std::vector<VkBufferImageCopy> regions;
  regions.reserve(parts.size());
  for (const Subresource& part : parts)
    regions.emplace_back(part.region).bufferOffset += offset - parts.front().region.bufferOffset;
  return regions;
}

}  // namespace

// Vulkan asks for multiples of the texel block, and of 4 for depth and stencil and on queues without graphics.
Bytes staging_alignment(VkFormat format) { return Bytes{format_info(format).block_bytes} * 4; }

Bytes staged_bytes(std::span<const Subresource> parts) {
  return parts.empty() ? 0 : parts.back().region.bufferOffset + parts.back().size - parts.front().region.bufferOffset;
}

std::vector<Subresource> subresources(const VkImageCreateInfo& image, Bytes size) {
  const Bytes alignment = staging_alignment(image.format);
  std::vector<Subresource> all;
  Offset packed = 0;
  Offset staged = 0;
  for (std::uint32_t layer = 0; layer < image.arrayLayers; ++layer) {
    for (std::uint32_t i = 0; i < part_count(image); ++i) {
      const Part part = part_of(image, i);
      if (!all.empty() && packed + part.bytes > size) return all;
      VkBufferImageCopy region{};
      region.bufferOffset = staged;
      region.imageSubresource = {part.aspects, part.mip, layer, 1};
      region.imageExtent = part.extent;
      all.push_back({region, packed, part.bytes});
      packed += part.bytes;
      staged = (staged + part.bytes + alignment - 1) / alignment * alignment;
    }
  }
  return all;
}

Bytes packed_bytes(std::span<const Subresource> parts) {
  return parts.empty() ? 0 : parts.back().offset + parts.back().size;
}

std::vector<Subresource> packed_subresources(const VkImageCreateInfo& image, Bytes size) {
  std::vector<Subresource> parts = subresources(image, size);
  constexpr VkImageAspectFlags kDepthOrStencil = VK_IMAGE_ASPECT_DEPTH_BIT | VK_IMAGE_ASPECT_STENCIL_BIT;
  for (Subresource& part : parts) {
    const VkImageAspectFlags aspects = part.region.imageSubresource.aspectMask;
    const Bytes unit = (aspects & kDepthOrStencil) != 0 ? 4 : format_of(image, aspects).block_bytes;
    if (part.offset % unit != 0) return {};
    part.region.bufferOffset = part.offset;
  }
  return parts;
}

std::vector<Subresource> covering_subresources(const VkImageCreateInfo& image, Bytes size) {
  std::vector<Subresource> parts = subresources(image, size);
  if (packed_bytes(parts) >= size) return parts;
  std::vector<Subresource> all = subresources(image);
  all.resize(std::min(parts.size() + 1, all.size()));
  return all;
}

std::vector<Subresource> pieces(const VkImageCreateInfo& image, const Subresource& whole, Bytes limit) {
  const FormatInfo format = format_of(image, whole.region.imageSubresource.aspectMask);
  const Bytes block = format.block_bytes;
  VKMEMBENCH_CHECK(block <= limit, "pieces smaller than a texel block");
  const VkExtent3D extent = whole.region.imageExtent;
  const auto columns = (extent.width + format.block_width - 1) / format.block_width;
  const auto rows = (extent.height + format.block_height - 1) / format.block_height;
  const Bytes row_bytes = columns * block;
  const Bytes slice_bytes = rows * row_bytes;
  // Blocks of each side that a piece spans: several in one direction only where it spans all of those before it.
  const auto fitting = [limit](Bytes unit, std::uint32_t side) {
    return static_cast<std::uint32_t>(std::clamp<Bytes>(limit / unit, 1, side));
  };
  const std::uint32_t wide = fitting(block, columns);
  const std::uint32_t high = wide < columns ? 1 : fitting(row_bytes, rows);
  const std::uint32_t deep = high < rows ? 1 : fitting(slice_bytes, extent.depth);
  std::vector<Subresource> all;
  Offset packed = whole.offset;
  for (std::uint32_t z = 0; z < extent.depth; z += deep) {
    for (std::uint32_t y = 0; y < rows; y += high) {
      for (std::uint32_t x = 0; x < columns; x += wide) {
        const std::uint32_t left = x * format.block_width;
        const std::uint32_t top = y * format.block_height;
        Subresource piece{whole.region, packed, 0};
        piece.region.bufferOffset = 0;
        piece.region.imageOffset = {static_cast<std::int32_t>(left), static_cast<std::int32_t>(top),
                                    static_cast<std::int32_t>(z)};
        piece.region.imageExtent = {std::min(wide * format.block_width, extent.width - left),
                                    std::min(high * format.block_height, extent.height - top),
                                    std::min(deep, extent.depth - z)};
        piece.size =
            Bytes{std::min(wide, columns - x)} * std::min(high, rows - y) * piece.region.imageExtent.depth * block;
        packed += piece.size;
        all.push_back(piece);
      }
    }
  }
  return all;
}

void record_buffer_copy(const Device& device, VkCommandBuffer commands, VkBuffer from, VkBuffer to,
                        const VkBufferCopy& region) {
  wait_for_earlier(device, commands);
  device.fn.cmd_copy_buffer(commands, from, to, 1, &region);
}

void record_image_copy(const Device& device, VkCommandBuffer commands, VkImage from, VkImage to,
                       const VkImageCreateInfo& info) {
  std::array<VkImageCopy, 32> regions{};  // mips of the largest extent
  const std::uint32_t count = part_count(info);
  VKMEMBENCH_CHECK(count <= regions.size(), "an image has a mip for each power of two at most, or three planes");
  for (std::uint32_t i = 0; i < count; ++i) {
    const Part part = part_of(info, i);
    regions[i].srcSubresource = regions[i].dstSubresource = {part.aspects, part.mip, 0, info.arrayLayers};
    regions[i].extent = part.extent;
  }
  wait_for_earlier(device, commands, {{to, true}}, format_info(info.format).aspects);
  device.fn.cmd_copy_image(commands, from, VK_IMAGE_LAYOUT_GENERAL, to, VK_IMAGE_LAYOUT_GENERAL, count, regions.data());
}

void record_part_copy(const Device& device, VkCommandBuffer commands, const CopiedImage& from, const CopiedImage& to,
                      std::span<const Subresource> parts) {
  VKMEMBENCH_CHECK(!parts.empty(), "a copy without regions");
  std::vector<VkImageCopy> regions;
  regions.reserve(parts.size());
  for (const Subresource& part : parts) {
    const VkBufferImageCopy& region = part.region;
    regions.push_back(
        {region.imageSubresource, region.imageOffset, region.imageSubresource, region.imageOffset, region.imageExtent});
  }
  wait_for_earlier(device, commands, {from, to}, barrier_aspects(regions.front().srcSubresource.aspectMask));
  device.fn.cmd_copy_image(commands, from.handle, VK_IMAGE_LAYOUT_GENERAL, to.handle, VK_IMAGE_LAYOUT_GENERAL,
                           static_cast<std::uint32_t>(regions.size()), regions.data());
}

void record_upload(const Device& device, VkCommandBuffer commands, VkBuffer staging, Offset offset, VkImage to,
                   std::span<const Subresource> parts, bool fresh) {
  const std::vector<VkBufferImageCopy> regions = regions_of(parts, offset);
  wait_for_earlier(device, commands, {{to, fresh}}, barrier_aspects(regions.front().imageSubresource.aspectMask));
  device.fn.cmd_copy_buffer_to_image(commands, staging, to, VK_IMAGE_LAYOUT_GENERAL,
                                     static_cast<std::uint32_t>(regions.size()), regions.data());
}

void record_readback(const Device& device, VkCommandBuffer commands, VkImage from, VkBuffer staging, Offset offset,
                     std::span<const Subresource> parts, bool fresh) {
  const std::vector<VkBufferImageCopy> regions = regions_of(parts, offset);
  wait_for_earlier(device, commands, {{from, fresh}}, barrier_aspects(regions.front().imageSubresource.aspectMask));
  device.fn.cmd_copy_image_to_buffer(commands, from, VK_IMAGE_LAYOUT_GENERAL, staging,
                                     static_cast<std::uint32_t>(regions.size()), regions.data());
}

}  // namespace vkmembench
