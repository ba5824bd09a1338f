#include "bench/replay/request/requests.h"

#include <gtest/gtest.h>

#include <functional>

#include "bench/replay/request/image_support.h"
#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

DeviceProfile without_maintenance4() {
  DeviceProfile profile = vkmembench::test_profile();
  profile.api_version = VK_API_VERSION_1_1;
  profile.has_maintenance4 = false;
  return profile;
}

Trace small_trace() {
  Story story;
  story.make(65);
  story.make(777);
  story.make(65, MemoryUse::transient);
  story.make_image(16);
  story.host_alloc(99, 1000, "metadata");
  story.make(65);
  return story.finish();
}

class OnEveryApi : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Table, OnEveryApi, testing::Bool(),
                         [](const auto& row) { return row.param ? "maintenance4" : "vulkan_1_1"; });
TEST_P(OnEveryApi, RequirementsAreTheDevicesAnswers) {
  Stage stage(GetParam() ? vkmembench::test_profile() : without_maintenance4());
  const Trace trace = small_trace();
  const Requests requests = resolve_requests(trace, stage.raw);
  EXPECT_EQ(requests.required, (std::vector<Bytes>{80, 4096, 80, 1024, 0, 80}));
  EXPECT_EQ(stage.leaks().total(), 0u);
}

TEST(ResolveRequests, AddsTransferUsageToAllButTransient) {
  Stage stage(vkmembench::test_profile());
  const Trace trace = small_trace();
  const Requests requests = resolve_requests(trace, stage.raw);
  constexpr VkBufferUsageFlags kBoth = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  constexpr VkImageUsageFlags kBothOfImages = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  for (std::size_t i = 0; i < trace.shapes.size(); ++i) {
    const Shape& shape = trace.shapes[i];
    if (shape.image) {
      EXPECT_EQ(requests.shapes[i].image.usage, shape.usage | kBothOfImages);
    } else {
      EXPECT_EQ(requests.shapes[i].buffer.usage, shape.usage | (shape.memory == MemoryUse::transient ? 0 : kBoth));
    }
  }
}

TEST(ResolveRequests, TakesTheFirstFormatThatTheDeviceOffers) {
  Stage stage(vkmembench::test_profile());  // offers no R64
  Story story;
  const ObjectIndex image = story.make_image(16, {VK_FORMAT_R64_SFLOAT, VK_FORMAT_R16G16B16A16_SFLOAT});
  story.make_image(16, {VK_FORMAT_R16G16B16A16_SFLOAT, VK_FORMAT_R64_SFLOAT});
  const Trace trace = story.finish();
  const Requests requests = resolve_requests(trace, stage.raw);
  EXPECT_EQ(requests.shapes[trace.objects[image].shape].image.format, VK_FORMAT_R16G16B16A16_SFLOAT);
  ASSERT_EQ(requests.substitutions.size(), 1u);
  EXPECT_EQ(requests.substitutions.front().second, "R16G16B16A16_SFLOAT");
  EXPECT_NE(requests.substitutions.front().first.find("R64_SFLOAT"), std::string::npos);
  EXPECT_EQ(requests.required, (std::vector<Bytes>{2048, 2048}));
}

struct Unsupported {
  const char* name;
  std::function<void(Shape&)> change;
};
TEST(ResolveRequests, TakesWhatProgramsTakeInstead) {
  Stage stage(vkmembench::test_profile());  // offers BC to sample, ASTC for all
  Story story;
  Shape shape;
  shape.image = true;
  shape.format = {VK_FORMAT_BC7_UNORM_BLOCK};
  shape.extent = {16, 16, 1};
  shape.usage = VK_IMAGE_USAGE_STORAGE_BIT;
  story.image(1, story.shape(shape));
  const Trace trace = story.finish();
  const Requests requests = resolve_requests(trace, stage.raw);
  EXPECT_TRUE(requests.shapes.front().is_supported());
  EXPECT_EQ(requests.shapes.front().image.format, VK_FORMAT_ASTC_4x4_UNORM_BLOCK);
  ASSERT_EQ(requests.substitutions.size(), 1u);
  EXPECT_EQ(requests.substitutions.front().second, "ASTC_4x4_UNORM_BLOCK");
}

