#include "scenarios/generators/shapes.h"

#include <array>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/shape_rules.h"

namespace vkmembench {
namespace {

struct KindRow {
  std::string_view name;
  VkBufferUsageFlags usage;
};
constexpr std::array<KindRow, static_cast<std::size_t>(BufferKind::count)> kKinds = {{
    {"vertex", VK_BUFFER_USAGE_VERTEX_BUFFER_BIT},
    {"index", VK_BUFFER_USAGE_INDEX_BUFFER_BIT},
    {"uniform", VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT},
    {"storage", VK_BUFFER_USAGE_STORAGE_BUFFER_BIT},
    {"indirect", VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT},
    {"staging", VK_BUFFER_USAGE_TRANSFER_SRC_BIT},
}};

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

std::string_view buffer_kind_name(BufferKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

std::uint32_t intern(TraceBuilder& out, const BufferShape& buffer) {
  Shape shape;
  shape.memory = buffer.memory;
  shape.evictable = buffer.evictable;
  shape.usage = kKinds[static_cast<std::size_t>(buffer.kind)].usage;
  shape.kind = out.string(buffer_kind_name(buffer.kind));
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
  shape.formats = formats_of(texture.texels);
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
  shape.formats = formats_of(target.texels);
  shape.extent = {target.extent.width, target.extent.height, 1};
  shape.samples = target.samples;
  return intern_image(out, shape);
}

}  // namespace vkmembench
