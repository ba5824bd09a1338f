#include "bench/replay/measured/context.h"

#include <gtest/gtest.h>

#include "allocator/base/error.h"
#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

VkPhysicalDeviceMemoryProperties heaps_of(const std::vector<VkMemoryHeap>& heaps) {
  VkPhysicalDeviceMemoryProperties memory{};
  for (const VkMemoryHeap& heap : heaps) memory.memoryHeaps[memory.memoryHeapCount++] = heap;
  return memory;
}
constexpr VkMemoryHeapFlags kLocal = VK_MEMORY_HEAP_DEVICE_LOCAL_BIT;
const std::vector<VkMemoryHeap> kDiscrete = {{256, kLocal}, {5000, 0}, {8000, kLocal}, {6000, 0}};
const std::vector<VkMemoryHeap> kUnified = {{4000, kLocal}};

struct BudgetCase {
  const char* name;
  const std::vector<VkMemoryHeap>* heaps;
  BudgetRequest request;
  std::uint32_t heap;
  Bytes bytes;
};
class Budgets : public testing::TestWithParam<BudgetCase> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Budgets,
    testing::Values(BudgetCase{"largest_device_heap", &kDiscrete, {"device", false, 70, 0}, 2, 70},
                    BudgetCase{"largest_host_heap", &kDiscrete, {"host", false, 71, 0}, 3, 71},
                    BudgetCase{"no_more_than_the_heap", &kDiscrete, {"host", false, 7000, 0}, 3, 6000},
                    BudgetCase{"by_index", &kDiscrete, {"1", false, 72, 0}, 1, 72},
                    BudgetCase{"ratio_of_the_heap", &kDiscrete, {"device", true, 0, 0.25}, 2, 2000},
                    BudgetCase{"ratio_rounds_down", &kDiscrete, {"0", true, 0, 0.999}, 0, 255},
                    BudgetCase{"whole", &kDiscrete, {"3", true, 0, 1.0}, 3, 6000},
                    BudgetCase{"only_heap_as_device", &kUnified, {"device", true, 0, 0.5}, 0, 2000},
                    BudgetCase{"only_heap_as_host", &kUnified, {"host", true, 0, 0.5}, 0, 2000}),
    [](const auto& row) { return row.param.name; });
TEST_P(Budgets, MeanTheHeapThatTheFormatSays) {
  const auto resolved = resolve_budget(GetParam().request, heaps_of(*GetParam().heaps));
  ASSERT_EQ(resolved.size(), 1u);
  EXPECT_EQ(resolved.front().first, GetParam().heap);
  EXPECT_EQ(resolved.front().second, GetParam().bytes);
}

TEST(Budget, OfAMissingHeapAreRefused) {
  try {
    (void)resolve_budget({"4", false, 1, 0}, heaps_of(kDiscrete));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "budget of heap 4: the device has heaps 0 to 3");
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  }
}

}  // namespace
}  // namespace vkmembench
