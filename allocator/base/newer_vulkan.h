#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <string_view>

#include "allocator/base/vulkan_names.h"

namespace vkmembench {

// What the names of vulkan_names.h need besides the SDK's own: formats that came with extensions, whose names the SDK
// spells without the marks between planes, and what is newer than the oldest headers that this project builds with.

struct NamedFormat {
  VkFormat format;
  std::string_view name;
};
#define NAMED(name) \
  NamedFormat { VK_FORMAT_##name, #name }
// clang-format off
inline constexpr NamedFormat kExtensionFormats[] = {
    NAMED(G8B8G8R8_422_UNORM),
    NAMED(B8G8R8G8_422_UNORM),
    NAMED(G8_B8_R8_3PLANE_420_UNORM),
    NAMED(G8_B8R8_2PLANE_420_UNORM),
    NAMED(G8_B8_R8_3PLANE_422_UNORM),
    NAMED(G8_B8R8_2PLANE_422_UNORM),
    NAMED(G8_B8_R8_3PLANE_444_UNORM),
    NAMED(R10X6_UNORM_PACK16),
    NAMED(R10X6G10X6_UNORM_2PACK16),
    NAMED(R10X6G10X6B10X6A10X6_UNORM_4PACK16),
    NAMED(G10X6B10X6G10X6R10X6_422_UNORM_4PACK16),
    NAMED(B10X6G10X6R10X6G10X6_422_UNORM_4PACK16),
    NAMED(G10X6_B10X6_R10X6_3PLANE_420_UNORM_3PACK16),
    NAMED(G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16),
    NAMED(G10X6_B10X6_R10X6_3PLANE_422_UNORM_3PACK16),
    NAMED(G10X6_B10X6R10X6_2PLANE_422_UNORM_3PACK16),
    NAMED(G10X6_B10X6_R10X6_3PLANE_444_UNORM_3PACK16),
    NAMED(R12X4_UNORM_PACK16),
    NAMED(R12X4G12X4_UNORM_2PACK16),
    NAMED(R12X4G12X4B12X4A12X4_UNORM_4PACK16),
    NAMED(G12X4B12X4G12X4R12X4_422_UNORM_4PACK16),
    NAMED(B12X4G12X4R12X4G12X4_422_UNORM_4PACK16),
    NAMED(G12X4_B12X4_R12X4_3PLANE_420_UNORM_3PACK16),
    NAMED(G12X4_B12X4R12X4_2PLANE_420_UNORM_3PACK16),
    NAMED(G12X4_B12X4_R12X4_3PLANE_422_UNORM_3PACK16),
    NAMED(G12X4_B12X4R12X4_2PLANE_422_UNORM_3PACK16),
    NAMED(G12X4_B12X4_R12X4_3PLANE_444_UNORM_3PACK16),
    NAMED(G16B16G16R16_422_UNORM),
    NAMED(B16G16R16G16_422_UNORM),
    NAMED(G16_B16_R16_3PLANE_420_UNORM),
    NAMED(G16_B16R16_2PLANE_420_UNORM),
    NAMED(G16_B16_R16_3PLANE_422_UNORM),
    NAMED(G16_B16R16_2PLANE_422_UNORM),
    NAMED(G16_B16_R16_3PLANE_444_UNORM),
    NAMED(G8_B8R8_2PLANE_444_UNORM),
    NAMED(G10X6_B10X6R10X6_2PLANE_444_UNORM_3PACK16),
    NAMED(G12X4_B12X4R12X4_2PLANE_444_UNORM_3PACK16),
    NAMED(G16_B16R16_2PLANE_444_UNORM),
    NAMED(A4R4G4B4_UNORM_PACK16),
    NAMED(A4B4G4R4_UNORM_PACK16),
    NAMED(ASTC_4x4_SFLOAT_BLOCK),
    NAMED(ASTC_5x4_SFLOAT_BLOCK),
    NAMED(ASTC_5x5_SFLOAT_BLOCK),
    NAMED(ASTC_6x5_SFLOAT_BLOCK),
    NAMED(ASTC_6x6_SFLOAT_BLOCK),
    NAMED(ASTC_8x5_SFLOAT_BLOCK),
    NAMED(ASTC_8x6_SFLOAT_BLOCK),
    NAMED(ASTC_8x8_SFLOAT_BLOCK),
    NAMED(ASTC_10x5_SFLOAT_BLOCK),
    NAMED(ASTC_10x6_SFLOAT_BLOCK),
    NAMED(ASTC_10x8_SFLOAT_BLOCK),
    NAMED(ASTC_10x10_SFLOAT_BLOCK),
    NAMED(ASTC_12x10_SFLOAT_BLOCK),
    NAMED(ASTC_12x12_SFLOAT_BLOCK),
    NAMED(PVRTC1_2BPP_UNORM_BLOCK_IMG),
    NAMED(PVRTC1_4BPP_UNORM_BLOCK_IMG),
    NAMED(PVRTC2_2BPP_UNORM_BLOCK_IMG),
    NAMED(PVRTC2_4BPP_UNORM_BLOCK_IMG),
    NAMED(PVRTC1_2BPP_SRGB_BLOCK_IMG),
    NAMED(PVRTC1_4BPP_SRGB_BLOCK_IMG),
    NAMED(PVRTC2_2BPP_SRGB_BLOCK_IMG),
    NAMED(PVRTC2_4BPP_SRGB_BLOCK_IMG),
};
// clang-format on
#undef NAMED

// Format, name, bytes of a texel: VK_NV_optical_flow, VK_KHR_maintenance5.
inline constexpr FormatInfo kNewerFormats[] = {
    {static_cast<VkFormat>(1000464000), "R16G16_SFIXED5_NV", 4},
    {static_cast<VkFormat>(1000470000), "A1B5G5R5_UNORM_PACK16", 2},
    {static_cast<VkFormat>(1000470001), "A8_UNORM", 1},
};

// Of VK_KHR_video_encode_queue, VK_QCOM_tile_memory_heap, VK_AMDX_shader_enqueue, VK_EXT_device_generated_commands.
inline constexpr FlagName kNewerBufferUsages[] = {
    {"video_encode_dst_khr", 0x8000},
    {"video_encode_src_khr", 0x10000},
    {"execution_graph_scratch_amdx", 0x2000000},
    {"tile_memory_qcom", 0x8000000},
    {"preprocess_buffer_ext", 0x80000000},
};

// Of the same, Vulkan 1.4, VK_ARM_tensors and VK_KHR_video_encode_quantization_map.
inline constexpr FlagName kNewerImageUsages[] = {
    {"video_encode_dst_khr", 0x2000},
    {"video_encode_src_khr", 0x4000},
    {"video_encode_dpb_khr", 0x8000},
    {"host_transfer", 0x400000},
    {"tensor_aliasing_arm", 0x800000},
    {"video_encode_quantization_delta_map_khr", 0x2000000},
    {"video_encode_emphasis_map_khr", 0x4000000},
    {"tile_memory_qcom", 0x8000000},
};

}  // namespace vkmembench
