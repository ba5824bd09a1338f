#include "allocator/device/simulated/simulated_requirements.h"

#include <algorithm>
#include <bit>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/base/planes.h"
#include "allocator/base/suggest.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench::simulated {
namespace {

constexpr Bytes divide_up(Bytes value, Bytes divisor) { return (value + divisor - 1) / divisor; }
// The same by shifting: image creation is measured, and a mip chain asks often. Requires a power of two.
constexpr Bytes units(Bytes value, Bytes power) { return (value + power - 1) >> std::countr_zero(power); }
constexpr Bytes blocks(Bytes texels, std::uint32_t side) { return side == 1 ? texels : divide_up(texels, side); }

bool matches_any(const std::vector<std::string>& globs, std::string_view name) {
  return globs.empty() || std::ranges::any_of(globs, [&](const std::string& glob) { return glob_match(glob, name); });
}

// `asked` is the size that decides whether dedicated memory is preferred.
Requirements exactly(Bytes size, Bytes asked, const RequirementAnswer& answer) {
  return {.size = size,
          .memory_type_bits = answer.memory_type_bits,
          .alignment_log2 = static_cast<std::uint8_t>(std::countr_zero(answer.alignment)),
          .prefers_dedicated = answer.prefers_dedicated && asked >= answer.prefers_dedicated_from,
          .requires_dedicated = answer.requires_dedicated};
}
Bytes finished(Bytes size, const RequirementAnswer& answer) {
  return align_up(size + answer.extra_bytes, answer.size_rounding);
}
Requirements finish_image(Bytes size, const RequirementAnswer& answer) {
  const Bytes required = finished(size, answer);
  return exactly(required, required, answer);
}

bool answers(const ExactImage& row, const VkImageCreateInfo& info) {
  return row.format == info.format && row.extent.width == info.extent.width &&
         row.extent.height == info.extent.height && row.extent.depth == info.extent.depth &&
         row.mips == info.mipLevels && row.layers == info.arrayLayers && row.samples == info.samples &&
         row.tiling == info.tiling && (row.usage & ~info.usage) == 0 && (row.flags & ~info.flags) == 0;
}

std::uint64_t exact_key(VkFormat format, VkImageTiling tiling, const VkExtent3D& extent, std::uint32_t mips,
                        std::uint32_t layers) {
  std::uint64_t key = static_cast<std::uint64_t>(format) << 1 | (tiling == VK_IMAGE_TILING_LINEAR ? 1u : 0u);
  for (const std::uint32_t part : {extent.width, extent.height, extent.depth, mips, layers})
    key = (key ^ part) * 0x9e3779b97f4a7c15;  // 2^64 / golden ratio, as in Fibonacci hashing
  return key;
}

// A mip in texel blocks; samples make it wider and higher, wider first.
struct Level {
  Bytes columns;
  Bytes rows;
  Bytes depth;
};
Level level_of(const FormatInfo& format, const VkImageCreateInfo& info, std::uint32_t level) {
  const auto shrink = [&](std::uint32_t side) { return std::max<Bytes>(1, Bytes{side} >> level); };
  const auto doublings = static_cast<unsigned>(std::countr_zero(static_cast<unsigned>(info.samples)));
  return {blocks(shrink(info.extent.width), format.block_width) << (doublings + 1) / 2,
          blocks(shrink(info.extent.height), format.block_height) << doublings / 2, shrink(info.extent.depth)};
}

// Width in texel blocks (square tiles only) and height in rows of the tile that a mip of `rows` rows gets.
struct Tile {
  Bytes columns;
  Bytes rows;
  Bytes bytes;
};
Tile tile_of(const ImageRule& rule, Bytes block_bytes, Bytes rows) {
  if (rule.tile_width_bytes == 0) {
    const Bytes count = std::max<Bytes>(1, rule.tile_bytes >> std::countr_zero(block_bytes));
    const auto doublings = static_cast<unsigned>(std::countr_zero(count));
    return {Bytes{1} << (doublings + 1) / 2, Bytes{1} << doublings / 2, count * block_bytes};
  }
  const int width_shift = std::countr_zero(rule.tile_width_bytes);
  const Bytes low = rule.tile_bytes >> width_shift;
  const Bytes high = std::max(low, rule.max_tile_bytes >> width_shift);
  const Bytes tile_rows = std::clamp(std::bit_ceil(rows), low, high);
  return {0, tile_rows, rule.tile_width_bytes * tile_rows};
}

// A tile's width need not be a multiple of the block's, so rows of fixed width round in bytes.
Bytes tiles_across(const ImageRule& rule, const Tile& tile, Bytes block_bytes, Bytes columns) {
  return rule.tile_width_bytes == 0 ? units(columns, tile.columns)
                                    : units(columns * block_bytes, rule.tile_width_bytes);
}

// A plane as an image of its own.
struct PlaneImage {
  FormatInfo format;
  VkImageCreateInfo info;
};
PlaneImage plane_image(const FormatInfo& format, const VkImageCreateInfo& info, std::uint32_t number) {
  VkImageCreateInfo alone = info;
  alone.extent = plane_extent(format, number, info.extent);
  return {plane_format(format, number), alone};
}

// Calls visit(format, info) for what each plane is as an image of its own.
template <typename Visit>
void for_each_plane(const VkImageCreateInfo& info, Visit visit) {
  const FormatInfo& format = format_info(info.format);
  if (format.plane_count == 1) return visit(format, info);
  for (std::uint32_t i = 0; i < format.plane_count; ++i) {
    const PlaneImage plane = plane_image(format, info, i);
    visit(plane.format, plane.info);
  }
}

Bytes packed_bytes(const FormatInfo& format, const VkImageCreateInfo& info) {
  Bytes texels = 0;
  for (std::uint32_t i = 0; i < info.mipLevels; ++i) {
    const Level level = level_of(format, info, i);
    texels += level.columns * level.rows * level.depth;
  }
  return texels * format.block_bytes * info.arrayLayers;
}

Bytes tiled_bytes(const ImageRule& rule, const FormatInfo& format, const VkImageCreateInfo& info) {
  const Bytes block_bytes = rule.tile_width_bytes == 0 ? std::bit_ceil(Bytes{format.block_bytes}) : format.block_bytes;
  const auto whole_tiles = [&](Bytes columns, Bytes rows) {
    const Tile tile = tile_of(rule, block_bytes, rows);
    return tiles_across(rule, tile, block_bytes, columns) * units(rows, tile.rows) * tile.bytes;
  };
  const Level first = level_of(format, info, 0);
  const Bytes together = rule.mip_rounding == 1 ? 1 : info.arrayLayers;  // layers in `layer`
  Bytes layer = 0;
  if (rule.mips == MipLayout::beside && info.mipLevels > 1) {
    constexpr Bytes kRowAlignment = 4;
    Bytes beside = 0;
    for (std::uint32_t i = 2; i < info.mipLevels; ++i)
      beside += align_up(level_of(format, info, i).rows, kRowAlignment);
    const Level second = level_of(format, info, 1);
    const Bytes columns =
        std::max(first.columns, second.columns + (info.mipLevels > 2 ? level_of(format, info, 2).columns : 0));
    const Bytes rows = align_up(first.rows, kRowAlignment) + std::max(align_up(second.rows, kRowAlignment), beside);
    layer = whole_tiles(columns, rows) * first.depth;
  } else {
    for (std::uint32_t i = 0; i < info.mipLevels; ++i) {
      const Level level = level_of(format, info, i);
      const Tile tile = tile_of(rule, block_bytes, level.rows);
      if (rule.mips == MipLayout::tail && info.mipLevels > 1 && 2 * level.columns <= tile.columns &&
          level.rows <= tile.rows) {
        layer += tile.bytes * level.depth;
        break;
      }
      layer += align_up(whole_tiles(level.columns, level.rows) * level.depth * together, rule.mip_rounding);
    }
  }
  if (rule.whole_layers && info.arrayLayers > 1) layer = align_up(layer, tile_of(rule, block_bytes, first.rows).bytes);
  Bytes bytes = layer * (info.arrayLayers / together);
  if (rule.metadata_divisor != 0) bytes += align_up(divide_up(bytes, rule.metadata_divisor), rule.metadata_rounding);
  return bytes;
}

}  // namespace

