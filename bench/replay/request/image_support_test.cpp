#include "bench/replay/request/image_support.h"

#include <gtest/gtest.h>

#include "allocator/device/simulated/simulated_device.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

class ImageSupport : public testing::Test {
 protected:
  [[nodiscard]] std::string reason(const ImageRequest& request) const {
    return unsupported_reason(owner_->device(), request);
  }
  static ImageRequest image() {
    ImageRequest request;
    request.format = VK_FORMAT_R8G8B8A8_UNORM;
    request.extent = {64, 64, 1};
    request.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    return request;
  }

  std::unique_ptr<DeviceOwner> owner_ = open_simulated_device(test_profile());
};

TEST_F(ImageSupport, SaysNothingOfWhatIsSupported) { EXPECT_EQ(reason(image()), ""); }

TEST_F(ImageSupport, BlamesLinear3DAndNotTheFormat) {
  ImageRequest request = image();
  request.extent = {64, 64, 64};
  request.tiling = VK_IMAGE_TILING_LINEAR;
  EXPECT_EQ(describe_use(request), "3D, linear tiling, usage transfer_src|sampled");
  EXPECT_EQ(reason(request),
            "test answers format_not_supported; it takes the format with optimal tiling, or as a 2D image");
}

TEST_F(ImageSupport, BlamesTheUsageThatIsInTheWay) {
  ImageRequest request = image();
  request.tiling = VK_IMAGE_TILING_LINEAR;
  request.usage |= VK_IMAGE_USAGE_STORAGE_BIT;
  EXPECT_EQ(reason(request),
            "test answers format_not_supported; it takes the format with optimal tiling, or without usage storage");
}

TEST_F(ImageSupport, BlamesAFormatThatIsLacking) {
  ImageRequest request = image();
  request.format = VK_FORMAT_R64_SFLOAT;
  EXPECT_EQ(reason(request), "test answers format_not_supported: it lacks the format");
}

TEST_F(ImageSupport, NamesTheSizesThatAreBeyondTheLimits) {
  ImageRequest request = image();
  request.extent = {5000, 10, 1};
  EXPECT_EQ(reason(request), "test allows 4096x4096x1 texels for such an image");
  request = image();
  request.layers = 100;
  request.samples = VK_SAMPLE_COUNT_8_BIT;
  EXPECT_EQ(reason(request), "test allows 64 layers, 1 or 4 samples for such an image");
}

TEST(StorageImages, HaveSeveralSamplesWhereTheLimitsSaySo) {
  ImageRequest request;
  request.format = VK_FORMAT_R16G16B16A16_SFLOAT;
  request.extent = {64, 64, 1};
  request.samples = VK_SAMPLE_COUNT_4_BIT;
  request.usage = VK_IMAGE_USAGE_STORAGE_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
  DeviceProfile profile = test_profile();
  EXPECT_EQ(unsupported_reason(open_simulated_device(profile)->device(), request),
            "test allows 1 samples for such an image");
  profile.limits.storageImageSampleCounts = VK_SAMPLE_COUNT_1_BIT | VK_SAMPLE_COUNT_4_BIT;
  EXPECT_EQ(unsupported_reason(open_simulated_device(profile)->device(), request), "");
  // Each usage has a say.
  profile.limits.framebufferColorSampleCounts = VK_SAMPLE_COUNT_1_BIT;
  request.usage |= VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
  EXPECT_EQ(unsupported_reason(open_simulated_device(profile)->device(), request),
            "test allows 1 samples for such an image");
}

}  // namespace
}  // namespace vkmembench
