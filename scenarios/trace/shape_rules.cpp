#include "scenarios/trace/shape_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/trace_hash.h"

namespace vkmembench {
namespace {

using Wide = unsigned __int128;

void check_usage(const Shape& shape) {
  if (shape.usage == 0) throw Error("usage is empty; name at least one");
  if (!shape.image) return;
  constexpr std::uint32_t kAttachments = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT |
                                         VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
  if ((shape.usage & VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT) == 0) return;
  const std::uint32_t others = shape.usage & ~std::uint32_t{VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT};
  if (others == 0 || (others & ~kAttachments) != 0) {
    throw Error("usage 'transient_attachment' goes with attachment usages, at least one, and with nothing else");
  }
  if (shape.memory != MemoryUse::transient) {
    throw Error("usage 'transient_attachment' needs memory 'transient': other objects are also copied");
  }
}

void check_formats(const Shape& shape) {
  if (shape.format.empty()) throw Error("an image without a format; name one");
  const FormatInfo* first = nullptr;
  for (const VkFormat format : shape.format) {
    const FormatInfo* info = find_format(format);
    if (info == nullptr) throw Error(fmt::format("format {} is unknown", static_cast<int>(format)));
    if (first == nullptr) first = info;
    if (info->block_bytes != first->block_bytes || info->block_width != first->block_width ||
        info->block_height != first->block_height || info->plane_count != first->plane_count) {
      throw Error(fmt::format("formats {} and {} differ in block size; list formats of equal block size", first->name,
                              info->name));
    }
  }
}

// What Vulkan forbids whatever the device.
void check_dimensions(const Shape& shape) {
  const VkExtent3D& extent = shape.extent;
  if (shape.type == ImageDimensions::one && (extent.height > 1 || extent.depth > 1))
    throw Error("a 1d image has height and depth 1");
  if (shape.type == ImageDimensions::two && extent.depth > 1) throw Error("a 2d image has depth 1");
  if (shape.type == ImageDimensions::three && shape.layers > 1) throw Error("a 3d image has 1 layer");
  const FormatInfo& format = format_info(shape.format.front());
  if (format.plane_count == 1) return;
  if (shape.mips > 1 || shape.samples != VK_SAMPLE_COUNT_1_BIT || extent.depth > 1 ||
      shape.type == ImageDimensions::one || shape.type == ImageDimensions::three)
    throw Error(fmt::format("an image of {}, which has planes, is 2d with 1 mip and 1 sample", format.name));
  for (std::uint32_t i = 0; i < format.plane_count; ++i)
    if (extent.width % format.planes[i].width_divisor != 0 || extent.height % format.planes[i].height_divisor != 0)
      throw Error(
          fmt::format("extent {}x{} is odd where {} has a texel for two", extent.width, extent.height, format.name));
}

void check_flags(const Shape& shape) {
  const bool linear = shape.tiling == VK_IMAGE_TILING_LINEAR;
  if (shape.drm_modifier != kNoModifier && linear != (shape.drm_modifier == 0))
    throw Error(linear ? "drm_modifier of an image with linear tiling is 0" : "drm_modifier 0 needs linear tiling");
  const auto has = [&](VkImageCreateFlags flag) { return (shape.flags & flag) != 0; };
  if (has(VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT)) {
    if (shape.layers < 6) throw Error(fmt::format("a cube has 6 layers or more, not {}", shape.layers));
    if (shape.extent.width != shape.extent.height || shape.extent.depth > 1)
      throw Error("a cube is as high as it is wide, and 2d");
  }
  if (has(VK_IMAGE_CREATE_2D_ARRAY_COMPATIBLE_BIT) && shape.extent.depth == 1 && shape.type != ImageDimensions::three)
    throw Error("flag '2d_array_compatible' is of 3d images");
  if (!shape.view_formats.empty() && !has(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT))
    throw Error("view_formats need the flag 'mutable_format'");
  if (has(VK_IMAGE_CREATE_DISJOINT_BIT) && format_info(shape.format.front()).plane_count == 1)
    throw Error("flag 'disjoint' is of formats with planes");
  if (has(VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT)) {
    if (linear) throw Error("flag 'sparse_residency' needs optimal tiling");
    if (has_depth_and_stencil(shape)) throw Error("flag 'sparse_residency' is of formats with one aspect");
  }
}

// What is bound in parts cannot be asked for like what is bound as a whole. Of buffers the flags have the same bits.
void check_parts(const Shape& shape) {
  const auto has = [&](VkImageCreateFlags flag) { return (shape.flags & flag) != 0; };
  if ((has(VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) || has(VK_IMAGE_CREATE_SPARSE_ALIASED_BIT)) && !is_sparse(shape))
    throw Error("flags 'sparse_residency' and 'sparse_aliased' need 'sparse_binding'");
  if (is_sparse(shape) && is_disjoint(shape)) throw Error("flags 'sparse_binding' and 'disjoint' exclude each other");
  if (!is_bound_in_parts(shape)) return;
  const std::string_view flag = is_sparse(shape) ? "sparse_binding" : "disjoint";
  if (shape.evictable) throw Error(fmt::format("an evictable object is bound as a whole, not by '{}'", flag));
  if (shape.dedicated || shape.export_handles != 0)
    throw Error(fmt::format("memory of its own is bound as a whole, not by '{}'", flag));
  if (shape.on_refusal.size() != 0)
    throw Error(fmt::format("on_refusal is of what is bound as a whole, not by '{}'", flag));
  if (is_sparse(shape) && is_protected(shape)) throw Error("protected memory is not bound by 'sparse_binding'");
}

void check_image(const Shape& shape) {
  check_formats(shape);
  const VkExtent3D extent = shape.extent;
  if (extent.width == 0 || extent.height == 0 || extent.depth == 0) {
    throw Error(fmt::format("extent {}x{}x{} is empty; give at least 1 in each direction", extent.width, extent.height,
                            extent.depth));
  }
  if (std::max({extent.width, extent.height, extent.depth}) > kMaxImageExtent) {
    throw Error(fmt::format("extent {}x{}x{} is above the bound of {}", extent.width, extent.height, extent.depth,
                            kMaxImageExtent));
  }
  if (shape.mips == 0 || shape.mips > full_mip_count(extent)) {
    throw Error(fmt::format("mips {} is not from 1 to {}, the full chain of {}x{}x{}", shape.mips,
                            full_mip_count(extent), extent.width, extent.height, extent.depth));
  }
  if (shape.layers == 0) throw Error("layers is 0; give at least 1");
  const auto samples = static_cast<std::uint32_t>(shape.samples);
  if (!std::has_single_bit(samples) || samples > 64) {
    throw Error(fmt::format("samples {} is not a power of two from 1 to 64", samples));
  }
  if (samples > 1 && shape.mips > 1) throw Error("a multi-sampled image has 1 mip");
  if (samples > 1 && extent.depth > 1) throw Error("a multi-sampled image has depth 1");
  check_dimensions(shape);
  check_flags(shape);
  if (extent.depth > 1 && shape.layers > 1) throw Error("an image with depth above 1 has 1 layer");
  if (shape.tiling != VK_IMAGE_TILING_OPTIMAL && shape.tiling != VK_IMAGE_TILING_LINEAR) {
    throw Error("tiling is neither 'optimal' nor 'linear'");
  }
  if (shape.tiling == VK_IMAGE_TILING_LINEAR && (shape.mips > 1 || samples > 1)) {
    throw Error("an image with linear tiling has 1 mip and 1 sample");
  }
  const FormatInfo& format = format_info(shape.format.front());
  const Wide per_layer = Wide{extent.width} * extent.height * extent.depth * format.block_bytes;
  if (per_layer > kMaxObjectBytes || per_layer * shape.layers * samples > kMaxObjectBytes) {
    throw Error("an image above the bound of 2^60 bytes; give a smaller extent or fewer layers");
  }
}

}  // namespace

void check_shape(const Shape& shape) {
  check_usage(shape);
  if (is_protected(shape) && is_mappable(shape.memory)) throw Error("flag 'protected' needs memory that no host maps");
  for (std::size_t i = 0; i < shape.on_refusal.size(); ++i) {
    const RefusalStep step = shape.on_refusal[i];
    if (step == RefusalStep::halve && shape.image) throw Error("on_refusal 'halve' is of buffers");
    if (step != RefusalStep::halve && is_mappable(shape.memory) && !is_mappable(memory_of(step)))
      throw Error(fmt::format("on_refusal '{}' is memory that no host maps, '{}' is", rule_of(memory_of(step)).name,
                              rule_of(shape.memory).name));
  }
  check_parts(shape);
  if (shape.priority < 0 || shape.priority > 1) throw Error("priority is not from 0 to 1");
  if (shape.image) return check_image(shape);
  if (shape.alignment != 0 && !is_power_of_two(shape.alignment)) {
    throw Error(fmt::format("align {} is not a power of two", shape.alignment));
  }
  if (shape.alignment > kGiB) throw Error(fmt::format("align {} is above the bound of 1 GiB", shape.alignment));
}

Bytes packed_image_bytes(const Shape& shape) {
  const FormatInfo& format = format_info(shape.format.front());
  Bytes bytes = 0;
  for (std::uint32_t level = 0; level < shape.mips; ++level) bytes += mip_bytes(format, shape.extent, level);
  return bytes * shape.layers * static_cast<std::uint32_t>(shape.samples);
}

bool is_protected(const Shape& shape) {
  return (shape.flags & (shape.image ? std::uint32_t{VK_IMAGE_CREATE_PROTECTED_BIT}
                                     : std::uint32_t{VK_BUFFER_CREATE_PROTECTED_BIT})) != 0;
}

bool is_sparse(const Shape& shape) {
  return (shape.flags & (shape.image ? std::uint32_t{VK_IMAGE_CREATE_SPARSE_BINDING_BIT}
                                     : std::uint32_t{VK_BUFFER_CREATE_SPARSE_BINDING_BIT})) != 0;
}

bool is_disjoint(const Shape& shape) { return shape.image && (shape.flags & VK_IMAGE_CREATE_DISJOINT_BIT) != 0; }

Bytes packed_plane_bytes(const Shape& shape, std::uint32_t plane) {
  const FormatPlane& row = format_info(shape.format.front()).planes[plane];
  return Bytes{shape.extent.width / row.width_divisor} * (shape.extent.height / row.height_divisor) * row.block_bytes *
         shape.layers;
}

bool has_depth_and_stencil(const Shape& shape) {
  constexpr VkImageAspectFlags kBoth = VK_IMAGE_ASPECT_DEPTH_BIT | VK_IMAGE_ASPECT_STENCIL_BIT;
  return std::ranges::any_of(shape.format, [](VkFormat format) { return format_info(format).aspects == kBoth; });
}

Shape normal_form(const Shape& shape) {
  Shape normal = shape;
  visit_shape_fields([&](auto field) {
    if (!field.is_of(shape.image)) field.of(normal) = field.of(kStandardShape);
  });
  return normal;
}

bool same_shape(const Shape& a, const Shape& b) {
  bool same = a.image == b.image;
  visit_shape_fields([&](auto field) { same = same && (!field.is_of(a.image) || field.equal(a, b)); });
  return same;
}

std::uint64_t interning_hash(const Shape& shape) {
  Hash64 hash;
  std::uint64_t small = shape.image ? 1 : 0;  // of the small fields; not hashed one by one, for every event comes here
  visit_shape_fields([&](auto field) {
    if (!field.is_of(shape.image)) return;
    for_each_word(field.of(shape), [&](std::uint64_t word) {
      constexpr FieldType kType = decltype(field)::kType;
      if constexpr (sizeof(typename decltype(field)::Member) <= sizeof(std::uint32_t) || kType == FieldType::memory ||
                    kType == FieldType::refusals || kType == FieldType::wide)
        small = small * 521 + word;
      else
        hash.word(word);
    });
  });
  hash.word(small);
  return hash.value();
}

}  // namespace vkmembench
