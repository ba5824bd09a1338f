#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "scenarios/trace/trace.h"

namespace vkmembench {

// Bounds of every trace, far above any device's limits; they keep sums of sizes within 64 bits.
inline constexpr Bytes kMaxObjectBytes = Bytes{1} << 60;
inline constexpr std::uint32_t kMaxImageExtent = 1u << 20;
inline constexpr std::uint32_t kMaxFramesInFlight = 16;
inline constexpr std::size_t kMostPools = 32;

// Throws Error when no device could create the shape: what Vulkan forbids whatever the limits, and the bounds above.
void check_shape(const Shape& shape);

// Texels tightly packed over all mips, layers and samples. Requires a checked image shape.
[[nodiscard]] Bytes packed_image_bytes(const Shape& shape);
[[nodiscard]] bool is_protected(const Shape& shape);
// Whether memory is bound to it page by page, or plane by plane; else to all of it at once.
[[nodiscard]] bool is_sparse(const Shape& shape);
[[nodiscard]] bool is_disjoint(const Shape& shape);
[[nodiscard]] inline bool is_bound_in_parts(const Shape& shape) { return is_sparse(shape) || is_disjoint(shape); }
// Bytes of a plane, tightly packed. Requires a checked image shape and a plane of its format.
[[nodiscard]] Bytes packed_plane_bytes(const Shape& shape, std::uint32_t plane);
// Requires a checked image shape.
[[nodiscard]] bool has_depth_and_stencil(const Shape& shape);

// The shape with the fields of the other kind of resource at their defaults.
[[nodiscard]] Shape normal_form(const Shape& shape);
// Equal but for the fields of the other kind of resource.
[[nodiscard]] bool same_shape(const Shape& a, const Shape& b);
[[nodiscard]] std::uint64_t interning_hash(const Shape& shape);  // equal for same_shape

}  // namespace vkmembench
