#include "scenarios/profiles/profile_writer.h"

#include <gtest/gtest.h>

#include "scenarios/profiles/profile_reader.h"

namespace vkmembench {
namespace {

class EveryShippedProfileWritten : public testing::TestWithParam<std::string_view> {};

// Everything that the reader keeps comes back: a second writing is the first to the byte, and the figures agree.
TEST_P(EveryShippedProfileWritten, ReadsBackAsItself) {
  for (const EmbeddedFile& file : shipped_profiles()) {
    if (file.name != GetParam()) continue;
    DeviceProfile profile = parse_profile(file.text, std::string(file.name));
    profile.costs[static_cast<std::size_t>(EntryPoint::map_memory)] = {
        0,
        0,
        {{.memory_types = 0b10, .points = {{0, 10, 9, 12}, {64, 20}}},
         {.image_usages = VK_IMAGE_USAGE_STORAGE_BIT, .dedicated = true, .points = {{0, 7}}},
         {.points = {{0, 5}}}}};
    profile.images.front().plane_rounding = 4096;
    profile.images.front().whole_layers = true;
    profile.images.front().answer.prefers_dedicated = true;
    profile.images.front().answer.prefers_dedicated_from = kMiB;
    ImageRule rounded = profile.images.back();
    rounded.mips = MipLayout::stacked;
    rounded.mip_rounding = 64;
    profile.images.insert(profile.images.begin(), rounded);
    profile.exact_images.push_back({.format = VK_FORMAT_R8_UNORM,
                                    .flags = VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT,
                                    .answer = profile.images.back().answer,
                                    .required_bytes = 4096});
    profile.max_buffer_size = kGiB;
    const std::string text = profile_text(profile);
    const DeviceProfile back = parse_profile(text, "written.json");
    EXPECT_EQ(profile_text(back), text);
    EXPECT_EQ(back.name, profile.name);
    EXPECT_EQ(back.api_version, profile.api_version);
    EXPECT_EQ(back.budgets, profile.budgets);
    EXPECT_EQ(back.max_buffer_size, kGiB);
    EXPECT_EQ(back.offered, profile.offered);
    EXPECT_EQ(back.exportable, profile.exportable);
    EXPECT_EQ(back.limits.maxImageDimension2D, profile.limits.maxImageDimension2D);
    EXPECT_EQ(back.limits.storageImageSampleCounts, profile.limits.storageImageSampleCounts);
    EXPECT_EQ(back.images.size(), profile.images.size());
    EXPECT_EQ(back.exact_images.size(), profile.exact_images.size());
    for (std::size_t call = 0; call < kEntryPointCount; ++call)
      for (const Bytes bytes : {Bytes{0}, Bytes{40}, 3 * kMiB})
        for (const bool dedicated : {false, true}) {
          const CallSubject subject{bytes, bytes == 40 ? 0u : 1u, VK_IMAGE_USAGE_STORAGE_BIT, dedicated};
          EXPECT_EQ(back.costs[call].ns(subject), profile.costs[call].ns(subject)) << kEntryPointNames[call];
        }
    EXPECT_EQ(back.images.front().mip_rounding, 64u);
    EXPECT_EQ(back.images[1].plane_rounding, 4096u);
    EXPECT_TRUE(back.images[1].whole_layers);
    EXPECT_EQ(back.images[1].answer.prefers_dedicated_from, kMiB);
    EXPECT_EQ(back.exact_images.back().flags, VkImageCreateFlags{VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT});
    EXPECT_EQ(back.provenance.size(), profile.provenance.size());
    return;
  }
  FAIL() << "not shipped";
}
INSTANTIATE_TEST_SUITE_P(Table, EveryShippedProfileWritten,
                         testing::Values("amd-rx-6600.json", "arm-mali-g7x.json", "intel-iris-xe.json",
                                         "nvidia-rtx-3090.json"),
                         [](const auto& row) {
                           std::string name(row.param.substr(0, row.param.size() - 5));
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace vkmembench
