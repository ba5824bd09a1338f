// Copies, noted when they are recorded into a command buffer: then all that they name is there, and nothing has to be
// kept of command buffers, which may be submitted often, never, or as parts of others.

#include <span>

#include "scenarios/recording/layer/noting.h"

namespace vkmembench {
namespace {

CapturedCall copied(VkBuffer from, VkBuffer to, Bytes size) {
  return {.kind = CallKind::copy, .object = handle_number(from), .other = handle_number(to), .size = size};
}

template <typename Handle>
CapturedCall used(bool image, Handle resource) {
  return {.kind = CallKind::use, .image = image, .object = handle_number(resource)};
}

template <typename Region>
Bytes bytes_of(std::span<const Region> regions) {
  Bytes bytes = 0;
  for (const Region& region : regions) bytes += region.size;
  return bytes;
}

// The texels of all regions; an image's own regions say theirs otherwise than those with a buffer.
Bytes texels_in(const VkExtent3D& extent, std::uint32_t layers) {
  return Bytes{extent.width} * extent.height * extent.depth * layers;
}
template <typename Region>
Bytes texels_of(std::span<const Region> regions) {
  Bytes texels = 0;
  for (const Region& region : regions) {
    if constexpr (requires { region.imageExtent; })
      texels += texels_in(region.imageExtent, region.imageSubresource.layerCount);
    else
      texels += texels_in(region.extent, region.srcSubresource.layerCount);
  }
  return texels;
}

template <typename Handle, typename Region>
CapturedCall copied_from(VkImage from, bool to_image, Handle to, std::span<const Region> regions) {
  return {.kind = CallKind::copy_texels,
          .image = true,
          .number = to_image ? 1u : 0u,
          .object = handle_number(from),
          .other = handle_number(to),
          .size = texels_of(regions)};
}

// What an image is filled with, in texels: its format is not known here.
template <typename Region>
CapturedCall filled(VkImage image, std::span<const Region> regions) {
  CapturedCall call{.kind = CallKind::upload, .image = true, .object = handle_number(image)};
  for (const Region& region : regions) {
    const VkImageSubresourceLayers& part = region.imageSubresource;
    const Bytes texels = texels_in(region.imageExtent, part.layerCount);
    if (part.aspectMask == VK_IMAGE_ASPECT_PLANE_1_BIT)
      call.offset += texels;
    else if (part.aspectMask == VK_IMAGE_ASPECT_PLANE_2_BIT)
      call.other += texels;
    else
      call.size += texels;
  }
  return call;
}

}  // namespace

VKAPI_ATTR void VKAPI_CALL intercept_cmd_copy_buffer(VkCommandBuffer commands, VkBuffer from, VkBuffer to,
                                                     std::uint32_t count, const VkBufferCopy* regions) {
  LayeredDevice& device = layered(commands);
  note(device, [&] { return copied(from, to, bytes_of(std::span(regions, count))); });
  device.next.cmd_copy_buffer(commands, from, to, count, regions);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_copy_buffer2(VkCommandBuffer commands, const VkCopyBufferInfo2* info) {
  LayeredDevice& device = layered(commands);
  note(device, [&] {
    return copied(info->srcBuffer, info->dstBuffer, bytes_of(std::span(info->pRegions, info->regionCount)));
  });
  device.next.cmd_copy_buffer2(commands, info);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_copy_buffer_to_image(VkCommandBuffer commands, VkBuffer from, VkImage to,
                                                              VkImageLayout layout, std::uint32_t count,
                                                              const VkBufferImageCopy* regions) {
  LayeredDevice& device = layered(commands);
  note(device, [&] { return used(false, from); });
  note(device, [&] { return filled(to, std::span(regions, count)); });
  device.next.cmd_copy_buffer_to_image(commands, from, to, layout, count, regions);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_copy_buffer_to_image2(VkCommandBuffer commands,
                                                               const VkCopyBufferToImageInfo2* info) {
  LayeredDevice& device = layered(commands);
  note(device, [&] { return used(false, info->srcBuffer); });
  note(device, [&] { return filled(info->dstImage, std::span(info->pRegions, info->regionCount)); });
  device.next.cmd_copy_buffer_to_image2(commands, info);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_copy_image_to_buffer(VkCommandBuffer commands, VkImage from,
                                                              VkImageLayout layout, VkBuffer to, std::uint32_t count,
                                                              const VkBufferImageCopy* regions) {
  LayeredDevice& device = layered(commands);
  note(device, [&] { return copied_from(from, false, to, std::span(regions, count)); });
  device.next.cmd_copy_image_to_buffer(commands, from, layout, to, count, regions);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_copy_image_to_buffer2(VkCommandBuffer commands,
                                                               const VkCopyImageToBufferInfo2* info) {
  LayeredDevice& device = layered(commands);
  note(device, [&] {
    return copied_from(info->srcImage, false, info->dstBuffer, std::span(info->pRegions, info->regionCount));
  });
  device.next.cmd_copy_image_to_buffer2(commands, info);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_copy_image(VkCommandBuffer commands, VkImage from, VkImageLayout from_layout,
                                                    VkImage to, VkImageLayout to_layout, std::uint32_t count,
                                                    const VkImageCopy* regions) {
  LayeredDevice& device = layered(commands);
  note(device, [&] { return copied_from(from, true, to, std::span(regions, count)); });
  device.next.cmd_copy_image(commands, from, from_layout, to, to_layout, count, regions);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_copy_image2(VkCommandBuffer commands, const VkCopyImageInfo2* info) {
  LayeredDevice& device = layered(commands);
  note(device,
       [&] { return copied_from(info->srcImage, true, info->dstImage, std::span(info->pRegions, info->regionCount)); });
  device.next.cmd_copy_image2(commands, info);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_update_buffer(VkCommandBuffer commands, VkBuffer buffer, VkDeviceSize offset,
                                                       VkDeviceSize size, const void* data) {
  LayeredDevice& device = layered(commands);
  note(device, [&] { return CapturedCall{.kind = CallKind::upload, .object = handle_number(buffer), .size = size}; });
  device.next.cmd_update_buffer(commands, buffer, offset, size, data);
}

VKAPI_ATTR void VKAPI_CALL intercept_cmd_fill_buffer(VkCommandBuffer commands, VkBuffer buffer, VkDeviceSize offset,
                                                     VkDeviceSize size, std::uint32_t data) {
  LayeredDevice& device = layered(commands);
  note(device, [&] { return used(false, buffer); });
  device.next.cmd_fill_buffer(commands, buffer, offset, size, data);
}

}  // namespace vkmembench
