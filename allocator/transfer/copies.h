#pragma once

#include <vulkan/vulkan_core.h>

#include <span>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"

namespace vkmembench {

// Recording of copies. Each record_*() begins with a barrier that makes it wait for, and see, everything recorded and
// submitted to the queue before; CommandRing::submit() ends with one for what comes after. Images are in
// VK_IMAGE_LAYOUT_GENERAL before and after, their formats are of formats().

// A part of one mip level, or of one plane, of one layer, and where its bytes stand in staging memory and in the
// tightly packed image (layer by layer, in it mip by mip, or plane by plane).
struct Subresource {
  VkBufferImageCopy region;  // only differences between bufferOffsets matter
  Offset offset;
  Bytes size;
};
// The subresources of an image, whole, in their packed order, until `size` bytes are reached; at least the first. Their
// staging offsets are multiples of staging_alignment(). Requires a format with one aspect, or
// planes that are bound as one.
[[nodiscard]] std::vector<Subresource> subresources(const VkImageCreateInfo& image, Bytes size = ~Bytes{0});
// Where the last of them ends in the tightly packed image.
[[nodiscard]] Bytes packed_bytes(std::span<const Subresource> parts);
// The same with bufferOffsets at their places in the tightly packed image, for buffers that hold one. None, where one
// of these is nothing that Vulkan takes: no multiple of the texel block, or of 4 for depth and stencil.
[[nodiscard]] std::vector<Subresource> packed_subresources(const VkImageCreateInfo& image, Bytes size);
// Those that the first `size` bytes lie in.
[[nodiscard]] std::vector<Subresource> covering_subresources(const VkImageCreateInfo& image, Bytes size);
// Parts of a whole subresource that need no more than `limit` bytes each, in packed order, each with bufferOffset 0.
// Requires room for one texel block.
[[nodiscard]] std::vector<Subresource> pieces(const VkImageCreateInfo& image, const Subresource& whole, Bytes limit);
// What staging offsets of the format must be multiples of; not always a power of two.
[[nodiscard]] Bytes staging_alignment(VkFormat format);
// From the first subresource's staging offset to the end of the last.
[[nodiscard]] Bytes staged_bytes(std::span<const Subresource> parts);

// An image that is copied; `fresh`: it has no contents, and no layout, yet.
struct CopiedImage {
  VkImage handle = VK_NULL_HANDLE;
  bool fresh = false;
};

void record_buffer_copy(const Device& device, VkCommandBuffer commands, VkBuffer from, VkBuffer to,
                        const VkBufferCopy& region);
// Every subresource of `from` into `to`, an image made with the same info that has no contents yet.
void record_image_copy(const Device& device, VkCommandBuffer commands, VkImage from, VkImage to,
                       const VkImageCreateInfo& info);
// Parts of an image into the same of another, which has its format, type, extent, mips and layers.
void record_part_copy(const Device& device, VkCommandBuffer commands, const CopiedImage& from, const CopiedImage& to,
                      std::span<const Subresource> parts);
// Between the parts of an image and the staging buffer, where the first part is at `offset` and the others follow by
// their bufferOffsets; `fresh`: the image has no contents, and no layout, yet. Requires parts, and an offset that is a
// multiple of staging_alignment().
void record_upload(const Device& device, VkCommandBuffer commands, VkBuffer staging, Offset offset, VkImage to,
                   std::span<const Subresource> parts, bool fresh);
void record_readback(const Device& device, VkCommandBuffer commands, VkImage from, VkBuffer staging, Offset offset,
                     std::span<const Subresource> parts, bool fresh = false);

}  // namespace vkmembench
