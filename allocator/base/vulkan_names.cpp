#include "allocator/base/vulkan_names.h"

#include <algorithm>
#include <array>
#include <bit>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr VkImageAspectFlags kColor = VK_IMAGE_ASPECT_COLOR_BIT;
constexpr VkImageAspectFlags kDepth = VK_IMAGE_ASPECT_DEPTH_BIT;
constexpr VkImageAspectFlags kStencil = VK_IMAGE_ASPECT_STENCIL_BIT;

// The core formats of Vulkan 1.0, in the order of their values (1, 2, ...).
// clang-format off
constexpr FormatInfo kFormats[] = {
    {VK_FORMAT_R4G4_UNORM_PACK8, "R4G4_UNORM_PACK8", 1, 1, 1, kColor},
    {VK_FORMAT_R4G4B4A4_UNORM_PACK16, "R4G4B4A4_UNORM_PACK16", 2, 1, 1, kColor},
    {VK_FORMAT_B4G4R4A4_UNORM_PACK16, "B4G4R4A4_UNORM_PACK16", 2, 1, 1, kColor},
    {VK_FORMAT_R5G6B5_UNORM_PACK16, "R5G6B5_UNORM_PACK16", 2, 1, 1, kColor},
    {VK_FORMAT_B5G6R5_UNORM_PACK16, "B5G6R5_UNORM_PACK16", 2, 1, 1, kColor},
    {VK_FORMAT_R5G5B5A1_UNORM_PACK16, "R5G5B5A1_UNORM_PACK16", 2, 1, 1, kColor},
    {VK_FORMAT_B5G5R5A1_UNORM_PACK16, "B5G5R5A1_UNORM_PACK16", 2, 1, 1, kColor},
    {VK_FORMAT_A1R5G5B5_UNORM_PACK16, "A1R5G5B5_UNORM_PACK16", 2, 1, 1, kColor},
    {VK_FORMAT_R8_UNORM, "R8_UNORM", 1, 1, 1, kColor},
    {VK_FORMAT_R8_SNORM, "R8_SNORM", 1, 1, 1, kColor},
    {VK_FORMAT_R8_USCALED, "R8_USCALED", 1, 1, 1, kColor},
    {VK_FORMAT_R8_SSCALED, "R8_SSCALED", 1, 1, 1, kColor},
    {VK_FORMAT_R8_UINT, "R8_UINT", 1, 1, 1, kColor},
    {VK_FORMAT_R8_SINT, "R8_SINT", 1, 1, 1, kColor},
    {VK_FORMAT_R8_SRGB, "R8_SRGB", 1, 1, 1, kColor},
    {VK_FORMAT_R8G8_UNORM, "R8G8_UNORM", 2, 1, 1, kColor},
    {VK_FORMAT_R8G8_SNORM, "R8G8_SNORM", 2, 1, 1, kColor},
    {VK_FORMAT_R8G8_USCALED, "R8G8_USCALED", 2, 1, 1, kColor},
    {VK_FORMAT_R8G8_SSCALED, "R8G8_SSCALED", 2, 1, 1, kColor},
    {VK_FORMAT_R8G8_UINT, "R8G8_UINT", 2, 1, 1, kColor},
    {VK_FORMAT_R8G8_SINT, "R8G8_SINT", 2, 1, 1, kColor},
    {VK_FORMAT_R8G8_SRGB, "R8G8_SRGB", 2, 1, 1, kColor},
    {VK_FORMAT_R8G8B8_UNORM, "R8G8B8_UNORM", 3, 1, 1, kColor},
    {VK_FORMAT_R8G8B8_SNORM, "R8G8B8_SNORM", 3, 1, 1, kColor},
    {VK_FORMAT_R8G8B8_USCALED, "R8G8B8_USCALED", 3, 1, 1, kColor},
    {VK_FORMAT_R8G8B8_SSCALED, "R8G8B8_SSCALED", 3, 1, 1, kColor},
    {VK_FORMAT_R8G8B8_UINT, "R8G8B8_UINT", 3, 1, 1, kColor},
    {VK_FORMAT_R8G8B8_SINT, "R8G8B8_SINT", 3, 1, 1, kColor},
    {VK_FORMAT_R8G8B8_SRGB, "R8G8B8_SRGB", 3, 1, 1, kColor},
    {VK_FORMAT_B8G8R8_UNORM, "B8G8R8_UNORM", 3, 1, 1, kColor},
    {VK_FORMAT_B8G8R8_SNORM, "B8G8R8_SNORM", 3, 1, 1, kColor},
    {VK_FORMAT_B8G8R8_USCALED, "B8G8R8_USCALED", 3, 1, 1, kColor},
    {VK_FORMAT_B8G8R8_SSCALED, "B8G8R8_SSCALED", 3, 1, 1, kColor},
    {VK_FORMAT_B8G8R8_UINT, "B8G8R8_UINT", 3, 1, 1, kColor},
    {VK_FORMAT_B8G8R8_SINT, "B8G8R8_SINT", 3, 1, 1, kColor},
    {VK_FORMAT_B8G8R8_SRGB, "B8G8R8_SRGB", 3, 1, 1, kColor},
    {VK_FORMAT_R8G8B8A8_UNORM, "R8G8B8A8_UNORM", 4, 1, 1, kColor},
    {VK_FORMAT_R8G8B8A8_SNORM, "R8G8B8A8_SNORM", 4, 1, 1, kColor},
    {VK_FORMAT_R8G8B8A8_USCALED, "R8G8B8A8_USCALED", 4, 1, 1, kColor},
    {VK_FORMAT_R8G8B8A8_SSCALED, "R8G8B8A8_SSCALED", 4, 1, 1, kColor},
    {VK_FORMAT_R8G8B8A8_UINT, "R8G8B8A8_UINT", 4, 1, 1, kColor},
    {VK_FORMAT_R8G8B8A8_SINT, "R8G8B8A8_SINT", 4, 1, 1, kColor},
    {VK_FORMAT_R8G8B8A8_SRGB, "R8G8B8A8_SRGB", 4, 1, 1, kColor},
    {VK_FORMAT_B8G8R8A8_UNORM, "B8G8R8A8_UNORM", 4, 1, 1, kColor},
    {VK_FORMAT_B8G8R8A8_SNORM, "B8G8R8A8_SNORM", 4, 1, 1, kColor},
    {VK_FORMAT_B8G8R8A8_USCALED, "B8G8R8A8_USCALED", 4, 1, 1, kColor},
    {VK_FORMAT_B8G8R8A8_SSCALED, "B8G8R8A8_SSCALED", 4, 1, 1, kColor},
    {VK_FORMAT_B8G8R8A8_UINT, "B8G8R8A8_UINT", 4, 1, 1, kColor},
    {VK_FORMAT_B8G8R8A8_SINT, "B8G8R8A8_SINT", 4, 1, 1, kColor},
    {VK_FORMAT_B8G8R8A8_SRGB, "B8G8R8A8_SRGB", 4, 1, 1, kColor},
    {VK_FORMAT_A8B8G8R8_UNORM_PACK32, "A8B8G8R8_UNORM_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A8B8G8R8_SNORM_PACK32, "A8B8G8R8_SNORM_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A8B8G8R8_USCALED_PACK32, "A8B8G8R8_USCALED_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A8B8G8R8_SSCALED_PACK32, "A8B8G8R8_SSCALED_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A8B8G8R8_UINT_PACK32, "A8B8G8R8_UINT_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A8B8G8R8_SINT_PACK32, "A8B8G8R8_SINT_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A8B8G8R8_SRGB_PACK32, "A8B8G8R8_SRGB_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2R10G10B10_UNORM_PACK32, "A2R10G10B10_UNORM_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2R10G10B10_SNORM_PACK32, "A2R10G10B10_SNORM_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2R10G10B10_USCALED_PACK32, "A2R10G10B10_USCALED_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2R10G10B10_SSCALED_PACK32, "A2R10G10B10_SSCALED_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2R10G10B10_UINT_PACK32, "A2R10G10B10_UINT_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2R10G10B10_SINT_PACK32, "A2R10G10B10_SINT_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2B10G10R10_UNORM_PACK32, "A2B10G10R10_UNORM_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2B10G10R10_SNORM_PACK32, "A2B10G10R10_SNORM_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2B10G10R10_USCALED_PACK32, "A2B10G10R10_USCALED_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2B10G10R10_SSCALED_PACK32, "A2B10G10R10_SSCALED_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2B10G10R10_UINT_PACK32, "A2B10G10R10_UINT_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_A2B10G10R10_SINT_PACK32, "A2B10G10R10_SINT_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_R16_UNORM, "R16_UNORM", 2, 1, 1, kColor},
    {VK_FORMAT_R16_SNORM, "R16_SNORM", 2, 1, 1, kColor},
    {VK_FORMAT_R16_USCALED, "R16_USCALED", 2, 1, 1, kColor},
    {VK_FORMAT_R16_SSCALED, "R16_SSCALED", 2, 1, 1, kColor},
    {VK_FORMAT_R16_UINT, "R16_UINT", 2, 1, 1, kColor},
    {VK_FORMAT_R16_SINT, "R16_SINT", 2, 1, 1, kColor},
    {VK_FORMAT_R16_SFLOAT, "R16_SFLOAT", 2, 1, 1, kColor},
    {VK_FORMAT_R16G16_UNORM, "R16G16_UNORM", 4, 1, 1, kColor},
    {VK_FORMAT_R16G16_SNORM, "R16G16_SNORM", 4, 1, 1, kColor},
    {VK_FORMAT_R16G16_USCALED, "R16G16_USCALED", 4, 1, 1, kColor},
    {VK_FORMAT_R16G16_SSCALED, "R16G16_SSCALED", 4, 1, 1, kColor},
    {VK_FORMAT_R16G16_UINT, "R16G16_UINT", 4, 1, 1, kColor},
    {VK_FORMAT_R16G16_SINT, "R16G16_SINT", 4, 1, 1, kColor},
    {VK_FORMAT_R16G16_SFLOAT, "R16G16_SFLOAT", 4, 1, 1, kColor},
    {VK_FORMAT_R16G16B16_UNORM, "R16G16B16_UNORM", 6, 1, 1, kColor},
    {VK_FORMAT_R16G16B16_SNORM, "R16G16B16_SNORM", 6, 1, 1, kColor},
    {VK_FORMAT_R16G16B16_USCALED, "R16G16B16_USCALED", 6, 1, 1, kColor},
    {VK_FORMAT_R16G16B16_SSCALED, "R16G16B16_SSCALED", 6, 1, 1, kColor},
    {VK_FORMAT_R16G16B16_UINT, "R16G16B16_UINT", 6, 1, 1, kColor},
    {VK_FORMAT_R16G16B16_SINT, "R16G16B16_SINT", 6, 1, 1, kColor},
    {VK_FORMAT_R16G16B16_SFLOAT, "R16G16B16_SFLOAT", 6, 1, 1, kColor},
    {VK_FORMAT_R16G16B16A16_UNORM, "R16G16B16A16_UNORM", 8, 1, 1, kColor},
    {VK_FORMAT_R16G16B16A16_SNORM, "R16G16B16A16_SNORM", 8, 1, 1, kColor},
    {VK_FORMAT_R16G16B16A16_USCALED, "R16G16B16A16_USCALED", 8, 1, 1, kColor},
    {VK_FORMAT_R16G16B16A16_SSCALED, "R16G16B16A16_SSCALED", 8, 1, 1, kColor},
    {VK_FORMAT_R16G16B16A16_UINT, "R16G16B16A16_UINT", 8, 1, 1, kColor},
    {VK_FORMAT_R16G16B16A16_SINT, "R16G16B16A16_SINT", 8, 1, 1, kColor},
    {VK_FORMAT_R16G16B16A16_SFLOAT, "R16G16B16A16_SFLOAT", 8, 1, 1, kColor},
    {VK_FORMAT_R32_UINT, "R32_UINT", 4, 1, 1, kColor},
    {VK_FORMAT_R32_SINT, "R32_SINT", 4, 1, 1, kColor},
    {VK_FORMAT_R32_SFLOAT, "R32_SFLOAT", 4, 1, 1, kColor},
    {VK_FORMAT_R32G32_UINT, "R32G32_UINT", 8, 1, 1, kColor},
    {VK_FORMAT_R32G32_SINT, "R32G32_SINT", 8, 1, 1, kColor},
    {VK_FORMAT_R32G32_SFLOAT, "R32G32_SFLOAT", 8, 1, 1, kColor},
    {VK_FORMAT_R32G32B32_UINT, "R32G32B32_UINT", 12, 1, 1, kColor},
    {VK_FORMAT_R32G32B32_SINT, "R32G32B32_SINT", 12, 1, 1, kColor},
    {VK_FORMAT_R32G32B32_SFLOAT, "R32G32B32_SFLOAT", 12, 1, 1, kColor},
    {VK_FORMAT_R32G32B32A32_UINT, "R32G32B32A32_UINT", 16, 1, 1, kColor},
    {VK_FORMAT_R32G32B32A32_SINT, "R32G32B32A32_SINT", 16, 1, 1, kColor},
    {VK_FORMAT_R32G32B32A32_SFLOAT, "R32G32B32A32_SFLOAT", 16, 1, 1, kColor},
    {VK_FORMAT_R64_UINT, "R64_UINT", 8, 1, 1, kColor},
    {VK_FORMAT_R64_SINT, "R64_SINT", 8, 1, 1, kColor},
    {VK_FORMAT_R64_SFLOAT, "R64_SFLOAT", 8, 1, 1, kColor},
    {VK_FORMAT_R64G64_UINT, "R64G64_UINT", 16, 1, 1, kColor},
    {VK_FORMAT_R64G64_SINT, "R64G64_SINT", 16, 1, 1, kColor},
    {VK_FORMAT_R64G64_SFLOAT, "R64G64_SFLOAT", 16, 1, 1, kColor},
    {VK_FORMAT_R64G64B64_UINT, "R64G64B64_UINT", 24, 1, 1, kColor},
    {VK_FORMAT_R64G64B64_SINT, "R64G64B64_SINT", 24, 1, 1, kColor},
    {VK_FORMAT_R64G64B64_SFLOAT, "R64G64B64_SFLOAT", 24, 1, 1, kColor},
    {VK_FORMAT_R64G64B64A64_UINT, "R64G64B64A64_UINT", 32, 1, 1, kColor},
    {VK_FORMAT_R64G64B64A64_SINT, "R64G64B64A64_SINT", 32, 1, 1, kColor},
    {VK_FORMAT_R64G64B64A64_SFLOAT, "R64G64B64A64_SFLOAT", 32, 1, 1, kColor},
    {VK_FORMAT_B10G11R11_UFLOAT_PACK32, "B10G11R11_UFLOAT_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_E5B9G9R9_UFLOAT_PACK32, "E5B9G9R9_UFLOAT_PACK32", 4, 1, 1, kColor},
    {VK_FORMAT_D16_UNORM, "D16_UNORM", 2, 1, 1, kDepth},
    {VK_FORMAT_X8_D24_UNORM_PACK32, "X8_D24_UNORM_PACK32", 4, 1, 1, kDepth},
    {VK_FORMAT_D32_SFLOAT, "D32_SFLOAT", 4, 1, 1, kDepth},
    {VK_FORMAT_S8_UINT, "S8_UINT", 1, 1, 1, kStencil},
    {VK_FORMAT_D16_UNORM_S8_UINT, "D16_UNORM_S8_UINT", 3, 1, 1, kDepth | kStencil},
    {VK_FORMAT_D24_UNORM_S8_UINT, "D24_UNORM_S8_UINT", 4, 1, 1, kDepth | kStencil},
    {VK_FORMAT_D32_SFLOAT_S8_UINT, "D32_SFLOAT_S8_UINT", 5, 1, 1, kDepth | kStencil},
    {VK_FORMAT_BC1_RGB_UNORM_BLOCK, "BC1_RGB_UNORM_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_BC1_RGB_SRGB_BLOCK, "BC1_RGB_SRGB_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_BC1_RGBA_UNORM_BLOCK, "BC1_RGBA_UNORM_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_BC1_RGBA_SRGB_BLOCK, "BC1_RGBA_SRGB_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_BC2_UNORM_BLOCK, "BC2_UNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC2_SRGB_BLOCK, "BC2_SRGB_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC3_UNORM_BLOCK, "BC3_UNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC3_SRGB_BLOCK, "BC3_SRGB_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC4_UNORM_BLOCK, "BC4_UNORM_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_BC4_SNORM_BLOCK, "BC4_SNORM_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_BC5_UNORM_BLOCK, "BC5_UNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC5_SNORM_BLOCK, "BC5_SNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC6H_UFLOAT_BLOCK, "BC6H_UFLOAT_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC6H_SFLOAT_BLOCK, "BC6H_SFLOAT_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC7_UNORM_BLOCK, "BC7_UNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_BC7_SRGB_BLOCK, "BC7_SRGB_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_ETC2_R8G8B8_UNORM_BLOCK, "ETC2_R8G8B8_UNORM_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_ETC2_R8G8B8_SRGB_BLOCK, "ETC2_R8G8B8_SRGB_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_ETC2_R8G8B8A1_UNORM_BLOCK, "ETC2_R8G8B8A1_UNORM_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_ETC2_R8G8B8A1_SRGB_BLOCK, "ETC2_R8G8B8A1_SRGB_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_ETC2_R8G8B8A8_UNORM_BLOCK, "ETC2_R8G8B8A8_UNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_ETC2_R8G8B8A8_SRGB_BLOCK, "ETC2_R8G8B8A8_SRGB_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_EAC_R11_UNORM_BLOCK, "EAC_R11_UNORM_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_EAC_R11_SNORM_BLOCK, "EAC_R11_SNORM_BLOCK", 8, 4, 4, kColor},
    {VK_FORMAT_EAC_R11G11_UNORM_BLOCK, "EAC_R11G11_UNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_EAC_R11G11_SNORM_BLOCK, "EAC_R11G11_SNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_ASTC_4x4_UNORM_BLOCK, "ASTC_4x4_UNORM_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_ASTC_4x4_SRGB_BLOCK, "ASTC_4x4_SRGB_BLOCK", 16, 4, 4, kColor},
    {VK_FORMAT_ASTC_5x4_UNORM_BLOCK, "ASTC_5x4_UNORM_BLOCK", 16, 5, 4, kColor},
    {VK_FORMAT_ASTC_5x4_SRGB_BLOCK, "ASTC_5x4_SRGB_BLOCK", 16, 5, 4, kColor},
    {VK_FORMAT_ASTC_5x5_UNORM_BLOCK, "ASTC_5x5_UNORM_BLOCK", 16, 5, 5, kColor},
    {VK_FORMAT_ASTC_5x5_SRGB_BLOCK, "ASTC_5x5_SRGB_BLOCK", 16, 5, 5, kColor},
    {VK_FORMAT_ASTC_6x5_UNORM_BLOCK, "ASTC_6x5_UNORM_BLOCK", 16, 6, 5, kColor},
    {VK_FORMAT_ASTC_6x5_SRGB_BLOCK, "ASTC_6x5_SRGB_BLOCK", 16, 6, 5, kColor},
    {VK_FORMAT_ASTC_6x6_UNORM_BLOCK, "ASTC_6x6_UNORM_BLOCK", 16, 6, 6, kColor},
    {VK_FORMAT_ASTC_6x6_SRGB_BLOCK, "ASTC_6x6_SRGB_BLOCK", 16, 6, 6, kColor},
    {VK_FORMAT_ASTC_8x5_UNORM_BLOCK, "ASTC_8x5_UNORM_BLOCK", 16, 8, 5, kColor},
    {VK_FORMAT_ASTC_8x5_SRGB_BLOCK, "ASTC_8x5_SRGB_BLOCK", 16, 8, 5, kColor},
    {VK_FORMAT_ASTC_8x6_UNORM_BLOCK, "ASTC_8x6_UNORM_BLOCK", 16, 8, 6, kColor},
    {VK_FORMAT_ASTC_8x6_SRGB_BLOCK, "ASTC_8x6_SRGB_BLOCK", 16, 8, 6, kColor},
    {VK_FORMAT_ASTC_8x8_UNORM_BLOCK, "ASTC_8x8_UNORM_BLOCK", 16, 8, 8, kColor},
    {VK_FORMAT_ASTC_8x8_SRGB_BLOCK, "ASTC_8x8_SRGB_BLOCK", 16, 8, 8, kColor},
    {VK_FORMAT_ASTC_10x5_UNORM_BLOCK, "ASTC_10x5_UNORM_BLOCK", 16, 10, 5, kColor},
    {VK_FORMAT_ASTC_10x5_SRGB_BLOCK, "ASTC_10x5_SRGB_BLOCK", 16, 10, 5, kColor},
    {VK_FORMAT_ASTC_10x6_UNORM_BLOCK, "ASTC_10x6_UNORM_BLOCK", 16, 10, 6, kColor},
    {VK_FORMAT_ASTC_10x6_SRGB_BLOCK, "ASTC_10x6_SRGB_BLOCK", 16, 10, 6, kColor},
    {VK_FORMAT_ASTC_10x8_UNORM_BLOCK, "ASTC_10x8_UNORM_BLOCK", 16, 10, 8, kColor},
    {VK_FORMAT_ASTC_10x8_SRGB_BLOCK, "ASTC_10x8_SRGB_BLOCK", 16, 10, 8, kColor},
    {VK_FORMAT_ASTC_10x10_UNORM_BLOCK, "ASTC_10x10_UNORM_BLOCK", 16, 10, 10, kColor},
    {VK_FORMAT_ASTC_10x10_SRGB_BLOCK, "ASTC_10x10_SRGB_BLOCK", 16, 10, 10, kColor},
    {VK_FORMAT_ASTC_12x10_UNORM_BLOCK, "ASTC_12x10_UNORM_BLOCK", 16, 12, 10, kColor},
    {VK_FORMAT_ASTC_12x10_SRGB_BLOCK, "ASTC_12x10_SRGB_BLOCK", 16, 12, 10, kColor},
    {VK_FORMAT_ASTC_12x12_UNORM_BLOCK, "ASTC_12x12_UNORM_BLOCK", 16, 12, 12, kColor},
    {VK_FORMAT_ASTC_12x12_SRGB_BLOCK, "ASTC_12x12_SRGB_BLOCK", 16, 12, 12, kColor},
};
// clang-format on

constexpr FlagName kBufferUsages[] = {
    {"transfer_src", VK_BUFFER_USAGE_TRANSFER_SRC_BIT},
    {"transfer_dst", VK_BUFFER_USAGE_TRANSFER_DST_BIT},
    {"uniform_texel_buffer", VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT},
    {"storage_texel_buffer", VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT},
    {"uniform_buffer", VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT},
    {"storage_buffer", VK_BUFFER_USAGE_STORAGE_BUFFER_BIT},
    {"index_buffer", VK_BUFFER_USAGE_INDEX_BUFFER_BIT},
    {"vertex_buffer", VK_BUFFER_USAGE_VERTEX_BUFFER_BIT},
    {"indirect_buffer", VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT},
};
constexpr FlagName kImageUsages[] = {
    {"transfer_src", VK_IMAGE_USAGE_TRANSFER_SRC_BIT},
    {"transfer_dst", VK_IMAGE_USAGE_TRANSFER_DST_BIT},
    {"sampled", VK_IMAGE_USAGE_SAMPLED_BIT},
    {"storage", VK_IMAGE_USAGE_STORAGE_BIT},
    {"color_attachment", VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT},
    {"depth_stencil_attachment", VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT},
    {"transient_attachment", VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT},
    {"input_attachment", VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT},
};
constexpr FlagName kMemoryProperties[] = {
    {"device_local", VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT},
    {"host_visible", VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT},
    {"host_coherent", VK_MEMORY_PROPERTY_HOST_COHERENT_BIT},
    {"host_cached", VK_MEMORY_PROPERTY_HOST_CACHED_BIT},
    {"lazily_allocated", VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT},
    {"protected", VK_MEMORY_PROPERTY_PROTECTED_BIT},
    {"device_coherent_amd", VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD},
    {"device_uncached_amd", VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD},
};
constexpr FlagName kHeapFlags[] = {
    {"device_local", VK_MEMORY_HEAP_DEVICE_LOCAL_BIT},
    {"multi_instance", VK_MEMORY_HEAP_MULTI_INSTANCE_BIT},
};

struct ResultName {
  VkResult result;
  std::string_view name;
};
constexpr ResultName kResults[] = {
    {VK_SUCCESS, "success"},
    {VK_NOT_READY, "not_ready"},
    {VK_TIMEOUT, "timeout"},
    {VK_ERROR_OUT_OF_HOST_MEMORY, "out_of_host_memory"},
    {VK_ERROR_OUT_OF_DEVICE_MEMORY, "out_of_device_memory"},
    {VK_ERROR_INITIALIZATION_FAILED, "initialization_failed"},
    {VK_ERROR_DEVICE_LOST, "device_lost"},
    {VK_ERROR_MEMORY_MAP_FAILED, "memory_map_failed"},
    {VK_ERROR_LAYER_NOT_PRESENT, "layer_not_present"},
    {VK_ERROR_EXTENSION_NOT_PRESENT, "extension_not_present"},
    {VK_ERROR_FEATURE_NOT_PRESENT, "feature_not_present"},
    {VK_ERROR_INCOMPATIBLE_DRIVER, "incompatible_driver"},
    {VK_ERROR_TOO_MANY_OBJECTS, "too_many_objects"},
    {VK_ERROR_FORMAT_NOT_SUPPORTED, "format_not_supported"},
    {VK_ERROR_FRAGMENTED_POOL, "fragmented_pool"},
    {VK_ERROR_UNKNOWN, "unknown"},
    {VK_ERROR_OUT_OF_POOL_MEMORY, "out_of_pool_memory"},
    {VK_ERROR_FRAGMENTATION, "fragmentation"},
};

std::uint32_t shrink(std::uint32_t extent, std::uint32_t level) {
  return level >= 32 ? 1 : std::max<std::uint32_t>(1, extent >> level);
}

}  // namespace

std::span<const FlagName> buffer_usage_names() { return kBufferUsages; }
std::span<const FlagName> image_usage_names() { return kImageUsages; }
std::span<const FlagName> memory_property_names() { return kMemoryProperties; }
std::span<const FlagName> heap_flag_names() { return kHeapFlags; }

std::optional<std::uint32_t> flag_by_name(std::span<const FlagName> names, std::string_view name) {
  for (const FlagName& row : names) {
    if (row.name == name) return row.bit;
  }
  return std::nullopt;
}

std::string result_name(VkResult result) {
  for (const ResultName& row : kResults) {
    if (row.result == result) return std::string(row.name);
  }
  return "result_" + std::to_string(static_cast<int>(result));
}

std::span<const FormatInfo> formats() { return kFormats; }

const FormatInfo* format_by_name(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &FormatInfo::name);
  return found == std::end(kFormats) ? nullptr : found;
}

const FormatInfo& format_info(VkFormat format) {
  const auto index = static_cast<std::size_t>(format) - 1;
  VKMEMBENCH_CHECK(index < std::size(kFormats) && kFormats[index].format == format, "a format without a row");
  return kFormats[index];
}

Bytes mip_bytes(const FormatInfo& format, VkExtent3D extent, std::uint32_t level) {
  const Bytes columns = (shrink(extent.width, level) + format.block_width - 1) / format.block_width;
  const Bytes rows = (shrink(extent.height, level) + format.block_height - 1) / format.block_height;
  return columns * rows * shrink(extent.depth, level) * format.block_bytes;
}

std::uint32_t full_mip_count(VkExtent3D extent) {
  return static_cast<std::uint32_t>(std::bit_width(std::max({extent.width, extent.height, extent.depth})));
}

}  // namespace vkmembench
