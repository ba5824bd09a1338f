#include "allocator/seam/strategy.h"

namespace vkmembench {
namespace {

VkImageType image_type(const ImageRequest& request) {
  switch (request.type) {
    case ImageDimensions::one:
      return VK_IMAGE_TYPE_1D;
    case ImageDimensions::two:
      return VK_IMAGE_TYPE_2D;
    case ImageDimensions::three:
      return VK_IMAGE_TYPE_3D;
    case ImageDimensions::by_extent:
      break;
  }
  if (request.extent.depth > 1) return VK_IMAGE_TYPE_3D;
  return request.extent.height > 1 ? VK_IMAGE_TYPE_2D : VK_IMAGE_TYPE_1D;
}

}  // namespace

VkBufferCreateInfo create_info(const BufferRequest& request) {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = request.size;
  info.usage = request.usage;
  info.flags = request.flags;
  info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
  return info;
}

VkImageCreateInfo create_info(const ImageRequest& request) {
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.flags = request.flags;
  info.imageType = image_type(request);
  info.format = request.format;
  info.extent = request.extent;
  info.mipLevels = request.mips;
  info.arrayLayers = request.layers;
  info.samples = request.samples;
  info.tiling = request.tiling;
  info.usage = request.usage;
  info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
  info.initialLayout = VK_IMAGE_LAYOUT_UNDEFINED;
  return info;
}

ChainedBufferInfo::ChainedBufferInfo(const BufferRequest& request) : info_(create_info(request)) {
  if (request.export_handles == 0) return;
  external_.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO;
  external_.handleTypes = request.export_handles;
  info_.pNext = &external_;
}

ChainedImageInfo::ChainedImageInfo(const ImageRequest& request) : info_(create_info(request)) {
  if (request.export_handles != 0) {
    external_.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO;
    external_.handleTypes = request.export_handles;
    info_.pNext = &external_;
  }
  if (!request.view_formats.empty()) {
    formats_.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO;
    formats_.viewFormatCount = static_cast<std::uint32_t>(request.view_formats.size());
    formats_.pViewFormats = request.view_formats.data();
    formats_.pNext = info_.pNext;
    info_.pNext = &formats_;
  }
}

}  // namespace vkmembench
