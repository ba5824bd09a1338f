#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <map>
#include <set>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

bool is_mips(const Trace& trace, ObjectIndex object) { return tag_of(trace, object) == "stream/mips"; }

TEST(TextureStreaming, ChainsHavePowersOfTwoAndAllTheirMips) {
  const Trace trace = generate("texture_streaming");
  std::set<std::uint32_t> edges;
  for (ObjectIndex i = 0; i < trace.objects.size(); ++i) {
    if (!is_mips(trace, i)) continue;
    const Shape& shape = trace.shape_of(i);
    edges.insert(shape.extent.width);
    EXPECT_TRUE(std::has_single_bit(shape.extent.width));
    EXPECT_EQ(shape.extent.width, shape.extent.height);
    EXPECT_EQ(shape.mips, static_cast<std::uint32_t>(std::countr_zero(shape.extent.width)) + 1);
    EXPECT_TRUE(shape.evictable);
  }
  EXPECT_EQ(edges, (std::set<std::uint32_t>{64, 128, 256, 512, 1024, 2048, 4096}));
}

// After the load a create is always followed by its upload and the free of the chain that it replaces.
TEST(TextureStreaming, ReplacesAChainByItsNeighbour) {
  const Trace trace = generate("texture_streaming");
  std::size_t finer = 0;
  std::size_t coarser = 0;
  for (std::size_t i = 0; i + 2 < trace.events.size(); ++i) {
    const Event& create = trace.events[i];
    if (create.op != Op::image || trace.events[i + 2].op != Op::free) continue;
    EXPECT_EQ(trace.events[i + 1].op, Op::upload);
    EXPECT_EQ(trace.events[i + 1].object, create.object);
    const std::uint32_t edge = trace.shape_of(create.object).extent.width;
    const std::uint32_t before = trace.shape_of(trace.events[i + 2].object).extent.width;
    EXPECT_TRUE(edge == 2 * before || before == 2 * edge) << before << " to " << edge;
    (edge > before ? finer : coarser)++;
  }
  EXPECT_GT(finer, 200u);
  EXPECT_GT(coarser, 50u);
}

class Caps : public ::testing::TestWithParam<Bytes> {};
INSTANTIATE_TEST_SUITE_P(Bytes, Caps, ::testing::Values(32 * kMiB, 96 * kMiB, 256 * kMiB));

// The old chain lives until the new one is filled: a replacement may exceed the cap by what it replaces.
TEST_P(Caps, BoundWhatIsResident) {
  const Bytes cap = GetParam();
  const Trace trace = generate("texture_streaming", {{"cap_bytes", static_cast<double>(cap)}});
  Bytes resident = 0;
  Bytes peak = 0;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (event.op == Op::image) resident += trace.objects[event.object].size;
    if (event.op == Op::free && is_mips(trace, event.object)) resident -= trace.objects[event.object].size;
    if (event.op == Op::frame) {
      EXPECT_LE(resident, cap) << "frame " << event.frame();
      peak = std::max(peak, resident);
    }
  }
  EXPECT_GT(peak, cap * 8 / 10) << "the cap is reached";
}

TEST(TextureStreaming, TouchesWhatIsNear) {
  const Trace trace = generate("texture_streaming");
  std::set<ObjectIndex> touched;
  std::size_t created = 0;
  for (const Event& event : trace.events) {
    if (event.op == Op::touch) touched.insert(event.object);
    if (event.op == Op::image) ++created;
  }
  EXPECT_GT(touched.size(), 100u);
  EXPECT_LT(touched.size(), created);
}

}  // namespace
}  // namespace vkmembench::testing
