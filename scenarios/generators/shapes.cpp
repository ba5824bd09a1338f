#include "scenarios/generators/shapes.h"

#include <vector>

#include "allocator/base/check.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

std::vector<VkFormat> formats_of(TexelFamily family) {
  switch (family) {
    case TexelFamily::rgba8:
      return {VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_B8G8R8A8_UNORM};
    case TexelFamily::rgba16f:
      return {VK_FORMAT_R16G16B16A16_SFLOAT, VK_FORMAT_R16G16B16A16_UNORM};
    case TexelFamily::bc7:
      return {VK_FORMAT_BC7_UNORM_BLOCK, VK_FORMAT_ASTC_4x4_UNORM_BLOCK, VK_FORMAT_BC3_UNORM_BLOCK,
              VK_FORMAT_ETC2_R8G8B8A8_UNORM_BLOCK};
    case TexelFamily::depth32:
      return {VK_FORMAT_D32_SFLOAT, VK_FORMAT_X8_D24_UNORM_PACK32};
  }
  VKMEMBENCH_CHECK(false, "a texel family without formats");
  return {};
}

ImageShape intern_image(TraceBuilder& out, const Shape& shape) {
  const std::uint32_t index = out.shape(shape);
  return {index, packed_image_bytes(shape)};
}

}  // namespace

std::uint32_t intern(TraceBuilder& out, const BufferShape& buffer) {
  const BufferKindInfo& kind = info_of(buffer.kind);
  Shape shape;
  shape.memory = buffer.memory;
  shape.evictable = buffer.evictable;
  shape.usage = buffer.usage != 0 ? buffer.usage : kind.usage;
  shape.kind = out.string(kind.name);
  shape.tag = out.string(buffer.tag);
  shape.pool = out.string(buffer.pool);
  shape.alignment = buffer.alignment;
  return out.shape(shape);
}

ImageShape intern(TraceBuilder& out, const TextureShape& texture) {
  Shape shape;
  shape.image = true;
  shape.evictable = texture.evictable;
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  shape.tag = out.string(texture.tag);
  shape.format = formats_of(texture.texels);
  shape.extent = {texture.extent.width, texture.extent.height, 1};
  shape.mips = texture.mips ? full_mip_count(shape.extent) : 1;
  return intern_image(out, shape);
}

ImageShape intern(TraceBuilder& out, const TargetShape& target) {
  const bool depth = target.texels == TexelFamily::depth32;
  Shape shape;
  shape.image = true;
  shape.memory = target.transient ? MemoryUse::transient : MemoryUse::device;
  shape.usage = depth ? VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT : VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
  shape.usage |= target.transient ? VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT : VK_IMAGE_USAGE_SAMPLED_BIT;
  shape.tag = out.string(target.tag);
  shape.format = formats_of(target.texels);
  shape.extent = {target.extent.width, target.extent.height, 1};
  shape.samples = target.samples;
  return intern_image(out, shape);
}

}  // namespace vkmembench
