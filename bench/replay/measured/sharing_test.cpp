#include "bench/replay/measured/sharing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

static bool operator==(const Sharing::Overlap& a, const Sharing::Overlap& b) {
  return a.object == b.object && a.begin == b.begin && a.end == b.end;
}

namespace {

// A buffer of 4096 bytes at 1000 in memory, with a buffer of 512 at 512 behind that, an image of 1024 bytes at 1024,
// and another buffer over both; and a buffer elsewhere.
class Overlaps : public testing::Test {
 protected:
  Overlaps() {
    TraceBuilder out(0);
    Shape shape;
    shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    const std::uint32_t plain = out.shape(shape);
    Shape texels;
    texels.image = true;
    texels.format = {VK_FORMAT_R8_UNORM};
    texels.extent = {32, 32, 1};
    texels.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
    chunk_ = out.buffer(1, 4096, plain);
    part_ = out.buffer(2, 512, plain, {chunk_, 512});
    image_ = out.image(3, out.shape(texels), {chunk_, 1024});
    over_ = out.buffer(4, 512, plain, {part_, 256});
    alone_ = out.buffer(5, 512, plain);
    trace_ = out.finish();
    objects_.resize(5);
    const auto put = [&](ObjectIndex object, Offset offset, Bytes size) {
      objects_[object].state = ObjectState::live;
      objects_[object].allocation.memory = reinterpret_cast<VkDeviceMemory>(std::uintptr_t{16});
      objects_[object].allocation.offset = offset;
      objects_[object].allocation.charged = size;
    };
    put(chunk_, 1000, 4096);
    put(part_, 1512, 512);
    put(image_, 2024, 1024);
    put(over_, 1768, 512);
    put(alone_, 1000, 512);
    device_.memory.memoryTypeCount = 1;
    device_.limits.bufferImageGranularity = 1;
    device_.limits.nonCoherentAtomSize = 64;
    sharing_ = Sharing(trace_);
  }
  std::vector<Sharing::Overlap> written(ObjectIndex object, Offset offset, Bytes size) {
    return sharing_.overlapped(object, offset, size, trace_, objects_, device_);
  }

  ObjectIndex chunk_, part_, image_, over_, alone_;
  Trace trace_;
  std::vector<ReplayObject> objects_;
  DeviceInfo device_;
  Sharing sharing_;
};

TEST_F(Overlaps, AreTheSameBytesOnly) {
  EXPECT_FALSE(sharing_.contains(alone_));
  EXPECT_THAT(written(part_, 0, 256), testing::ElementsAre(Sharing::Overlap{chunk_, 512, 768}));
  EXPECT_THAT(written(part_, 200, 100),
              testing::ElementsAre(Sharing::Overlap{chunk_, 712, 812}, Sharing::Overlap{over_, 0, 44}));
  EXPECT_THAT(written(image_, 7, 1),  // whichever bytes that is
              testing::ElementsAre(Sharing::Overlap{chunk_, 1024, 2048}, Sharing::Overlap{over_, 256, 512}));
  EXPECT_THAT(written(chunk_, 4000, 96), testing::IsEmpty());
}

TEST_F(Overlaps, AreWithWhatIsThereInTheSameMemory) {
  objects_[over_].allocation.memory = reinterpret_cast<VkDeviceMemory>(std::uintptr_t{32});  // it was refused
  EXPECT_EQ(written(part_, 200, 100).size(), 1u);
  objects_[chunk_].state = ObjectState::freed;
  EXPECT_THAT(written(part_, 200, 100), testing::IsEmpty());
  EXPECT_EQ(sharing_.with(part_).size(), 3u);
}

TEST_F(Overlaps, ReachAsFarAsTheDeviceDoes) {
  device_.limits.bufferImageGranularity = 1024;
  EXPECT_THAT(written(image_, 0, 1), testing::Contains(Sharing::Overlap{part_, 0, 512}));  // from 1024 on
  EXPECT_THAT(written(over_, 0, 1),
              testing::ElementsAre(Sharing::Overlap{chunk_, 768, 769}, Sharing::Overlap{part_, 256, 257},
                                   Sharing::Overlap{image_, 0, 24}));
  device_.limits.bufferImageGranularity = 1;
  device_.memory.memoryTypes[0].propertyFlags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  EXPECT_THAT(written(part_, 24, 1), testing::ElementsAre(Sharing::Overlap{chunk_, 536, 600}));
}

}  // namespace
}  // namespace vkmembench
