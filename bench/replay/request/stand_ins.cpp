#include "bench/replay/request/stand_ins.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

struct FormatRow {
  VkFormat format;
  std::vector<VkFormat> instead;
};

#define F(name) VK_FORMAT_##name
const std::vector<FormatRow>& format_rows() {
  static const std::vector<FormatRow> rows = {
      {F(D24_UNORM_S8_UINT), {F(D32_SFLOAT_S8_UINT)}},
      {F(D16_UNORM_S8_UINT), {F(D24_UNORM_S8_UINT), F(D32_SFLOAT_S8_UINT)}},
      {F(D32_SFLOAT_S8_UINT), {F(D24_UNORM_S8_UINT)}},
      {F(X8_D24_UNORM_PACK32), {F(D32_SFLOAT), F(D16_UNORM)}},
      {F(S8_UINT), {F(D24_UNORM_S8_UINT), F(D32_SFLOAT_S8_UINT)}},
      {F(R8G8B8_UNORM), {F(R8G8B8A8_UNORM)}},
      {F(R8G8B8_SRGB), {F(R8G8B8A8_SRGB)}},
      {F(B8G8R8_UNORM), {F(B8G8R8A8_UNORM)}},
      {F(B8G8R8_SRGB), {F(B8G8R8A8_SRGB)}},
      {F(R16G16B16_SFLOAT), {F(R16G16B16A16_SFLOAT)}},
      {F(R16G16B16_UNORM), {F(R16G16B16A16_UNORM)}},
      {F(R32G32B32_SFLOAT), {F(R32G32B32A32_SFLOAT)}},
      {F(R8_SRGB), {F(R8_UNORM)}},
      {F(R8G8_SRGB), {F(R8G8_UNORM)}},
      {F(R4G4_UNORM_PACK8), {F(R8G8_UNORM)}},
      {F(A4R4G4B4_UNORM_PACK16), {F(R8G8B8A8_UNORM)}},
      {F(A4B4G4R4_UNORM_PACK16), {F(R8G8B8A8_UNORM)}},
      {F(BC1_RGB_UNORM_BLOCK), {F(ETC2_R8G8B8_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(BC1_RGB_SRGB_BLOCK), {F(ETC2_R8G8B8_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(BC1_RGBA_UNORM_BLOCK), {F(ETC2_R8G8B8A1_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(BC1_RGBA_SRGB_BLOCK), {F(ETC2_R8G8B8A1_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(BC2_UNORM_BLOCK), {F(ASTC_4x4_UNORM_BLOCK), F(ETC2_R8G8B8A8_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(BC2_SRGB_BLOCK), {F(ASTC_4x4_SRGB_BLOCK), F(ETC2_R8G8B8A8_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(BC3_UNORM_BLOCK), {F(ASTC_4x4_UNORM_BLOCK), F(ETC2_R8G8B8A8_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(BC3_SRGB_BLOCK), {F(ASTC_4x4_SRGB_BLOCK), F(ETC2_R8G8B8A8_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(BC4_UNORM_BLOCK), {F(EAC_R11_UNORM_BLOCK), F(R8_UNORM)}},
      {F(BC4_SNORM_BLOCK), {F(EAC_R11_SNORM_BLOCK), F(R8_SNORM)}},
      {F(BC5_UNORM_BLOCK), {F(EAC_R11G11_UNORM_BLOCK), F(R8G8_UNORM)}},
      {F(BC5_SNORM_BLOCK), {F(EAC_R11G11_SNORM_BLOCK), F(R8G8_SNORM)}},
      {F(BC6H_UFLOAT_BLOCK), {F(ASTC_4x4_SFLOAT_BLOCK), F(R16G16B16A16_SFLOAT)}},
      {F(BC6H_SFLOAT_BLOCK), {F(ASTC_4x4_SFLOAT_BLOCK), F(R16G16B16A16_SFLOAT)}},
      {F(BC7_UNORM_BLOCK), {F(ASTC_4x4_UNORM_BLOCK), F(ETC2_R8G8B8A8_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(BC7_SRGB_BLOCK), {F(ASTC_4x4_SRGB_BLOCK), F(ETC2_R8G8B8A8_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(ETC2_R8G8B8_UNORM_BLOCK), {F(BC1_RGB_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(ETC2_R8G8B8_SRGB_BLOCK), {F(BC1_RGB_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(ETC2_R8G8B8A1_UNORM_BLOCK), {F(BC1_RGBA_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(ETC2_R8G8B8A1_SRGB_BLOCK), {F(BC1_RGBA_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(ETC2_R8G8B8A8_UNORM_BLOCK), {F(BC7_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(ETC2_R8G8B8A8_SRGB_BLOCK), {F(BC7_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(EAC_R11_UNORM_BLOCK), {F(BC4_UNORM_BLOCK), F(R16_UNORM)}},
      {F(EAC_R11_SNORM_BLOCK), {F(BC4_SNORM_BLOCK), F(R16_SNORM)}},
      {F(EAC_R11G11_UNORM_BLOCK), {F(BC5_UNORM_BLOCK), F(R16G16_UNORM)}},
      {F(EAC_R11G11_SNORM_BLOCK), {F(BC5_SNORM_BLOCK), F(R16G16_SNORM)}},
      {F(ASTC_4x4_UNORM_BLOCK), {F(BC7_UNORM_BLOCK), F(R8G8B8A8_UNORM)}},
      {F(ASTC_4x4_SRGB_BLOCK), {F(BC7_SRGB_BLOCK), F(R8G8B8A8_SRGB)}},
      {F(ASTC_4x4_SFLOAT_BLOCK), {F(BC6H_UFLOAT_BLOCK), F(R16G16B16A16_SFLOAT)}},
  };
  return rows;
}
#undef F

}  // namespace

std::span<const VkFormat> formats_instead_of(VkFormat format) {
  const auto row = std::ranges::find(format_rows(), format, &FormatRow::format);
  if (row == format_rows().end()) return {};
  return row->instead;
}

// Where nothing else is left, a buffer is one that shaders read and write, and an image one that they sample.
UsageStandIn stand_in_for(std::uint32_t usage, bool image, DeviceFeatureSet features) {
  constexpr std::uint32_t kBufferSaysLittle =
      VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  constexpr std::uint32_t kImageSaysLittle = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  const std::uint32_t given = image ? image_usages_of(features) : buffer_usages_of(features);
  const std::span<const FlagName> names = image ? image_usage_names() : buffer_usage_names();
  const auto usages = image ? &DeviceFeatureInfo::image_usages : &DeviceFeatureInfo::buffer_usages;
  UsageStandIn out{usage & given, {}};
  for (std::uint32_t left = usage & ~given; left != 0; left &= left - 1) {
    const std::uint32_t bit = left & ~(left - 1);
    const auto named = std::ranges::find(names, bit, &FlagName::bit);
    const std::string name = named == names.end() ? fmt::format("{:#x}", bit) : std::string(named->name);
    const auto feature =
        std::ranges::find_if(kDeviceFeatures, [&](const auto& row) { return (row.*usages & bit) != 0; });
    out.lacking.push_back(feature == kDeviceFeatures.end() ? name
                                                           : fmt::format("{} (feature {})", name, feature->name));
  }
  const bool says_little = (out.usage & ~(image ? kImageSaysLittle : kBufferSaysLittle)) == 0;
  if (!out.lacking.empty() && says_little)
    out.usage |= image ? std::uint32_t{VK_IMAGE_USAGE_SAMPLED_BIT} : std::uint32_t{VK_BUFFER_USAGE_STORAGE_BUFFER_BIT};
  return out;
}

}  // namespace vkmembench
