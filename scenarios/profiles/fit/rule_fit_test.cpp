#include "scenarios/profiles/fit/rule_fit.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "allocator/base/vulkan_names.h"
#include "allocator/testing/test_profile.h"
#include "scenarios/profiles/fit/held_out.h"

namespace vkmembench {
namespace {

// A device that answers images of any kind by one rule.
struct Driver {
  std::string name;
  ImageRule rule;
};
void PrintTo(const Driver& driver, std::ostream* out) { *out << driver.name; }

DeviceProfile device_of(const ImageRule& rule) {
  DeviceProfile profile = test_profile();
  profile.exact_buffers.clear();
  profile.exact_images.clear();
  profile.buffers = {{VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT,
                      {.alignment = 256,
                       .size_rounding = 256,
                       .memory_type_bits = 3,
                       .prefers_dedicated = true,
                       .prefers_dedicated_from = kMiB}},
                     {0, {.alignment = 16, .size_rounding = 16, .memory_type_bits = 3}}};
  profile.images = {rule};
  return profile;
}

std::vector<AnsweredImage> ask_images(const DeviceProfile& profile) {
  const simulated::RequirementTable table(profile);
  std::vector<AnsweredImage> answers;
  for (const VkFormat format : {VK_FORMAT_R8_UNORM, VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_BC1_RGB_UNORM_BLOCK,
                                VK_FORMAT_R16G16B16A16_SFLOAT, VK_FORMAT_G8_B8R8_2PLANE_420_UNORM})
    for (const std::uint32_t width : {1u, 16u, 60u, 100u, 256u, 700u, 1024u, 1920u})
      for (const std::uint32_t height : {1u, 16u, 100u, 256u, 1080u})
        for (const std::uint32_t layers : {1u, 6u})
          for (const bool chain : {false, true}) {
            if (chain && format_info(format).plane_count > 1) continue;
            VkImageCreateInfo info{};
            info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
            info.imageType = VK_IMAGE_TYPE_2D;
            info.format = format;
            info.extent = {width, height, 1};
            info.mipLevels = chain ? full_mip_count(info.extent) : 1;
            info.arrayLayers = layers;
            info.samples = VK_SAMPLE_COUNT_1_BIT;
            info.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
            const simulated::Requirements needs = table.of_image(info);
            answers.push_back({info,
                               needs.size,
                               {.alignment = needs.alignment(),
                                .memory_type_bits = needs.memory_type_bits,
                                .prefers_dedicated = needs.prefers_dedicated}});
          }
  return answers;
}

std::vector<AnsweredBuffer> ask_buffers(const DeviceProfile& profile) {
  const simulated::RequirementTable table(profile);
  std::vector<AnsweredBuffer> answers;
  for (const FlagName& usage : buffer_usage_names())
    for (Bytes power = 2; power <= 16 * kMiB; power *= 2)
      for (const Bytes size : {power - 1, power, power + 1}) {
        const simulated::Requirements needs = table.of_buffer(size, usage.bit);
        answers.push_back({size,
                           usage.bit,
                           needs.size,
                           {.alignment = needs.alignment(),
                            .memory_type_bits = needs.memory_type_bits,
                            .prefers_dedicated = needs.prefers_dedicated}});
      }
  return answers;
}

class RulesOfADriver : public testing::TestWithParam<Driver> {};

TEST_P(RulesOfADriver, AnswerWhatTheyWereNotFittedOn) {
  const DeviceProfile device = device_of(GetParam().rule);
  const std::vector<AnsweredImage> images = ask_images(device);
  const std::vector<AnsweredBuffer> buffers = ask_buffers(device);
  const HeldOut held = test_rules(buffers, images, device);
  EXPECT_GT(held.buffers, buffers.size() / 3);
  EXPECT_GT(held.images, images.size() / 3);
  EXPECT_EQ(held.buffers_exact, held.buffers);
  EXPECT_EQ(held.images_exact, held.images);
  EXPECT_EQ(held.images_near, held.images);
}

TEST_P(RulesOfADriver, LeaveNothingToTheExactTable) {
  DeviceProfile device = device_of(GetParam().rule);
  const std::vector<AnsweredImage> images = ask_images(device);
  const std::vector<AnsweredBuffer> buffers = ask_buffers(device);
  device.buffers = fit_buffer_rules(buffers);
  device.images = fit_image_rules(images);
  keep_exact(buffers, images, device);
  EXPECT_EQ(device.exact_buffers.size(), 0u);
  EXPECT_EQ(device.exact_images.size(), 0u);
}

std::vector<Driver> drivers() {
  constexpr RequirementAnswer kAnswer = {.alignment = 1024, .memory_type_bits = 3};
  std::vector<Driver> rows;
  const auto row = [&](std::string name, const auto& change) {
    ImageRule rule;
    rule.answer = kAnswer;
    change(rule);
    rows.push_back({std::move(name), rule});
  };
  row("packed", [](ImageRule& rule) { rule.answer.size_rounding = 4096; });
  row("tiles_with_a_tail", [](ImageRule& rule) {
    rule.tile_bytes = 65536;
    rule.mips = MipLayout::tail;
  });
  row("growing_tiles_and_whole_layers", [](ImageRule& rule) {
    rule.tile_width_bytes = 64;
    rule.tile_bytes = 512;
    rule.max_tile_bytes = 8192;
    rule.whole_layers = true;
  });
  row("rounded_mips", [](ImageRule& rule) { rule.mip_rounding = 64; });
  row("rounded_planes", [](ImageRule& rule) { rule.plane_rounding = rule.answer.alignment; });
  row("dedicated_when_large", [](ImageRule& rule) {
    rule.answer.prefers_dedicated = true;
    rule.answer.prefers_dedicated_from = kMiB;
  });
  return rows;
}
INSTANTIATE_TEST_SUITE_P(Table, RulesOfADriver, testing::ValuesIn(drivers()),
                         [](const auto& row) { return row.param.name; });

TEST(KeepExact, AnswersImagesByTheirFlags) {
  ImageRule plain;
  plain.answer = {.alignment = 64, .memory_type_bits = 3};
  DeviceProfile device = device_of(plain);
  std::vector<AnsweredImage> images = ask_images(device);
  images.resize(1);
  AnsweredImage flagged = images.front();
  flagged.info.flags = VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT;
  flagged.required += 4096;
  images.push_back(flagged);
  keep_exact({}, images, device);
  ASSERT_EQ(device.exact_images.size(), 1u);
  const simulated::RequirementTable table(device);
  EXPECT_EQ(table.of_image(flagged.info).size, flagged.required);
  EXPECT_EQ(table.of_image(images.front().info).size, images.front().required);
  VkImageCreateInfo more = flagged.info;
  more.flags |= VK_IMAGE_CREATE_EXTENDED_USAGE_BIT;
  EXPECT_EQ(table.of_image(more).size, flagged.required) << "a row answers images that have all its flags";
}

TEST(TestRules, CountWhatIsOff) {
  ImageRule plain;
  plain.answer = {.alignment = 64, .memory_type_bits = 3};
  const DeviceProfile device = device_of(plain);
  std::vector<AnsweredImage> images = ask_images(device);
  for (std::size_t i = 0; i < images.size(); ++i) images[i].required += i * 1'000'003 % 7919 * 4096;  // by no rule
  const HeldOut held = test_rules(ask_buffers(device), images, device);
  EXPECT_LT(held.images_exact, held.images / 10);
  EXPECT_LT(held.images_near, held.images / 2);
}

}  // namespace
}  // namespace vkmembench
