#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vkmembench {

// How many dimensions an image has: what its extent fills, or so many.
enum class ImageDimensions : std::uint8_t { by_extent, one, two, three };
inline constexpr std::array<std::string_view, 4> kImageDimensionNames = {"by_extent", "1d", "2d", "3d"};

}  // namespace vkmembench