// A trace of one buffer in a memory type of the device that it was recorded on.
Trace of_type(std::int8_t type) {
  Story story;
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  shape.memory = MemoryUse::custom;
  shape.memory.recorded_type = type;
  story.buffer(1, 64, story.shape(shape));
  return story.finish();
}

TEST(RecordedType, IsItselfWhereTheDeviceHasTheSameTypes) {
  Stage stage(vkmembench::test_profile());
  Trace trace = of_type(2);
  trace.recorded.device.emplace().memory = stage.raw.info->memory;
  EXPECT_EQ(resolve_requests(trace, stage.raw).shapes.front().buffer.memory.types, 1u << 2);
}

TEST(RecordedType, IsOneLikeItElsewhere) {
  Stage stage(vkmembench::test_profile());
  Trace trace = of_type(0);
  VkPhysicalDeviceMemoryProperties& memory = trace.recorded.device.emplace().memory;
  memory.memoryHeapCount = memory.memoryTypeCount = 1;
  memory.memoryTypes[0] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, 0};
  const MemoryChoice chosen = resolve_requests(trace, stage.raw).shapes.front().buffer.memory;
  EXPECT_EQ(order_memory_types(chosen, stage.raw.info->memory).pick(~0u), 2);
}

TEST(RecordedType, IsAnIndexWhereNobodySaysMore) {
  Stage stage(vkmembench::test_profile());
  EXPECT_EQ(resolve_requests(of_type(3), stage.raw).shapes.front().buffer.memory.types, 1u << 3);
  const Requests none = resolve_requests(of_type(9), stage.raw);
  EXPECT_FALSE(none.shapes.front().is_supported());
  EXPECT_NE(none.shapes.front().refusal.find("has no memory type 9"), std::string::npos) << none.shapes.front().refusal;
}

