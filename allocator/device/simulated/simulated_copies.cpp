#include <algorithm>
#include <cstring>

#include "allocator/base/planes.h"
#include "allocator/device/simulated/simulated_state.h"

// The copy commands: what they require (the valid usage of vkCmdCopy*, Vulkan 1.3) and what they move.
namespace vkmembench::simulated {
namespace {

Memory& memory_of(const Resource& resource) {
  VKMEMBENCH_CHECK(resource.memory != VK_NULL_HANDLE, "command on a resource without memory");
  return object_on<Memory>(*resource.owner, resource.memory);  // aborts when it was freed
}

// Where the resource's bytes are. `absent` when its memory has none by design, so that nothing is to be moved.
struct Place {
  std::byte* bytes = nullptr;
  bool absent = false;
};
Place place_of(const Resource& resource) {
  Memory& memory = memory_of(resource);
  if (!memory.backed) return {nullptr, true};
  std::byte* base = memory.device.get(memory.size);
  return {base == nullptr ? nullptr : base + resource.offset, false};
}

void check_within(Bytes limit, Offset offset, Bytes size) {
  VKMEMBENCH_CHECK(size > 0 && offset < limit && size <= limit - offset, "copy beyond the buffer");
}

std::uint32_t mip_side(std::uint32_t side, std::uint32_t level) { return std::max(1u, side >> level); }

// What copies of an aspect see: the image, or one of its planes.
struct Part {
  FormatInfo format;
  VkExtent3D extent;
  Offset begin = 0;  // of the plane within a layer
};
Part part_of(const Image& image, VkImageAspectFlags aspects) {
  const FormatInfo& format = *image.format;
  if (format.plane_count == 1) {
    VKMEMBENCH_CHECK(aspects != 0 && (aspects & ~format.aspects) == 0, "copy of an aspect that the format lacks");
    return {format, image.extent};
  }
  Offset begin = 0;
  for (std::uint32_t i = 0; i < format.plane_count; ++i) {
    const Part plane{plane_format(format, i), plane_extent(format, i, image.extent), begin};
    if (aspects == plane.format.aspects) return plane;
    begin += mip_bytes(plane.format, plane.extent, 0);
  }
  VKMEMBENCH_CHECK(false, "copy of anything but one plane of a format that has several");
  return {};
}

VkExtent3D mip_extent(const Part& part, std::uint32_t level) {
  return {mip_side(part.extent.width, level), mip_side(part.extent.height, level), mip_side(part.extent.depth, level)};
}

VkExtent3D to_blocks(const FormatInfo& format, VkExtent3D texels) {
  return {(texels.width + format.block_width - 1) / format.block_width,
          (texels.height + format.block_height - 1) / format.block_height, texels.depth};
}

// What a region takes of an image, in texel blocks.
struct Box {
  VkOffset3D offset;
  VkExtent3D extent;
};

// Checks a region against the image's mip and gives it in blocks.
Box checked_box(const Image& image, const Part& part, const VkImageSubresourceLayers& layers, VkOffset3D offset,
                VkExtent3D extent) {
  const FormatInfo& format = part.format;
  VKMEMBENCH_CHECK(layers.mipLevel < image.mips, "copy of a mip that the image lacks");
  VKMEMBENCH_CHECK(layers.layerCount > 0 && layers.baseArrayLayer < image.layers &&
                       layers.layerCount <= image.layers - layers.baseArrayLayer,
                   "copy of a layer that the image lacks");
  const VkExtent3D mip = mip_extent(part, layers.mipLevel);
  const auto check_side = [](std::int32_t at, std::uint32_t length, std::uint32_t side, std::uint32_t block) {
    VKMEMBENCH_CHECK(at >= 0 && length > 0 && static_cast<std::uint32_t>(at) < side &&
                         length <= side - static_cast<std::uint32_t>(at),
                     "copy beyond the image's mip");
    const std::uint32_t start = static_cast<std::uint32_t>(at);
    VKMEMBENCH_CHECK(start % block == 0 && (length % block == 0 || start + length == side),
                     "copy of a part of a compressed block");
  };
  check_side(offset.x, extent.width, mip.width, format.block_width);
  check_side(offset.y, extent.height, mip.height, format.block_height);
  check_side(offset.z, extent.depth, mip.depth, 1);
  return {{offset.x / static_cast<std::int32_t>(format.block_width),
           offset.y / static_cast<std::int32_t>(format.block_height), offset.z},
          to_blocks(format, extent)};
}

// Bytes of a texel block in the image and, of one aspect, where in it and how many; `buffer_bytes` is the aspect's size
// in buffers, where 24-bit depth takes 32 bits.
struct Texel {
  Bytes stride;
  Bytes offset;
  Bytes bytes;
  Bytes buffer_bytes;
};
Texel texel_of(const Image& image, const Part& part, VkImageAspectFlags aspects) {
  const Bytes block = part.format.block_bytes;
  const Bytes stride = block * image.samples;
  if (aspects == part.format.aspects) return {stride, 0, stride, stride};
  if (aspects == VK_IMAGE_ASPECT_STENCIL_BIT) return {stride, block - 1, 1, 1};
  return {stride, 0, block - 1, block - 1 == 3 ? 4 : block - 1};
}

Offset mip_offset(const Image& image, std::uint32_t level) {
  Offset offset = 0;
  for (std::uint32_t i = 0; i < level; ++i) offset += mip_bytes(*image.format, image.extent, i);
  return offset * image.samples;
}

// Offset of a block within the image, layers, planes and mips included. Images with planes have one mip.
Offset block_offset(const Image& image, const Part& part, std::uint32_t level, std::uint32_t layer, VkOffset3D at) {
  const VkExtent3D mip = to_blocks(part.format, mip_extent(part, level));
  const Bytes index =
      (Bytes{static_cast<std::uint32_t>(at.z)} * mip.height + static_cast<std::uint32_t>(at.y)) * mip.width +
      static_cast<std::uint32_t>(at.x);
  return layer * mip_offset(image, image.mips) + part.begin + mip_offset(image, level) +
         index * part.format.block_bytes * image.samples;
}

// Moves `count` texels of which `bytes` matter.
void move_row(std::byte* to, Bytes to_stride, const std::byte* from, Bytes from_stride, Bytes bytes, Bytes count) {
  if (bytes == to_stride && bytes == from_stride) {
    std::memmove(to, from, bytes * count);
    return;
  }
  for (Bytes i = 0; i < count; ++i) std::memcpy(to + i * to_stride, from + i * from_stride, bytes);
}

// How a region lies in a buffer, in bytes.
struct BufferLayout {
  Bytes row = 0;
  Bytes slice = 0;
  Bytes size = 0;  // from the region's offset to the end of its last row
};
BufferLayout layout_of(const Part& part, const VkBufferImageCopy& region, const Box& box, Bytes block_bytes) {
  const VkExtent3D pitch =
      to_blocks(part.format, {region.bufferRowLength == 0 ? region.imageExtent.width : region.bufferRowLength,
                              region.bufferImageHeight == 0 ? region.imageExtent.height : region.bufferImageHeight, 1});
  const Bytes row = pitch.width * block_bytes;
  const Bytes slice = row * pitch.height;
  const Bytes slices = Bytes{box.extent.depth} * region.imageSubresource.layerCount;
  return {row, slice, (slices - 1) * slice + (box.extent.height - 1) * row + box.extent.width * block_bytes};
}

void check_one(const BufferCopy& copy) {
  const auto& from = object_of<Buffer>(copy.from);
  const auto& to = object_of<Buffer>(copy.to);
  VKMEMBENCH_CHECK((from.usage & VK_BUFFER_USAGE_TRANSFER_SRC_BIT) != 0,
                   "copy from a buffer without transfer_src usage");
  VKMEMBENCH_CHECK((to.usage & VK_BUFFER_USAGE_TRANSFER_DST_BIT) != 0, "copy to a buffer without transfer_dst usage");
  check_within(from.size, copy.region.srcOffset, copy.region.size);
  check_within(to.size, copy.region.dstOffset, copy.region.size);
  static_cast<void>(memory_of(from));  // aborts when it was freed
  static_cast<void>(memory_of(to));
  // Buffers that share bytes are their allocator's fault, for an oracle to find.
  if (&from == &to) {
    const Offset a = copy.region.srcOffset;
    const Offset b = copy.region.dstOffset;
    VKMEMBENCH_CHECK(a + copy.region.size <= b || b + copy.region.size <= a, "copy between overlapping ranges");
  }
}

void check_one(const BufferImageCopy& copy) {
  const auto& buffer = object_of<Buffer>(copy.buffer);
  const auto& image = object_of<Image>(copy.image);
  const VkBufferImageCopy& region = copy.region;
  static_cast<void>(memory_of(buffer));
  static_cast<void>(memory_of(image));
  VKMEMBENCH_CHECK(
      (buffer.usage & (copy.to_image ? VK_BUFFER_USAGE_TRANSFER_SRC_BIT : VK_BUFFER_USAGE_TRANSFER_DST_BIT)) != 0,
      "copy with a buffer that lacks the transfer usage");
  VKMEMBENCH_CHECK(
      (image.usage & (copy.to_image ? VK_IMAGE_USAGE_TRANSFER_DST_BIT : VK_IMAGE_USAGE_TRANSFER_SRC_BIT)) != 0,
      "copy with an image that lacks the transfer usage");
  VKMEMBENCH_CHECK(image.samples == 1, "copy between a buffer and a multisampled image");
  VKMEMBENCH_CHECK(region.bufferRowLength == 0 || region.bufferRowLength >= region.imageExtent.width,
                   "bufferRowLength below the region's width");
  VKMEMBENCH_CHECK(region.bufferImageHeight == 0 || region.bufferImageHeight >= region.imageExtent.height,
                   "bufferImageHeight below the region's height");
  VKMEMBENCH_CHECK(region.bufferRowLength % image.format->block_width == 0 &&
                       region.bufferImageHeight % image.format->block_height == 0,
                   "buffer pitch of a part of a compressed block");
  const VkImageAspectFlags aspects = region.imageSubresource.aspectMask;
  const Part part = part_of(image, aspects);
  const Box box = checked_box(image, part, region.imageSubresource, region.imageOffset, region.imageExtent);
  VKMEMBENCH_CHECK((aspects & (aspects - 1)) == 0, "copy of several aspects to or from a buffer");
  const Texel texel = texel_of(image, part, aspects);
  const bool depth_stencil = (image.format->aspects & VK_IMAGE_ASPECT_COLOR_BIT) == 0;
  VKMEMBENCH_CHECK(region.bufferOffset % (depth_stencil ? 4 : texel.buffer_bytes) == 0,
                   "bufferOffset is no multiple of the texel block");
  check_within(buffer.size, region.bufferOffset, layout_of(part, region, box, texel.buffer_bytes).size);
}

// The target's box of an image copy: the source's extent in the target's blocks.
Box checked_target(const Image& to, const Part& part, const VkImageCopy& region, VkExtent3D blocks) {
  const VkExtent3D mip = mip_extent(part, std::min(region.dstSubresource.mipLevel, 31u));
  const auto texels = [](std::int32_t at, std::uint32_t count, std::uint32_t block, std::uint32_t side) {
    const std::uint32_t whole = count * block;
    const std::uint32_t start = static_cast<std::uint32_t>(at);
    // The last block of a mip may be cut.
    return start < side && whole > side - start && whole - (side - start) < block ? side - start : whole;
  };
  const VkExtent3D extent = {texels(region.dstOffset.x, blocks.width, part.format.block_width, mip.width),
                             texels(region.dstOffset.y, blocks.height, part.format.block_height, mip.height),
                             blocks.depth};
  return checked_box(to, part, region.dstSubresource, region.dstOffset, extent);
}

void check_one(const ImageCopy& copy) {
  const auto& from = object_of<Image>(copy.from);
  const auto& to = object_of<Image>(copy.to);
  static_cast<void>(memory_of(from));
  static_cast<void>(memory_of(to));
  VKMEMBENCH_CHECK((from.usage & VK_IMAGE_USAGE_TRANSFER_SRC_BIT) != 0,
                   "copy from an image without transfer_src usage");
  VKMEMBENCH_CHECK((to.usage & VK_IMAGE_USAGE_TRANSFER_DST_BIT) != 0, "copy to an image without transfer_dst usage");
  VKMEMBENCH_CHECK(from.samples == to.samples, "copy between images of different sample counts");
  VKMEMBENCH_CHECK(copy.region.srcSubresource.aspectMask == copy.region.dstSubresource.aspectMask &&
                       copy.region.srcSubresource.layerCount == copy.region.dstSubresource.layerCount,
                   "copy between different aspects or layer counts");
  const Part source = part_of(from, copy.region.srcSubresource.aspectMask);
  const Part target = part_of(to, copy.region.dstSubresource.aspectMask);
  VKMEMBENCH_CHECK(source.format.block_bytes == target.format.block_bytes,
                   "copy between formats of different block sizes");
  const Box box = checked_box(from, source, copy.region.srcSubresource, copy.region.srcOffset, copy.region.extent);
  static_cast<void>(checked_target(to, target, copy.region, box.extent));
}

VkResult prepared(const Resource& a, const Resource& b) {
  const Place first = place_of(a);
  const Place second = place_of(b);
  if (first.absent || second.absent) return VK_SUCCESS;
  return first.bytes == nullptr || second.bytes == nullptr ? VK_ERROR_OUT_OF_HOST_MEMORY : VK_SUCCESS;
}
VkResult prepare_one(const BufferCopy& copy) {
  return prepared(object_of<Buffer>(copy.from), object_of<Buffer>(copy.to));
}
VkResult prepare_one(const ImageCopy& copy) { return prepared(object_of<Image>(copy.from), object_of<Image>(copy.to)); }
VkResult prepare_one(const BufferImageCopy& copy) {
  return prepared(object_of<Buffer>(copy.buffer), object_of<Image>(copy.image));
}

void execute_one(const BufferCopy& copy) {
  const Place from = place_of(object_of<Buffer>(copy.from));
  const Place to = place_of(object_of<Buffer>(copy.to));
  if (from.absent || to.absent) return;
  std::memmove(to.bytes + copy.region.dstOffset, from.bytes + copy.region.srcOffset, copy.region.size);
}

// Calls visit(layer, slice, row) for every row of a box.
template <class Visit>
void for_each_row(std::uint32_t layers, VkExtent3D extent, Visit visit) {
  for (std::uint32_t layer = 0; layer < layers; ++layer) {
    for (std::uint32_t slice = 0; slice < extent.depth; ++slice) {
      for (std::uint32_t row = 0; row < extent.height; ++row) visit(layer, slice, row);
    }
  }
}

VkOffset3D moved(VkOffset3D offset, std::uint32_t slice, std::uint32_t row) {
  return {offset.x, offset.y + static_cast<std::int32_t>(row), offset.z + static_cast<std::int32_t>(slice)};
}

void execute_one(const BufferImageCopy& copy) {
  const auto& image = object_of<Image>(copy.image);
  const Place buffer_place = place_of(object_of<Buffer>(copy.buffer));
  const Place image_place = place_of(image);
  if (buffer_place.absent || image_place.absent) return;
  const VkBufferImageCopy& region = copy.region;
  const VkImageSubresourceLayers& layers = region.imageSubresource;
  const Part part = part_of(image, layers.aspectMask);
  const Box box = checked_box(image, part, layers, region.imageOffset, region.imageExtent);
  const Texel texel = texel_of(image, part, layers.aspectMask);
  const BufferLayout layout = layout_of(part, region, box, texel.buffer_bytes);
  for_each_row(layers.layerCount, box.extent, [&](std::uint32_t layer, std::uint32_t slice, std::uint32_t row) {
    std::byte* linear = buffer_place.bytes + region.bufferOffset +
                        (Bytes{layer} * box.extent.depth + slice) * layout.slice + row * layout.row;
    std::byte* texels =
        image_place.bytes + texel.offset +
        block_offset(image, part, layers.mipLevel, layers.baseArrayLayer + layer, moved(box.offset, slice, row));
    if (copy.to_image)
      move_row(texels, texel.stride, linear, texel.buffer_bytes, texel.bytes, box.extent.width);
    else
      move_row(linear, texel.buffer_bytes, texels, texel.stride, texel.bytes, box.extent.width);
  });
}

void execute_one(const ImageCopy& copy) {
  const auto& from = object_of<Image>(copy.from);
  const auto& to = object_of<Image>(copy.to);
  const Place from_place = place_of(from);
  const Place to_place = place_of(to);
  if (from_place.absent || to_place.absent) return;
  const VkImageCopy& region = copy.region;
  const Part read_part = part_of(from, region.srcSubresource.aspectMask);
  const Part written_part = part_of(to, region.dstSubresource.aspectMask);
  const Box box = checked_box(from, read_part, region.srcSubresource, region.srcOffset, region.extent);
  const Box target = checked_target(to, written_part, region, box.extent);
  const Texel read = texel_of(from, read_part, region.srcSubresource.aspectMask);
  const Texel written = texel_of(to, written_part, region.dstSubresource.aspectMask);
  for_each_row(region.srcSubresource.layerCount, box.extent,
               [&](std::uint32_t layer, std::uint32_t slice, std::uint32_t row) {
                 const std::byte* source =
                     from_place.bytes + read.offset +
                     block_offset(from, read_part, region.srcSubresource.mipLevel,
                                  region.srcSubresource.baseArrayLayer + layer, moved(box.offset, slice, row));
                 std::byte* destination =
                     to_place.bytes + written.offset +
                     block_offset(to, written_part, region.dstSubresource.mipLevel,
                                  region.dstSubresource.baseArrayLayer + layer, moved(target.offset, slice, row));
                 move_row(destination, written.stride, source, read.stride, read.bytes, box.extent.width);
               });
}

Bytes bytes_of_one(const BufferCopy& copy) { return copy.region.size; }
Bytes bytes_of_box(const Image& image, const VkImageSubresourceLayers& layers, VkExtent3D extent) {
  const Part part = part_of(image, layers.aspectMask);
  const VkExtent3D blocks = to_blocks(part.format, extent);
  return Bytes{blocks.width} * blocks.height * blocks.depth * layers.layerCount *
         texel_of(image, part, layers.aspectMask).bytes;
}
Bytes bytes_of_one(const BufferImageCopy& copy) {
  return bytes_of_box(object_of<Image>(copy.image), copy.region.imageSubresource, copy.region.imageExtent);
}
Bytes bytes_of_one(const ImageCopy& copy) {
  return bytes_of_box(object_of<Image>(copy.from), copy.region.srcSubresource, copy.region.extent);
}

}  // namespace

void check(const Command& command) {
  std::visit([](const auto& copy) { check_one(copy); }, command);
}

VkResult prepare(const Command& command) {
  return std::visit([](const auto& copy) { return prepare_one(copy); }, command);
}

void execute(const Command& command) {
  std::visit([](const auto& copy) { execute_one(copy); }, command);
}

Bytes bytes_of(const Command& command) {
  return std::visit([](const auto& copy) { return bytes_of_one(copy); }, command);
}

}  // namespace vkmembench::simulated
