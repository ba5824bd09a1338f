#include <gtest/gtest.h>

#include <map>
#include <set>

#include "scenarios/generators/generator_testing.h"

namespace vkmembench::testing {
namespace {

TEST(StagingRing, UploadsEverySizeToTheBound) {
  const Trace trace = generate("staging_ring");
  std::set<int> octaves;
  std::size_t images = 0;
  for (const Event& event : trace.events) {
    if (event.op != Op::upload || !tag_of(trace, event.object).starts_with("load/")) continue;
    EXPECT_GE(event.size(), 4 * kKiB);
    EXPECT_LE(event.size(), 16 * kMiB);
    int octave = 0;
    while (event.size() >> (octave + 1) != 0) ++octave;
    octaves.insert(octave);
    images += trace.shape_of(event.object).image ? 1u : 0u;
  }
  EXPECT_EQ(octaves.size(), 12u) << "4 KiB to 16 MiB";
  EXPECT_GT(images, 300u);
}

TEST(StagingRing, TheBoundOfAnUploadFollowsItsParameter) {
  const Trace trace = generate("staging_ring", {{"largest_upload_bytes", 128.0 * kKiB}});
  for (const Event& event : trace.events) {
    if (event.op == Op::upload) {
      EXPECT_LE(event.size(), 128 * kKiB);
    }
  }
}

// Created, written, copied from and freed within one frame, at each of the sizes.
TEST(StagingRing, StagingBuffersLiveForTheirCopy) {
  const Trace trace = generate("staging_ring");
  std::map<Bytes, std::size_t> copies;
  std::map<ObjectIndex, Op> last;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) {
      EXPECT_TRUE(last.empty());
    }
    if (event.object == kNoObject || tag_of(trace, event.object) != "load/staging") continue;
    const Shape& shape = trace.shape_of(event.object);
    EXPECT_EQ(trace.strings[shape.kind], "staging");
    EXPECT_EQ(shape.memory, MemoryUse::upload);
    const auto before = last.find(event.object);
    switch (event.op) {
      case Op::buffer:
        EXPECT_EQ(before, last.end());
        break;
      case Op::write:
        EXPECT_EQ(before->second, Op::buffer);
        break;
      case Op::copy:
        EXPECT_EQ(before->second, Op::write);
        EXPECT_EQ(tag_of(trace, event.target()), "load/target");
        ++copies[trace.objects[event.object].size];
        break;
      case Op::free:
        EXPECT_EQ(before->second, Op::copy);
        last.erase(event.object);
        continue;
      default:
        ADD_FAILURE() << "op " << op_name(event.op);
    }
    last[event.object] = event.op;
  }
  ASSERT_EQ(copies.size(), 3u);
  EXPECT_EQ(copies[64 * kKiB], 720u);
  EXPECT_EQ(copies[256 * kKiB], 120u);
  EXPECT_EQ(copies[4 * kMiB], 7u);
}

TEST(StagingRing, KeepsWhatIsResidentWithinItsBytesAndFreesTheOldest) {
  const Bytes limit = 64 * kMiB;
  const Trace trace = generate("staging_ring", {{"resident_bytes", static_cast<double>(limit)}});
  Bytes resident = 0;
  Bytes peak = 0;
  ObjectIndex last_freed = 0;
  for (const Event& event : trace.events) {
    if (event.object == kNoObject) continue;
    const std::string_view tag = tag_of(trace, event.object);
    if (tag != "load/vertex" && tag != "load/index" && tag != "load/storage" && tag != "load/image") continue;
    const Bytes size = trace.objects[event.object].size;
    if (event.op == Op::buffer || event.op == Op::image) peak = std::max(peak, resident += size);
    if (event.op != Op::free) continue;
    resident -= size;
    EXPECT_GE(event.object, last_freed);
    last_freed = event.object;
  }
  EXPECT_LE(peak, limit);
  EXPECT_GT(peak, limit * 9 / 10);
}

}  // namespace
}  // namespace vkmembench::testing
