#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "scenarios/generators/random.h"

namespace vkmembench {

// Square textures of one edge among those of a scene.
struct TextureShare {
  std::uint32_t edge;
  std::uint64_t percent;
};

// What streams while a view moves: mostly small ones.
inline constexpr TextureShare kStreamedTextures[] = {{256, 30}, {512, 40}, {1024, 22}, {2048, 8}};

// The index of a row, each as likely as its share. Requires shares that add up to 100.
[[nodiscard]] inline std::size_t draw_row(Random& random, std::span<const TextureShare> rows) {
  std::uint64_t position = random.below(100);
  std::size_t row = 0;
  while (position >= rows[row].percent) position -= rows[row++].percent;
  return row;
}

}  // namespace vkmembench
