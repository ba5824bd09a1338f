#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/device/device_features.h"
#include "allocator/device/entry_points.h"
#include "allocator/device/simulated/call_cost.h"

namespace vkmembench {

// What a format may be used for. The first rule with a matching glob speaks for a format; without one it is
// unsupported.
struct FormatRule {
  std::vector<std::string> formats;  // globs over Vulkan names without VK_FORMAT_: "BC*"
  VkImageUsageFlags optimal = 0;     // usages per tiling, 0: unsupported
  VkImageUsageFlags linear = 0;
  VkSampleCountFlags samples = VK_SAMPLE_COUNT_1_BIT;  // of 2D images with optimal tiling; others have one sample
  std::uint32_t max_extent = 0;                        // texels a side, 0: what the limits allow
};

// What a requirement rule answers, besides the size.
struct RequirementAnswer {
  Bytes alignment = 1;      // power of two
  Bytes size_rounding = 1;  // power of two
  Bytes extra_bytes = 0;    // added before rounding
  std::uint32_t memory_type_bits = 0;
  bool prefers_dedicated = false;  // from this size on: what a buffer asks for, what an image requires
  Bytes prefers_dedicated_from = 0;
  bool requires_dedicated = false;
};

struct BufferRule {
  VkBufferUsageFlags any_usage = 0;  // matches buffers with any of these, 0: every buffer
  RequirementAnswer answer;
};

// How the mips of a layer share its memory: each rounded up to tiles; those below half a tile together in one tail
// tile; or the second below the first and the rest beside the second.
enum class MipLayout : std::uint8_t { stacked, tail, beside };

struct ImageRule {
  std::vector<std::string> formats;     // globs, empty: any
  std::optional<VkImageTiling> tiling;  // nullopt: any
  VkImageUsageFlags any_usage = 0;      // 0: any
  VkSampleCountFlags samples = 0;       // 0: any count
  Bytes min_bytes = 0;                  // bounds of the tightly packed size
  Bytes max_bytes = ~Bytes{0};
  // Each mip takes whole tiles of `tile_bytes`, `tile_width_bytes` wide (0: as square as powers of two allow). A tile
  // grows in rows up to `max_tile_bytes` where the mip is higher. Samples widen and heighten the mip.
  Bytes tile_bytes = 1;
  Bytes tile_width_bytes = 0;
  Bytes max_tile_bytes = 0;
  MipLayout mips = MipLayout::stacked;
  Bytes mip_rounding = 1;      // of the size of each mip with all its layers; stacked mips only
  bool whole_layers = false;   // of several layers each takes whole tiles as its first mip has them
  Bytes plane_rounding = 1;    // of the size of each of several planes
  Bytes metadata_divisor = 0;  // compression data: size / divisor, rounded up; 0: none
  Bytes metadata_rounding = 1;
  RequirementAnswer answer;
};

// Requests whose answer no rule gives; they are looked up before the rules.
struct ExactBuffer {
  Bytes size = 0;
  VkBufferUsageFlags usage = 0;  // all of these, 0: any
  RequirementAnswer answer;
  Bytes required_bytes = 0;
};
struct ExactImage {
  VkFormat format = VK_FORMAT_UNDEFINED;
  VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL;
  VkExtent3D extent{1, 1, 1};
  std::uint32_t mips = 1;
  std::uint32_t layers = 1;
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
  VkImageUsageFlags usage = 0;   // all of these, 0: any
  VkImageCreateFlags flags = 0;  // likewise
  RequirementAnswer answer;
  Bytes required_bytes = 0;
};

// Where the figures of a group come from.
struct Provenance {
  std::string group;  // identity, memory, limits, formats, requirements, costs
  std::string kind;   // captured, imported or assumed
  std::string when;   // ISO date
  std::string from;
};

// A device as its profile file states it ("vkmembench.device/1"): everything that open_simulated_device() needs.
struct DeviceProfile {
  std::string name;
  std::string description;
  VkPhysicalDeviceType type = VK_PHYSICAL_DEVICE_TYPE_OTHER;
  std::uint32_t vendor_id = 0;
  std::uint32_t device_id = 0;
  std::uint32_t driver_id = 0;
  std::string driver_name;
  std::string driver_info;
  std::uint32_t driver_version = 0;
  std::string uuid;  // 32 hex digits
  std::uint32_t api_version = VK_API_VERSION_1_0;

  std::vector<std::string> extensions;
  bool has_memory_budget = false;
  bool has_memory_priority = false;
  bool has_dedicated_allocation = false;
  bool has_maintenance4 = false;
  bool has_update_after_bind = false;
  bool has_sparse_binding = false;
  bool has_sparse_residency = false;
  DeviceFeatureSet offered;                        // features that it may be opened with
  VkExternalMemoryHandleTypeFlags exportable = 0;  // handle types that memory can be exported as

  VkPhysicalDeviceMemoryProperties memory{};
  std::array<Bytes, VK_MAX_MEMORY_HEAPS> budgets{};  // the heap's size where the profile has no figure
  VkPhysicalDeviceLimits limits{};
  Bytes max_memory_allocation_size = ~Bytes{0};
  Bytes max_buffer_size = Bytes{1} << 46;                         // beyond any heap, and safe to add and round
  std::uint32_t max_stage_update_after_bind_storage_buffers = 0;  // 0 without the feature
  std::uint32_t max_set_update_after_bind_storage_buffers = 0;

  std::vector<FormatRule> formats;
  std::vector<BufferRule> buffers;  // first match wins; the last matches everything
  std::vector<ImageRule> images;
  std::vector<ExactBuffer> exact_buffers;
  std::vector<ExactImage> exact_images;

  std::array<CallCost, kEntryPointCount> costs{};
  std::vector<Provenance> provenance;
};

}  // namespace vkmembench
