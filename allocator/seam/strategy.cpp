#include "allocator/seam/strategy.h"

namespace vkmembench {

VkBufferCreateInfo create_info(const BufferRequest& request) {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = request.size;
  info.usage = request.usage;
  info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
  return info;
}

VkImageCreateInfo create_info(const ImageRequest& request) {
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.imageType = request.extent.depth > 1    ? VK_IMAGE_TYPE_3D
                   : request.extent.height > 1 ? VK_IMAGE_TYPE_2D
                                               : VK_IMAGE_TYPE_1D;
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

}  // namespace vkmembench
