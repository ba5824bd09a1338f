#include "allocator/device/simulated/simulated_formats.h"

#include <algorithm>
#include <bit>

#include "allocator/base/suggest.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench::simulated {
namespace {

constexpr Bytes kMaxResourceSize = Bytes{1} << 40;

// The sample counts that the limits allow for a usage; a limit that the profile leaves out forbids nothing but several
// samples of storage images, which need a feature.
VkSampleCountFlags samples_of_usage(const VkPhysicalDeviceLimits& limits, const FormatInfo& format,
                                    VkImageUsageFlags usage) {
  const bool depth = (format.aspects & VK_IMAGE_ASPECT_DEPTH_BIT) != 0;
  const bool stencil = (format.aspects & VK_IMAGE_ASPECT_STENCIL_BIT) != 0;
  const bool integer =
      format.name.find("UINT") != std::string_view::npos || format.name.find("SINT") != std::string_view::npos;
  VkSampleCountFlags counts = ~VkSampleCountFlags{0};
  const auto hold_to = [&](bool applies, VkSampleCountFlags limit) {
    if (applies && limit != 0) counts &= limit;
  };
  constexpr VkImageUsageFlags kAttachment =
      VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
  if ((usage & kAttachment) != 0) {
    hold_to(!depth && !stencil, limits.framebufferColorSampleCounts);
    hold_to(depth, limits.framebufferDepthSampleCounts);
    hold_to(stencil, limits.framebufferStencilSampleCounts);
  }
  if ((usage & VK_IMAGE_USAGE_SAMPLED_BIT) != 0) {
    hold_to(!depth && !stencil,
            integer ? limits.sampledImageIntegerSampleCounts : limits.sampledImageColorSampleCounts);
    hold_to(depth, limits.sampledImageDepthSampleCounts);
    hold_to(stencil, limits.sampledImageStencilSampleCounts);
  }
  if ((usage & VK_IMAGE_USAGE_STORAGE_BIT) != 0)
    counts &= std::max<VkSampleCountFlags>(limits.storageImageSampleCounts, VK_SAMPLE_COUNT_1_BIT);
  return counts;
}

// Pages that images share are not simulated.
bool takes_sparse(const DeviceProfile& profile, const FormatInfo& format, VkImageType type, VkImageTiling tiling,
                  VkImageCreateFlags flags) {
  if ((flags & VK_IMAGE_CREATE_SPARSE_ALIASED_BIT) != 0) return false;
  if ((flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT) == 0) return (flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) == 0;
  if (!profile.has_sparse_binding || format.plane_count > 1) return false;
  if ((flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) == 0) return true;
  return profile.has_sparse_residency && type != VK_IMAGE_TYPE_1D && tiling == VK_IMAGE_TILING_OPTIMAL &&
         (format.aspects & VK_IMAGE_ASPECT_COLOR_BIT) != 0 && std::has_single_bit(format.block_bytes) &&
         format.block_bytes <= 16;
}

}  // namespace

FormatTable::FormatTable(const DeviceProfile& profile) : profile_(profile) {
  for (const FormatInfo& format : formats()) {
    const auto rule = std::ranges::find_if(profile.formats, [&](const FormatRule& candidate) {
      return std::ranges::any_of(candidate.formats,
                                 [&](const std::string& glob) { return glob_match(glob, format.name); });
    });
    rules_.push_back(rule == profile.formats.end() ? nullptr : &*rule);
  }
}

VkResult FormatTable::properties(VkFormat format, VkImageType type, VkImageTiling tiling, VkImageUsageFlags usage,
                                 VkImageCreateFlags flags, VkImageFormatProperties& out) const {
  out = {};
  const FormatInfo* row = find_format(format);
  if (row == nullptr || rules_[format_index(*row)] == nullptr) return VK_ERROR_FORMAT_NOT_SUPPORTED;
  if (tiling != VK_IMAGE_TILING_OPTIMAL && tiling != VK_IMAGE_TILING_LINEAR) return VK_ERROR_FORMAT_NOT_SUPPORTED;
  const FormatRule& rule = *rules_[format_index(*row)];
  const bool optimal = tiling == VK_IMAGE_TILING_OPTIMAL;
  const VkImageUsageFlags supported = optimal ? rule.optimal : rule.linear;
  // What a rule does not speak of comes with features.
  const VkImageUsageFlags added = image_usages_of(profile_.offered) & ~image_usages_of({});
  if (usage == 0 || (usage & ~supported & ~added) != 0) return VK_ERROR_FORMAT_NOT_SUPPORTED;
  const bool color = (row->aspects & VK_IMAGE_ASPECT_COLOR_BIT) != 0;
  const bool planar = row->plane_count > 1;
  if ((!optimal || !color || planar) && type != VK_IMAGE_TYPE_2D) return VK_ERROR_FORMAT_NOT_SUPPORTED;
  if ((flags & VK_IMAGE_CREATE_DISJOINT_BIT) != 0 && !planar) return VK_ERROR_FORMAT_NOT_SUPPORTED;
  if (!takes_sparse(profile_, *row, type, tiling, flags)) return VK_ERROR_FORMAT_NOT_SUPPORTED;
  if ((flags & VK_IMAGE_CREATE_PROTECTED_BIT) != 0 && !profile_.offered.has(DeviceFeature::protected_memory))
    return VK_ERROR_FORMAT_NOT_SUPPORTED;

  const VkPhysicalDeviceLimits& limits = profile_.limits;
  const auto cap = [&](std::uint32_t limit) { return rule.max_extent == 0 ? limit : std::min(limit, rule.max_extent); };
  switch (type) {
    case VK_IMAGE_TYPE_1D:
      out.maxExtent = {cap(limits.maxImageDimension1D), 1, 1};
      break;
    case VK_IMAGE_TYPE_2D:
      out.maxExtent = {cap(limits.maxImageDimension2D), cap(limits.maxImageDimension2D), 1};
      break;
    case VK_IMAGE_TYPE_3D: {
      const std::uint32_t side = cap(limits.maxImageDimension3D);
      out.maxExtent = {side, side, side};
      break;
    }
    default:
      return VK_ERROR_FORMAT_NOT_SUPPORTED;
  }
  const bool plain =
      optimal && !planar && type == VK_IMAGE_TYPE_2D && (flags & VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT) == 0;
  out.maxMipLevels = optimal && !planar ? full_mip_count(out.maxExtent) : 1;
  out.maxArrayLayers = optimal && type != VK_IMAGE_TYPE_3D ? limits.maxImageArrayLayers : 1;
  out.sampleCounts = VK_SAMPLE_COUNT_1_BIT;
  if (plain && (flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT) == 0)
    out.sampleCounts |= rule.samples & samples_of_usage(limits, *row, usage);
  out.maxResourceSize = kMaxResourceSize;
  return VK_SUCCESS;
}

bool FormatTable::supports(const VkImageCreateInfo& info) const {
  VkImageFormatProperties limits;
  if (properties(info.format, info.imageType, info.tiling, info.usage, info.flags, limits) != VK_SUCCESS) return false;
  return info.extent.width <= limits.maxExtent.width && info.extent.height <= limits.maxExtent.height &&
         info.extent.depth <= limits.maxExtent.depth && info.arrayLayers <= limits.maxArrayLayers &&
         info.mipLevels <= std::min(limits.maxMipLevels, full_mip_count(info.extent)) &&
         (limits.sampleCounts & static_cast<VkSampleCountFlags>(info.samples)) != 0 &&
         (info.samples == VK_SAMPLE_COUNT_1_BIT || info.mipLevels == 1);
}

}  // namespace vkmembench::simulated