Bytes packed_bytes(const VkImageCreateInfo& info) {
  Bytes bytes = 0;
  for_each_plane(
      info, [&](const FormatInfo& format, const VkImageCreateInfo& plane) { bytes += packed_bytes(format, plane); });
  return bytes;
}

Bytes tiled_bytes(const ImageRule& rule, const VkImageCreateInfo& info) {
  if (format_info(info.format).plane_count == 1) return tiled_bytes(rule, format_info(info.format), info);
  Bytes bytes = 0;
  for_each_plane(info, [&](const FormatInfo& format, const VkImageCreateInfo& plane) {
    bytes += align_up(tiled_bytes(rule, format, plane), rule.plane_rounding);
  });
  return bytes;
}

RequirementTable::RequirementTable(const DeviceProfile& profile) : profile_(profile) {
  for (std::uint32_t type = 0; type < profile.memory.memoryTypeCount; ++type)
    if ((profile.memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_PROTECTED_BIT) != 0)
      protected_types_ |= 1u << type;
  for (std::uint32_t i = 0; i < profile.exact_buffers.size(); ++i)
    exact_buffers_[profile.exact_buffers[i].size].push_back(i);
  for (std::uint32_t i = 0; i < profile.exact_images.size(); ++i) {
    const ExactImage& row = profile.exact_images[i];
    exact_images_[exact_key(row.format, row.tiling, row.extent, row.mips, row.layers)].push_back(i);
  }
  if (profile.buffers.empty() || profile.buffers.back().any_usage != 0)
    throw Error("device profile '" + profile.name +
                "': buffer requirements without a last rule for every usage; add one");
  for (VkBufferUsageFlags usage = 0; usage < kCoreUsages; ++usage) {
    std::uint16_t rule = 0;
    while (profile.buffers[rule].any_usage != 0 && (profile.buffers[rule].any_usage & usage) == 0) ++rule;
    buffer_rules_[usage] = rule;
  }
  image_rules_.resize(formats().size());
  for (std::size_t f = 0; f < formats().size(); ++f) {
    for (std::size_t tiling = 0; tiling < 2; ++tiling) {
      bool covered = false;
      for (std::uint16_t r = 0; r < profile.images.size() && !covered; ++r) {
        const ImageRule& rule = profile.images[r];
        if (rule.tiling && static_cast<std::size_t>(*rule.tiling) != tiling) continue;
        if (!matches_any(rule.formats, formats()[f].name)) continue;
        image_rules_[f][tiling].push_back(r);
        covered = rule.any_usage == 0 && rule.samples == 0 && rule.min_bytes == 0 && rule.max_bytes == ~Bytes{0};
      }
      if (!covered)
        throw Error("device profile '" + profile.name + "': no image rule covers every image of format " +
                    std::string(formats()[f].name) + "; end `requirements.images` with an unconditional rule");
    }
  }
}

