#include "allocator/device/layers/layer.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

// Writes down which calls passed, in which order.
class NotingLayer : public Layer<NotingLayer> {
 public:
  NotingLayer(const Device& next, int name, std::vector<std::pair<int, EntryPoint>>& log)
      : Layer(next), name_(name), log_(log) {}
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    log_.emplace_back(name_, E);
    return call();
  }

 private:
  int name_;
  std::vector<std::pair<int, EntryPoint>>& log_;
};

struct Row {
  EntryPoint entry;
  Dispatch dispatch;
};
constexpr Row kEntries[] = {
#define VKMEMBENCH_ROW(vulkan, snake, dispatch) {EntryPoint::snake, Dispatch::dispatch},
    VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};

// The table's members as addresses, in the order of the rows.
std::array<const void*, kEntryPointCount> addresses(const DeviceTable& fn) {
  return {
#define VKMEMBENCH_ROW(vulkan, snake, dispatch) reinterpret_cast<const void*>(fn.snake),
      VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  };
}

class EveryEntryPoint : public testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryEntryPoint, testing::ValuesIn(kEntries), [](const auto& row) {
  return std::string(kEntryPointNames[static_cast<std::size_t>(row.param.entry)]);
});

TEST_P(EveryEntryPoint, IsWrappedUnlessItRecordsCommands) {
  const SimulatedFixture sim(test_profile());
  std::vector<std::pair<int, EntryPoint>> log;
  const NotingLayer layer(sim.d, 1, log);
  const auto index = static_cast<std::size_t>(GetParam().entry);
  const void* below = addresses(sim.d.fn)[index];
  const void* above = addresses(layer.device().fn)[index];
  ASSERT_NE(below, nullptr);
  if (GetParam().dispatch == Dispatch::command)
    EXPECT_EQ(above, below);
  else
    EXPECT_NE(above, below);
  EXPECT_NE(above, nullptr);
}

TEST_P(EveryEntryPoint, StaysAbsentWhereTheDeviceLacksIt) {
  std::vector<std::pair<int, EntryPoint>> log;
  const Device nothing;
  const NotingLayer layer(nothing, 1, log);
  EXPECT_EQ(addresses(layer.device().fn)[static_cast<std::size_t>(GetParam().entry)], nullptr);
}

TEST(Layer, CallsPassFromTheTopDownWithTheHandlesOfEachTable) {
  const SimulatedFixture sim(test_profile());
  std::vector<std::pair<int, EntryPoint>> log;
  const NotingLayer low(sim.d, 1, log);
  const NotingLayer high(low.device(), 2, log);
  const Device& d = high.device();
  const std::set<const void*> handles = {sim.d.handle, low.device().handle, d.handle};
  EXPECT_EQ(handles.size(), 3u);

  VkPhysicalDeviceProperties properties{};
  d.fn.get_physical_device_properties(d.physical, &properties);
  EXPECT_EQ(properties.vendorID, test_profile().vendor_id);
  const VkBufferCreateInfo info = buffer_info(100);
  VkBuffer buffer = VK_NULL_HANDLE;
  ASSERT_EQ(d.fn.create_buffer(d.handle, &info, nullptr, &buffer), VK_SUCCESS);
  EXPECT_EQ(sim.requirements(buffer).size, 112u);  // objects made above can be used below
  EXPECT_EQ(d.fn.queue_submit(d.queue, 0, nullptr, VK_NULL_HANDLE), VK_SUCCESS);
  d.fn.destroy_buffer(d.handle, buffer, nullptr);

  using enum EntryPoint;
  const std::vector<std::pair<int, EntryPoint>> expected = {{2, get_physical_device_properties},
                                                            {1, get_physical_device_properties},
                                                            {2, create_buffer},
                                                            {1, create_buffer},
                                                            {2, queue_submit},
                                                            {1, queue_submit},
                                                            {2, destroy_buffer},
                                                            {1, destroy_buffer}};
  EXPECT_EQ(log, expected);
  EXPECT_EQ(simulated_leaks(*sim.owner).total(), 0u);
}

TEST(Layer, KeepsWhatIsKnownOfTheDevice) {
  const SimulatedFixture sim(test_profile(), {.model_clock = true});
  std::vector<std::pair<int, EntryPoint>> log;
  const NotingLayer layer(sim.d, 1, log);
  EXPECT_EQ(layer.device().info, sim.d.info);
  EXPECT_EQ(layer.device().model_ns, sim.d.model_ns);
  EXPECT_EQ(layer.device().queue_family, sim.d.queue_family);
  EXPECT_EQ(layer.device().instance, sim.d.instance);
}

}  // namespace
}  // namespace vkmembench
