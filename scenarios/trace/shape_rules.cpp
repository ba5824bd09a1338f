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

const FormatInfo* find_format(VkFormat format) {
  const auto index = static_cast<std::size_t>(format) - 1;  // the table is in the order of the values
  return index < formats().size() && formats()[index].format == format ? &formats()[index] : nullptr;
}

void check_usage(const Shape& shape) {
  const std::span<const FlagName> names = shape.image ? image_usage_names() : buffer_usage_names();
  std::uint32_t known = 0;
  for (const FlagName& row : names) known |= row.bit;
  if (shape.usage == 0) throw Error("usage is empty; name at least one");
  if ((shape.usage & ~known) != 0) throw Error(fmt::format("usage {:#x} has bits without a name", shape.usage));
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
        info->block_height != first->block_height) {
      throw Error(fmt::format("formats {} and {} differ in block size; list formats of equal block size", first->name,
                              info->name));
    }
  }
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
      if constexpr (sizeof(typename decltype(field)::Member) <= sizeof(std::uint32_t))
        small = small * 521 + word;
      else
        hash.word(word);
    });
  });
  hash.word(small);
  return hash.value();
}

}  // namespace vkmembench