std::uint16_t RequirementTable::buffer_rule(VkBufferUsageFlags usage) const {
  if (usage < kCoreUsages) [[likely]]
    return buffer_rules_[usage];
  std::uint16_t rule = 0;
  while (profile_.buffers[rule].any_usage != 0 && (profile_.buffers[rule].any_usage & usage) == 0) ++rule;
  return rule;
}

Requirements RequirementTable::of_buffer(Bytes size, VkBufferUsageFlags usage) const {
  if (!exact_buffers_.empty())
    if (const auto rows = exact_buffers_.find(size); rows != exact_buffers_.end())
      for (const std::uint32_t index : rows->second) {
        const ExactBuffer& row = profile_.exact_buffers[index];
        if ((row.usage & ~usage) == 0) return exactly(row.required_bytes, row.required_bytes, row.answer);
      }
  const RequirementAnswer& answer = profile_.buffers[buffer_rule(usage)].answer;
  return exactly(finished(size, answer), size, answer);
}

Requirements RequirementTable::of_image(const VkImageCreateInfo& info) const {
  if (!exact_images_.empty())
    if (const auto rows =
            exact_images_.find(exact_key(info.format, info.tiling, info.extent, info.mipLevels, info.arrayLayers));
        rows != exact_images_.end())
      for (const std::uint32_t index : rows->second) {
        const ExactImage& row = profile_.exact_images[index];
        if (answers(row, info)) return exactly(row.required_bytes, row.required_bytes, row.answer);
      }
  const Bytes packed = packed_bytes(info);
  const ImageRule& rule = image_rule(info, packed);
  // Contents are kept packed, so no image is smaller.
  return finish_image(std::max(packed, tiled_bytes(rule, info)), rule.answer);
}

const ImageRule& RequirementTable::image_rule(const VkImageCreateInfo& info, Bytes packed) const {
  const auto& rules = image_rules_[format_index(format_info(info.format))][static_cast<std::size_t>(info.tiling)];
  for (const std::uint16_t index : rules) {
    const ImageRule& rule = profile_.images[index];
    if (rule.any_usage != 0 && (rule.any_usage & info.usage) == 0) continue;
    if (rule.samples != 0 && (rule.samples & static_cast<VkSampleCountFlags>(info.samples)) == 0) continue;
    if (packed >= rule.min_bytes && packed <= rule.max_bytes) return rule;
  }
  VKMEMBENCH_CHECK(false, "the constructor made sure that a rule matches");
  return profile_.images.front();
}

Requirements RequirementTable::of_plane(const VkImageCreateInfo& info, std::uint32_t plane) const {
  const PlaneImage alone = plane_image(format_info(info.format), info, plane);
  const Bytes packed = packed_bytes(alone.format, alone.info);
  const ImageRule& rule = image_rule(info, packed);
  const Bytes tiled = align_up(tiled_bytes(rule, alone.format, alone.info), rule.plane_rounding);
  return finish_image(std::max(packed, tiled), rule.answer);
}

Requirements RequirementTable::protect(Requirements requirements) const {
  requirements.memory_type_bits = protected_types_;
  return requirements;
}

}  // namespace vkmembench::simulated
