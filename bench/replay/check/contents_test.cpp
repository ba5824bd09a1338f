#include "bench/replay/check/contents.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "scenarios/generators/random.h"

namespace vkmembench {

bool operator==(const Contents::Extent& a, const Contents::Extent& b) {
  return a.begin == b.begin && a.end == b.end && a.key == b.key && a.pattern_offset == b.pattern_offset;
}
void PrintTo(const Contents::Extent& extent, std::ostream* out) {
  *out << "[" << extent.begin << ", " << extent.end << ") of " << extent.key << " at " << extent.pattern_offset;
}

namespace {

using Extents = std::vector<Contents::Extent>;

TEST(Contents, NothingIsKnownOfAnUnwrittenObject) { EXPECT_EQ(Contents().extents(3, 0, 100), Extents()); }

TEST(Contents, AWriteCarriesTheObjectsOwnPattern) {
  Contents contents;
  contents.written(3, 10, 20);
  EXPECT_EQ(contents.extents(3, 0, 100), (Extents{{10, 30, 3, 10}}));
  EXPECT_EQ(contents.extents(3, 15, 5), (Extents{{15, 20, 3, 15}}));
  EXPECT_EQ(contents.extents(3, 30, 5), Extents());
  EXPECT_EQ(contents.extents(3, 0, 10), Extents());
  EXPECT_EQ(contents.extents(4, 0, 100), Extents());
}

TEST(Contents, ACopyCarriesTheSourcesPatternAndItsUnknownParts) {
  Contents contents;
  contents.written(1, 0, 100);
  contents.written(2, 20, 20);
  contents.copied(2, 1, 50);  // [0, 20) and [40, 50) of the source are unknown
  EXPECT_EQ(contents.extents(1, 0, 100), (Extents{{20, 40, 2, 20}, {50, 100, 1, 50}}));
  contents.written(2, 0, 100);  // what the source is later is no matter
  EXPECT_EQ(contents.extents(1, 20, 20), (Extents{{20, 40, 2, 20}}));
}

TEST(Contents, AForgottenObjectIsUnknown) {
  Contents contents;
  contents.written(1, 0, 100);
  contents.copied(1, 2, 100);
  contents.forget(1);
  EXPECT_EQ(contents.extents(1, 0, 100), Extents());
  EXPECT_EQ(contents.extents(2, 0, 100), (Extents{{0, 100, 1, 0}}));
}

// Against a map of single bytes.
TEST(Contents, AgreesWithBytes) {
  constexpr std::size_t kObjects = 4;
  constexpr Bytes kSize = 64;
  struct Byte {
    std::uint64_t key;
    Offset at;
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Contents contents;
    std::array<std::array<std::optional<Byte>, kSize>, kObjects> model;
    for (int step = 0; step < 300; ++step) {
      const auto object = static_cast<ObjectIndex>(random.below(kObjects));
      const Offset offset = random.below(kSize);
      const Bytes size = 1 + random.below(kSize - offset);
      switch (random.below(8)) {
        case 0:
          contents.forget(object);
          model[object].fill(std::nullopt);
          break;
        case 1:
        case 2: {
          const auto from = static_cast<ObjectIndex>((object + 1 + random.below(kObjects - 1)) % kObjects);
          contents.copied(from, object, size);
          for (Bytes i = 0; i < size; ++i) model[object][i] = model[from][i];
          break;
        }
        default:
          contents.written(object, offset, size);
          for (Offset i = offset; i < offset + size; ++i) model[object][i] = Byte{object, i};
      }
      std::array<std::optional<Byte>, kSize> told;
      Offset last = 0;
      for (const Contents::Extent& extent : contents.extents(object, offset, size)) {
        ASSERT_LT(extent.begin, extent.end);
        ASSERT_GE(extent.begin, std::max(last, offset));
        ASSERT_LE(extent.end, offset + size);
        last = extent.end;
        for (Offset i = extent.begin; i < extent.end; ++i)
          told[i] = Byte{extent.key, extent.pattern_offset + (i - extent.begin)};
      }
      for (Offset i = offset; i < offset + size; ++i) {
        ASSERT_EQ(told[i].has_value(), model[object][i].has_value()) << "seed " << seed << " byte " << i;
        if (!told[i]) continue;
        ASSERT_EQ(told[i]->key, model[object][i]->key);
        ASSERT_EQ(told[i]->at, model[object][i]->at);
      }
    }
  }
}

}  // namespace
}  // namespace vkmembench
