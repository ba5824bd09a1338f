#include "scenarios/generators/texture_shares.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

namespace vkmembench {
namespace {

TEST(TextureShares, AreMetByDraws) {
  constexpr int kDraws = 100'000;
  Random random(7);
  std::array<int, std::size(kStreamedTextures)> drawn{};
  for (int i = 0; i < kDraws; ++i) ++drawn[draw_row(random, kStreamedTextures)];
  for (std::size_t row = 0; row < drawn.size(); ++row)
    EXPECT_NEAR(100.0 * drawn[row] / kDraws, static_cast<double>(kStreamedTextures[row].percent), 0.5) << row;
}

TEST(TextureShares, EachDrawTakesOneNumber) {
  Random random(7);
  Random plain(7);
  constexpr TextureShare kHalves[] = {{64, 50}, {128, 0}, {256, 50}};
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(draw_row(random, kHalves), plain.below(100) < 50 ? 0u : 2u);
}

TEST(TextureShares, OfStreamedTexturesAddUp) {
  const std::uint64_t sum =
      std::accumulate(std::begin(kStreamedTextures), std::end(kStreamedTextures), std::uint64_t{0},
                      [](std::uint64_t all, const TextureShare& row) { return all + row.percent; });
  EXPECT_EQ(sum, 100u);
}

}  // namespace
}  // namespace vkmembench
