#include "scenarios/generators/shapes.h"

#include <gtest/gtest.h>

namespace vkmembench {
namespace {

struct PublicSize {
  TexelFamily texels;
  std::uint32_t edge;
  double mebibytes;  // as engines and format documentation state it, with the full mip chain
};

class PublicSizes : public ::testing::TestWithParam<PublicSize> {};

INSTANTIATE_TEST_SUITE_P(
    Textures, PublicSizes,
    ::testing::Values(PublicSize{TexelFamily::bc7, 1024, 1.33}, PublicSize{TexelFamily::bc7, 2048, 5.33},
                      PublicSize{TexelFamily::bc7, 4096, 21.33}, PublicSize{TexelFamily::rgba8, 1024, 5.33},
                      PublicSize{TexelFamily::rgba8, 2048, 21.33}, PublicSize{TexelFamily::rgba16f, 1024, 10.67}));

TEST_P(PublicSizes, AreMetByTextures) {
  const auto [texels, edge, mebibytes] = GetParam();
  TraceBuilder out(2);
  const ImageShape texture = intern(out, TextureShape{.texels = texels, .extent = {edge, edge}, .tag = "t"});
  EXPECT_NEAR(static_cast<double>(texture.size) / static_cast<double>(kMiB), mebibytes, 0.01);
  EXPECT_EQ(out.size_of(out.image(1, texture.shape)), texture.size);
}

TEST(Shapes, RenderTargetsMeetThePublicSizes) {
  TraceBuilder out(2);
  const ImageShape hdr = intern(out, TargetShape{.texels = TexelFamily::rgba16f, .extent = {1920, 1080}, .tag = "t"});
  EXPECT_EQ(hdr.size, 1920u * 1080 * 8);
  const ImageShape msaa =
      intern(out, TargetShape{.extent = {1920, 1080}, .samples = VK_SAMPLE_COUNT_4_BIT, .transient = true, .tag = "t"});
  EXPECT_EQ(msaa.size, 1920u * 1080 * 4 * 4);
  EXPECT_EQ(out.size_of(out.image(1, msaa.shape)), msaa.size);
  EXPECT_EQ(out.trace().shapes[msaa.shape].memory, MemoryUse::transient);
}

TEST(Shapes, EqualShapesAreInternedOnce) {
  TraceBuilder out(2);
  const BufferShape vertex{.kind = BufferKind::vertex, .tag = "mesh"};
  EXPECT_EQ(intern(out, vertex), intern(out, vertex));
  EXPECT_NE(intern(out, vertex), intern(out, BufferShape{.kind = BufferKind::index, .tag = "mesh"}));
  EXPECT_EQ(out.trace().shapes.size(), 2u);
}

TEST(Shapes, BuffersNameTheirPoolAndAlignment) {
  TraceBuilder out(2);
  const Shape plain = out.trace().shapes[intern(out, BufferShape{.kind = BufferKind::storage, .tag = "t"})];
  EXPECT_EQ(plain.pool, 0u);
  EXPECT_EQ(plain.alignment, 0u);
  const Shape placed = out.trace().shapes[intern(
      out, BufferShape{.kind = BufferKind::storage, .tag = "t", .pool = "ray_tracing", .alignment = 256})];
  EXPECT_EQ(out.trace().strings[placed.pool], "ray_tracing");
  EXPECT_EQ(placed.alignment, 256u);
  EXPECT_EQ(out.trace().shapes.size(), 2u);
}

TEST(Shapes, EveryKindHasItsUsage) {
  TraceBuilder out(2);
  for (std::size_t i = 1; i < kBufferKindCount; ++i) {
    const auto kind = static_cast<BufferKind>(i);
    const Shape& shape = out.trace().shapes[intern(out, BufferShape{.kind = kind, .tag = "t"})];
    EXPECT_EQ(out.trace().strings[shape.kind], kBufferKinds[i].name);
    EXPECT_NE(shape.usage, 0u);
  }
}

TEST(Shapes, EveryTextureHasAnotherFormatToFallBackOn) {
  TraceBuilder out(2);
  for (const TexelFamily texels : {TexelFamily::rgba8, TexelFamily::rgba16f, TexelFamily::bc7, TexelFamily::depth32}) {
    const ImageShape image = intern(out, TextureShape{.texels = texels, .extent = {8, 8}, .tag = "t"});
    EXPECT_GE(out.trace().shapes[image.shape].format.size(), 2u);
  }
}

}  // namespace
}  // namespace vkmembench
