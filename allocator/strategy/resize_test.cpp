// Resizes through every strategy: contents stay, and whatever fails, the buffer is as it was.
#include <gtest/gtest.h>

#include <cstring>

#include "allocator/device/layers/fault_layer.h"
#include "allocator/oracle/checked.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/strategy_fixture.h"

namespace vkmembench {
namespace {

bool is_for_copying(EntryPoint entry) {
  return entry == EntryPoint::create_command_pool || entry == EntryPoint::allocate_command_buffers ||
         entry == EntryPoint::create_fence || entry == EntryPoint::reset_fences || entry == EntryPoint::queue_submit ||
         entry == EntryPoint::wait_for_fences;
}

class Resize : public testing::TestWithParam<std::string> {
 protected:
  Resize() : sim_(test_profile("discrete")), faults_(sim_.d) { make(); }
  void make() {
    strategy_ = std::make_unique<Checked>(faults_.device(), sim_.d, violations_,
                                          [](const Device& device) { return parse_strategy(GetParam()).make(device); });
  }
  void TearDown() override {
    strategy_.reset();
    EXPECT_TRUE(violations_.counts().empty()) << testing::PrintToString(violations_.texts());
    EXPECT_EQ(simulated_leaks(*sim_.owner).total(), 0u);
  }
  void write(const Allocation& buffer, Bytes size, unsigned seed) {
    const std::vector<std::byte> bytes = pattern(size, seed);
    std::memcpy(*strategy_->map(buffer), bytes.data(), size);
    ASSERT_EQ(strategy_->flush(buffer, 0, size), VK_SUCCESS);
    strategy_->unmap(buffer);
  }
  void expect(const Allocation& buffer, Bytes size, unsigned seed) {
    const std::byte* bytes = *strategy_->map(buffer);
    ASSERT_EQ(strategy_->invalidate(buffer, 0, size), VK_SUCCESS);
    EXPECT_EQ(std::memcmp(bytes, pattern(size, seed).data(), size), 0);
    strategy_->unmap(buffer);
  }

  SimulatedFixture sim_;
  FaultLayer faults_;
  Violations violations_;
  std::unique_ptr<Strategy> strategy_;
};
INSTANTIATE_TEST_SUITE_P(Presets, Resize, testing::ValuesIn(preset_names(false)),
                         [](const auto& row) { return test_name(row.param); });

TEST_P(Resize, KeepsWhatBothSizesHold) {
  for (const MemoryUse use : {MemoryUse::upload, MemoryUse::readback}) {
    BufferRequest request = buffer_request(1000, use);
    request.user = 7;
    Allocation buffer = *strategy_->create_buffer(request);
    ASSERT_NO_FATAL_FAILURE(write(buffer, 1000, 1));
    for (const Bytes size : {Bytes{1001}, Bytes{70'000}, 3 * kMiB, Bytes{5000}, Bytes{1000}}) {
      request.size = size;
      const Expected<Allocation> resized = strategy_->resize(buffer, request);
      ASSERT_TRUE(resized) << size;
      EXPECT_GE(resized->charged, size);
      buffer = *resized;
      ASSERT_NO_FATAL_FAILURE(expect(buffer, 1000, 1));
      ASSERT_NO_FATAL_FAILURE(write(buffer, size, 2));  // all of it is there
      ASSERT_NO_FATAL_FAILURE(write(buffer, 1000, 1));
    }
    request.size = 600;
    buffer = *strategy_->resize(buffer, request);
    ASSERT_NO_FATAL_FAILURE(expect(buffer, 600, 1));
    strategy_->destroy(buffer, 0);
  }
  const Allocation device = *strategy_->create_buffer(buffer_request(1000));
  const Expected<Allocation> grown = strategy_->resize(device, buffer_request(9000));
  ASSERT_TRUE(grown);
  strategy_->destroy(*grown, 0);
}

TEST_P(Resize, IsRefusedForWhatCannotBeCopied) {
  const Allocation image = *strategy_->create_image(image_request(8, 8));
  EXPECT_EQ(strategy_->resize(image, buffer_request(100)).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  strategy_->destroy(image, 0);
  const Allocation mapped = *strategy_->create_buffer(buffer_request(100, MemoryUse::upload));
  (void)*strategy_->map(mapped);
  EXPECT_EQ(strategy_->resize(mapped, buffer_request(200, MemoryUse::upload)).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  strategy_->unmap(mapped);
  strategy_->destroy(mapped, 0);
  BufferRequest bare = buffer_request(100);
  bare.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  const Allocation uncopied = *strategy_->create_buffer(bare);
  bare.size = 5000;
  EXPECT_EQ(strategy_->resize(uncopied, bare).result(), VK_ERROR_FEATURE_NOT_PRESENT);
  strategy_->destroy(uncopied, 0);
}

TEST_P(Resize, BeyondTheDeviceLeavesTheBuffer) {
  const Allocation buffer = *strategy_->create_buffer(buffer_request(1000, MemoryUse::upload));
  ASSERT_NO_FATAL_FAILURE(write(buffer, 1000, 1));
  EXPECT_FALSE(strategy_->resize(buffer, buffer_request(600 * kMiB, MemoryUse::upload)));
  ASSERT_NO_FATAL_FAILURE(expect(buffer, 1000, 1));
  strategy_->destroy(buffer, 0);
}

TEST_P(Resize, AFailureAtAnyStepLeavesTheBuffer) {
  for (const EntryPoint step :
       {EntryPoint::create_buffer, EntryPoint::allocate_memory, EntryPoint::bind_buffer_memory,
        EntryPoint::bind_buffer_memory2, EntryPoint::create_command_pool, EntryPoint::allocate_command_buffers,
        EntryPoint::create_fence, EntryPoint::reset_fences, EntryPoint::queue_submit, EntryPoint::wait_for_fences}) {
    SCOPED_TRACE(kEntryPointNames[static_cast<std::size_t>(step)]);
    make();
    Allocation buffer = *strategy_->create_buffer(buffer_request(1000, MemoryUse::upload));
    ASSERT_NO_FATAL_FAILURE(write(buffer, 1000, 1));
    const BufferRequest larger = buffer_request(40 * kMiB, MemoryUse::upload);
    faults_.fail(step, 1, VK_ERROR_OUT_OF_HOST_MEMORY);
    Expected<Allocation> resized = strategy_->resize(buffer, larger);
    if (is_for_copying(step)) {
      EXPECT_TRUE(faults_.fired(step));
      EXPECT_FALSE(resized);  // while another memory type may serve where one has failed
    }
    faults_.fail(step, ~0u, VK_SUCCESS);  // where it did not come to the step
    if (!resized) {
      ASSERT_NO_FATAL_FAILURE(expect(buffer, 1000, 1));
      resized = strategy_->resize(buffer, larger);
      ASSERT_TRUE(resized);
    }
    ASSERT_NO_FATAL_FAILURE(expect(*resized, 1000, 1));
    strategy_->destroy(*resized, 0);
  }
}

TEST(NullResize, IsAlwaysServed) {
  const SimulatedFixture sim(test_profile("discrete"));
  const auto strategy = parse_strategy("null").make(sim.d);
  const Expected<Allocation> resized =
      strategy->resize(*strategy->create_buffer(buffer_request(100)), buffer_request(5000));
  ASSERT_TRUE(resized);
  EXPECT_EQ(resized->charged, 5000u);
}

}  // namespace
}  // namespace vkmembench
