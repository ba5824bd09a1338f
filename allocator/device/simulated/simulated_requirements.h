#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "allocator/device/simulated/device_profile.h"

namespace vkmembench::simulated {

struct Requirements {
  Bytes size = 0;
  std::uint32_t memory_type_bits = 0;
  std::uint8_t alignment_log2 = 0;
  bool prefers_dedicated = false;
  bool requires_dedicated = false;
  bool in_parts = false;  // bound page by page, or plane by plane
  [[nodiscard]] Bytes alignment() const { return Bytes{1} << alignment_log2; }
};
static_assert(sizeof(Requirements) == 16, "requirements are returned in registers");

// What the profile answers to a request, with the matching of names and usages done beforehand.
class RequirementTable {
 public:
  // Requires a profile that outlives the table. Throws Error when some request would match no rule.
  explicit RequirementTable(const DeviceProfile& profile);

  [[nodiscard]] Requirements of_buffer(Bytes size, VkBufferUsageFlags usage) const;
  // Requires a format of the table formats().
  [[nodiscard]] Requirements of_image(const VkImageCreateInfo& info) const;
  // Those of a resource that may hold protected contents.
  [[nodiscard]] Requirements protect(Requirements requirements) const;
  // Those of a plane that is bound apart. Requires a plane of its format.
  [[nodiscard]] Requirements of_plane(const VkImageCreateInfo& info, std::uint32_t plane) const;

 private:
  static constexpr std::uint32_t kCoreUsages = 1u << 9;  // combinations of the nine usages of Vulkan 1.0

  [[nodiscard]] std::uint16_t buffer_rule(VkBufferUsageFlags usage) const;
  [[nodiscard]] const ImageRule& image_rule(const VkImageCreateInfo& info, Bytes packed) const;

  const DeviceProfile& profile_;
  std::array<std::uint16_t, kCoreUsages> buffer_rules_{};
  std::vector<std::array<std::vector<std::uint16_t>, 2>> image_rules_;  // by format_index() and tiling
  // Rows of the exact table by size, and by a hash of what an image is apart from usages and flags; in the table's
  // order.
  std::unordered_map<Bytes, std::vector<std::uint32_t>> exact_buffers_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> exact_images_;
  std::uint32_t protected_types_ = 0;
};

// Bytes of all mips, layers and samples, tightly packed.
[[nodiscard]] Bytes packed_bytes(const VkImageCreateInfo& info);
// What the rule's tiles and metadata make of it, before extra bytes and rounding.
[[nodiscard]] Bytes tiled_bytes(const ImageRule& rule, const VkImageCreateInfo& info);

}  // namespace vkmembench::simulated
