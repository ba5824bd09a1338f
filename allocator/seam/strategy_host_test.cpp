// Host memory of the strategies that keep metadata of their own: all of it from the device's callbacks, and what
// happens when those refuse.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <random>

#include "allocator/testing/counted_callbacks_fixture.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/strategy_fixture.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {
namespace {

std::vector<std::string> own_books() {
  std::vector<std::string> names = preset_names(false);
  std::erase_if(names, [](const std::string& name) { return name.starts_with("vma"); });
  return names;
}

class StrategyHostMemory : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Presets, StrategyHostMemory, testing::ValuesIn(own_books()),
                         [](const auto& row) { return test_name(row.param); });

// Returns how many requests were refused for want of host memory.
std::size_t drive(Strategy& strategy) {
  std::mt19937 random(3);
  std::size_t refused = 0;
  std::vector<std::pair<Allocation, BufferRequest>> live;
  const auto expect_host = [&](VkResult result) {
    if (result == VK_SUCCESS || result == VK_ERROR_FEATURE_NOT_PRESENT) return;
    ++refused;
    EXPECT_EQ(result, VK_ERROR_OUT_OF_HOST_MEMORY);
  };
  const auto keep = [&](const Expected<Allocation>& made, const BufferRequest& request) {
    expect_host(made.result());
    if (made) live.emplace_back(*made, request);
  };
  std::uint64_t user = 0;
  for (int step = 0; step < 150; ++step) {
    BufferRequest request = buffer_request(1 + random() % (1u << (random() % 20)));
    request.usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    request.user = ++user;
    switch (random() % 6) {
      case 0:
      case 1:
        keep(strategy.create_buffer(request), request);
        break;
      case 2: {
        const auto side = static_cast<std::uint32_t>(1 + random() % 200);
        ImageRequest image = image_request(side, side);
        image.user = user;
        keep(strategy.create_image(image), {});
        break;
      }
      case 3:
        if (live.empty() || live.back().first.image) break;
        expect_host(strategy.bind(live.back().first, live.back().second.size));
        break;
      case 4: {
        if (live.empty() || live.back().first.image) break;
        BufferRequest grown = live.back().second;
        grown.size *= 2;
        const auto resized = strategy.resize(live.back().first, grown);
        expect_host(resized.result());
        if (resized) live.back() = {*resized, grown};
        break;
      }
      default:
        if (live.empty()) break;
        std::swap(live[random() % live.size()], live.back());
        strategy.destroy(live.back().first, 0);
        live.pop_back();
        break;
    }
  }
  for (const auto& [allocation, request] : live) strategy.destroy(allocation, 0);
  return refused;
}

TEST_P(StrategyHostMemory, RefusedBooksRefuseTheRequestOnly) {
  const SimulatedFixture sim(test_profile("discrete"));
  for (const std::uint64_t count : {std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()}) {
    std::size_t refused = 0;
    std::size_t not_made = 0;
    for (std::uint64_t nth = 0;; ++nth) {
      CountedCallbacks callbacks;
      callbacks.refuse(nth, count);
      Device device = sim.d;
      device.host = callbacks.get();
      try {
        const auto strategy = parse_strategy(GetParam()).make(device);
        strategy->start({});
        refused += drive(*strategy);
      } catch (const std::bad_alloc&) {
        ++not_made;
      }
      ASSERT_EQ(callbacks.live, 0u) << "after refusing allocation " << nth;
      ASSERT_EQ(simulated_leaks(*sim.owner).total(), 0u) << "after refusing allocation " << nth;
      if (nth >= callbacks.calls || nth == 200) break;
    }
    EXPECT_GT(refused, 5u);
    EXPECT_LT(not_made, 20u);
  }
}

}  // namespace
}  // namespace vkmembench
