// Near maxMemoryAllocationCount every strategy shares what memory objects are left; the core no worse than VMA.
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "allocator/device/layers/limits_layer.h"
#include "allocator/testing/strategy_fixture.h"

namespace vkmembench {
namespace {

struct Outcome {
  Bytes reserved = 0;  // for the images
  std::uint32_t objects = 0;
  std::uint32_t refused = 0;
};

// What a strategy holds when it was asked for `count` images of side x side texels of 4 bytes, of which some are
// dedicated as long as there are objects for that.
Outcome ask(const std::string& strategy, const DeviceProfile& profile, std::uint32_t side, std::uint32_t count) {
  const auto owner = open_simulated_device(profile);
  LimitsLayer limits(owner->device());
  const auto made = parse_strategy(strategy).make(limits.device());
  const Bytes ahead = limits.usage(0);
  std::vector<Allocation> live;
  Outcome outcome;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Expected<Allocation> image = made->create_image(image_request(side, side));
    if (image)
      live.push_back(*image);
    else
      ++outcome.refused;
  }
  outcome.reserved = limits.usage(0) - ahead;
  outcome.objects = limits.object_count();
  for (const Allocation& image : live) made->destroy(image, 0);
  return outcome;
}

struct Case {
  std::uint32_t objects;  // that the device allows
  std::uint32_t side;
  std::uint32_t count;
};

class ObjectLimit : public testing::TestWithParam<std::tuple<std::string, Case>> {};

TEST_P(ObjectLimit, CostsTheCoreNoMoreThanVma) {
  const auto& [strategy, point] = GetParam();
  DeviceProfile profile = test_profile("dedicated");
  profile.memory.memoryHeaps[0].size = profile.budgets[0] = 8 * kGiB;
  profile.limits.maxMemoryAllocationCount = point.objects;
  const Outcome vma = ask("vma", profile, point.side, point.count);
  const Outcome core = ask(strategy, profile, point.side, point.count);
  // Where VMA's last block happens to end at what is live, a thirty-second of it is no waste.
  const Bytes live = Bytes{point.count - core.refused} * point.side * point.side * 4;
  EXPECT_LE(core.reserved, std::max(vma.reserved, live + live / 32));
  EXPECT_LE(core.refused, vma.refused);
  EXPECT_LE(core.objects, point.objects);
}

INSTANTIATE_TEST_SUITE_P(
    Cores, ObjectLimit,
    testing::Combine(testing::Values("core-default", "core-speed", "core-memory", "core-pools", "core-arenas"),
                     testing::Values(Case{4096, 128, 4200}, Case{4096, 128, 20'000}, Case{4096, 256, 6000},
                                     Case{4096, 512, 4000}, Case{1024, 128, 1100}, Case{1024, 1024, 1100},
                                     Case{256, 128, 300}, Case{256, 512, 1000}, Case{64, 256, 200}, Case{64, 1024, 300},
                                     Case{24, 128, 500}, Case{24, 512, 100})),
    [](const auto& test) {
      const Case& point = std::get<1>(test.param);
      return test_name(std::get<0>(test.param)) + "_" + std::to_string(point.count) + "_of_" +
             std::to_string(point.side) + "_in_" + std::to_string(point.objects);
    });

}  // namespace
}  // namespace vkmembench