TEST(ResolveRequests, LeavesOutUsagesWhoseFeaturesAreOff) {
  DeviceProfile profile = vkmembench::test_profile();
  profile.offered.add(DeviceFeature::buffer_device_address);
  const Trace trace = [] {
    Story story;
    Shape shape;
    shape.usage = VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT | VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR;
    story.buffer(1, 64, story.shape(shape));
    return story.finish();
  }();
  EXPECT_TRUE(features_for(trace).has(DeviceFeature::acceleration_structure));
  const auto owner = open_simulated_device(profile, {.features = features_for(trace)});
  constexpr VkBufferUsageFlags kCopied = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  const Requests stood_in = resolve_requests(trace, owner->device());
  EXPECT_EQ(stood_in.shapes.front().buffer.usage,
            kCopied | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
  const Requests refused = resolve_requests(trace, owner->device(), kNeverStopped, Substitution::off);
  EXPECT_FALSE(refused.shapes.front().is_supported());
  EXPECT_NE(refused.shapes.front().refusal.find("acceleration_structure_storage_khr (feature acceleration_structure)"),
            std::string::npos)
      << refused.shapes.front().refusal;
}

class UnsupportedImage : public testing::TestWithParam<Unsupported> {};
INSTANTIATE_TEST_SUITE_P(
    Table, UnsupportedImage,
    testing::Values(Unsupported{"format", [](Shape& shape) { shape.format = {VK_FORMAT_R64_SFLOAT}; }},
                    Unsupported{"usage",
                                [](Shape& shape) {
                                  shape.format = {VK_FORMAT_BC7_UNORM_BLOCK};
                                  shape.usage = VK_IMAGE_USAGE_STORAGE_BIT;
                                }},
                    Unsupported{"tiling",
                                [](Shape& shape) {
                                  shape.format = {VK_FORMAT_BC7_UNORM_BLOCK};
                                  shape.tiling = VK_IMAGE_TILING_LINEAR;
                                }},
                    Unsupported{"width",
                                [](Shape& shape) {
                                  shape.extent = {8192, 1, 1};
                                }},
                    Unsupported{"height",
                                [](Shape& shape) {
                                  shape.extent = {1, 8192, 1};
                                }},
                    Unsupported{"depth",
                                [](Shape& shape) {
                                  shape.extent = {16, 16, 512};
                                }},
                    Unsupported{"layers", [](Shape& shape) { shape.layers = 65; }},
                    Unsupported{"samples", [](Shape& shape) { shape.samples = VK_SAMPLE_COUNT_2_BIT; }}),
    [](const auto& row) { return row.param.name; });
TEST_P(UnsupportedImage, IsToldBeforeTheRun) {
  Stage stage(vkmembench::test_profile());
  Story story;
  Shape shape;
  shape.image = true;
  shape.format = {VK_FORMAT_R8G8B8A8_UNORM};
  shape.extent = {16, 16, 1};
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  GetParam().change(shape);
  story.image(1, story.shape(shape));
  const Trace trace = story.finish();
  const Requests requests = resolve_requests(trace, stage.raw, kNeverStopped, Substitution::off);
  EXPECT_FALSE(requests.shapes.front().is_supported());
  const std::string& refusal = requests.shapes.front().refusal;
  EXPECT_NE(refusal.find(unsupported_reason(stage.raw, requests.shapes.front().image)), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("usage transfer_src|transfer_dst|"), std::string::npos) << refusal;
  EXPECT_EQ(requests.required.front(), 0u);
}

TEST(ResolveRequests, AnImageOfOneRowIsAskedForAsItIsCreated) {
  DeviceProfile profile = vkmembench::test_profile();
  profile.limits.maxImageDimension1D = 64;  // 2D images may be wider
  Stage stage(profile);
  Story story;
  Shape shape;
  shape.image = true;
  shape.format = {VK_FORMAT_R8G8B8A8_UNORM};
  shape.extent = {1000, 1, 1};
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  story.image(1, story.shape(shape));
  const Trace trace = story.finish();
  EXPECT_FALSE(resolve_requests(trace, stage.raw).shapes.front().is_supported());
}

TEST(RequirementsHash, CoversWhatTheDeviceAnswersAndNoHeapSize) {
  const Trace trace = small_trace();
  const auto hash = [&](const std::function<void(DeviceProfile&)>& change) {
    DeviceProfile profile = vkmembench::test_profile();
    change(profile);
    Stage stage(profile);
    return resolve_requests(trace, stage.raw).requirements_hash;
  };
  const std::uint64_t base = hash([](DeviceProfile&) {});
  EXPECT_EQ(hash([](DeviceProfile&) {}), base);
  EXPECT_EQ(hash([](DeviceProfile& p) { p.memory.memoryHeaps[0].size *= 2; }), base);
  EXPECT_EQ(hash([](DeviceProfile& p) { p.budgets[0] /= 2; }), base);
  EXPECT_EQ(hash([](DeviceProfile& p) { p.name = "other"; }), base);
  EXPECT_NE(hash([](DeviceProfile& p) { p.limits.bufferImageGranularity = 1; }), base);
  EXPECT_NE(hash([](DeviceProfile& p) { p.limits.maxMemoryAllocationCount = 33; }), base);
  EXPECT_NE(hash([](DeviceProfile& p) { p.limits.nonCoherentAtomSize = 128; }), base);
  EXPECT_NE(
      hash([](DeviceProfile& p) { p.memory.memoryTypes[2].propertyFlags |= VK_MEMORY_PROPERTY_HOST_COHERENT_BIT; }),
      base);
  EXPECT_NE(hash([](DeviceProfile& p) { p.buffers.back().answer.size_rounding = 256; }), base);
  EXPECT_NE(hash([](DeviceProfile& p) { p.buffers.back().answer.alignment = 128; }), base);
  EXPECT_NE(hash([](DeviceProfile& p) { p.images.back().answer.memory_type_bits = 0b0011; }), base);
}

TEST(RequirementsHash, CoversEachDistinctRequest) {
  Stage stage(vkmembench::test_profile());
  const auto hash = [&](const std::vector<Bytes>& sizes) {
    Story story;
    for (const Bytes size : sizes) story.make(size);
    const Trace trace = story.finish();
    return resolve_requests(trace, stage.raw).requirements_hash;
  };
  EXPECT_EQ(hash({64, 128}), hash({128, 64, 128}));
  EXPECT_NE(hash({64, 128}), hash({64}));
  EXPECT_NE(hash({64, 128}), hash({64, 256}));
}

}  // namespace
}  // namespace vkmembench
