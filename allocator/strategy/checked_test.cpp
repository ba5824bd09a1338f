// Strategies broken on purpose: Checked must find each fault, and none in a sound one.
#include "allocator/strategy/checked.h"

#include <gtest/gtest.h>

#include "allocator/device/simulated_fixture.h"
#include "allocator/device/test_profile.h"
#include "allocator/strategy/basic_strategy.h"
#include "allocator/strategy/strategy_fixture.h"

namespace vkmembench {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

// What a broken strategy does wrong.
enum class Fault : std::uint8_t {
  none,
  overlap,
  misaligned,
  wrong_type,
  out_of_bounds,
  granularity,
  frees_early,
  double_destroy,
  leaks_resource,
  leaks_memory,
  wrong_offset,
  wrong_memory,
  charges_too_little,
  ignores_alignment,
  same_twice,
};

// Puts buffers and images one after the other into one block, and makes the mistake it is told to.
class BrokenStrategy : public BasicStrategy {
 public:
  BrokenStrategy(const Device& device, Fault fault) : device_(device), fault_(fault) {
    memory_ = allocate(fault == Fault::wrong_type ? 3 : 0);
  }
  ~BrokenStrategy() override {
    if (fault_ != Fault::leaks_memory && fault_ != Fault::frees_early) free_block();
    if (spare_ != VK_NULL_HANDLE) device_.fn.free_memory(device_.handle, spare_, nullptr);
  }

  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    if (fault_ == Fault::same_twice && last_.resource != 0) return last_;
    const VkBufferCreateInfo info = create_info(request);
    VkBuffer buffer = VK_NULL_HANDLE;
    device_.fn.create_buffer(device_.handle, &info, nullptr, &buffer);
    VkMemoryRequirements required{};
    device_.fn.get_buffer_memory_requirements(device_.handle, buffer, &required);
    required.alignment = std::max(required.alignment, fault_ == Fault::ignores_alignment ? 0 : request.alignment);
    const Offset offset = place(required);
    device_.fn.bind_buffer_memory(device_.handle, buffer, memory_, offset);
    return answer(reinterpret_cast<std::uint64_t>(buffer), offset, required.size);
  }
  Expected<Allocation> create_image(const ImageRequest& request) override {
    const VkImageCreateInfo info = create_info(request);
    VkImage image = VK_NULL_HANDLE;
    device_.fn.create_image(device_.handle, &info, nullptr, &image);
    VkMemoryRequirements required{};
    device_.fn.get_image_memory_requirements(device_.handle, image, &required);
    if (fault_ != Fault::granularity) end_ = align_up(end_, 1024);
    const Offset offset = place(required);
    if (fault_ != Fault::granularity) end_ = align_up(end_, 1024);
    device_.fn.bind_image_memory(device_.handle, image, memory_, offset);
    Allocation made = answer(reinterpret_cast<std::uint64_t>(image), offset, required.size);
    made.image = true;
    return made;
  }
  void destroy(const Allocation& allocation, std::uint16_t) override {
    ++destroyed;
    if (fault_ == Fault::frees_early) free_block();
    for (int times = fault_ == Fault::double_destroy   ? 2
                     : fault_ == Fault::leaks_resource ? 0
                                                       : 1;
         times > 0; --times) {
      if (allocation.image)
        device_.fn.destroy_image(device_.handle, allocation.as_image(), nullptr);
      else
        device_.fn.destroy_buffer(device_.handle, allocation.buffer(), nullptr);
    }
  }
  Expected<std::byte*> map(const Allocation&) override { return VK_ERROR_MEMORY_MAP_FAILED; }
  void unmap(const Allocation&) override {}
  VkResult flush(const Allocation&, Offset, Bytes) override { return VK_INCOMPLETE; }
  VkResult invalidate(const Allocation&, Offset, Bytes) override { return VK_EVENT_SET; }
  void begin_frame(std::uint64_t n) override { frame = n; }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return {{"only", 0, 1, 2, 3, 4}}; }

  int destroyed = 0;
  std::uint64_t frame = 0;

 private:
  VkDeviceMemory allocate(std::uint32_t type) const {
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, 64 * kKiB, type};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    device_.fn.allocate_memory(device_.handle, &info, nullptr, &memory);
    return memory;
  }
  void free_block() {
    device_.fn.free_memory(device_.handle, memory_, nullptr);
    memory_ = VK_NULL_HANDLE;
  }
  Offset place(const VkMemoryRequirements& required) {
    Offset offset = align_up(end_, required.alignment);
    if (fault_ == Fault::misaligned) offset += 16;
    if (fault_ == Fault::out_of_bounds) offset = 64 * kKiB - required.alignment;
    if (fault_ == Fault::overlap) offset = 0;
    end_ = offset + required.size;
    return offset;
  }
  Allocation answer(std::uint64_t resource, Offset offset, Bytes size) {
    last_ = Allocation{.resource = resource, .memory = memory_, .offset = offset, .charged = size};
    if (fault_ == Fault::wrong_offset) last_.offset += 64;
    if (fault_ == Fault::wrong_memory) last_.memory = spare_ = allocate(0);
    if (fault_ == Fault::charges_too_little) last_.charged -= 1;
    return last_;
  }

  Device device_;
  Fault fault_;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
  VkDeviceMemory spare_ = VK_NULL_HANDLE;
  Offset end_ = 0;
  Allocation last_;
};

class OnLenientDevice {
 protected:
  OnLenientDevice() : sim_(test_profile()), lenient_(sim_.d) {}
  std::unique_ptr<Checked> make(Fault fault) {
    return std::make_unique<Checked>(lenient_.device(), sim_.d, violations_, [&](const Device& device) {
      auto strategy = std::make_unique<BrokenStrategy>(device, fault);
      broken_ = strategy.get();
      return strategy;
    });
  }
  SimulatedFixture sim_;
  LenientLayer lenient_;
  Violations violations_;
  BrokenStrategy* broken_ = nullptr;
};

struct Broken {
  const char* name;
  Fault fault;
  Counts expected;
};
void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

class BrokenStrategies : public OnLenientDevice, public testing::TestWithParam<Broken> {};
INSTANTIATE_TEST_SUITE_P(
    Table, BrokenStrategies,
    testing::Values(Broken{"none", Fault::none, {}}, Broken{"overlap", Fault::overlap, {{"overlap", 3}}},
                    Broken{"misaligned", Fault::misaligned, {{"alignment", 3}}},
                    Broken{"wrong_type", Fault::wrong_type, {{"memory_type", 3}}},
                    Broken{"out_of_bounds", Fault::out_of_bounds, {{"bounds", 3}, {"overlap", 3}}},
                    Broken{"granularity", Fault::granularity, {{"granularity", 2}}},
                    Broken{"frees_early", Fault::frees_early, {{"freed_under", 1}}},
                    Broken{"double_destroy", Fault::double_destroy, {{"double_release", 3}}},
                    Broken{"leaks_resource", Fault::leaks_resource, {{"leak", 3}, {"freed_under", 1}}},
                    Broken{"leaks_memory", Fault::leaks_memory, {{"leak", 1}}},
                    Broken{"wrong_offset", Fault::wrong_offset, {{"answer", 3}}},
                    Broken{"wrong_memory", Fault::wrong_memory, {{"answer", 3}, {"leak", 2}}},
                    Broken{"charges_too_little", Fault::charges_too_little, {{"answer", 3}}}),
    [](const auto& row) { return row.param.name; });
TEST_P(BrokenStrategies, AreFoundOut) {
  {
    const auto strategy = make(GetParam().fault);
    // 192 bytes, an image of 1024, and 512 aligned as the device asks.
    const Expected<Allocation> first = strategy->create_buffer(buffer_request(192));
    const Expected<Allocation> image = strategy->create_image(image_request(16, 16));
    const Expected<Allocation> last = strategy->create_buffer(buffer_request(512));
    for (const auto& made : {first, image, last}) strategy->destroy(*made, 0);
  }
  EXPECT_EQ(violations_.counts(), GetParam().expected);
}

class CheckedStrategy : public OnLenientDevice, public testing::Test {};

TEST_F(CheckedStrategy, AnAlignmentThatWasAskedForIsChecked) {
  const auto strategy = make(Fault::ignores_alignment);
  (void)strategy->create_buffer(buffer_request(64, MemoryUse::device, 4096));  // at 0, by luck
  EXPECT_EQ(violations_.counts(), Counts());
  (void)strategy->create_buffer(buffer_request(64, MemoryUse::device, 4096));
  EXPECT_EQ(violations_.counts(), (Counts{{"alignment", 1}}));
}

TEST_F(CheckedStrategy, BatchesAreCheckedItemByItem) {
  const auto strategy = make(Fault::charges_too_little);
  const std::vector<Bytes> sizes = {64, 128, 256};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  strategy->create_buffers(buffer_request(0), sizes, results);
  EXPECT_EQ(violations_.counts(), (Counts{{"answer", 3}}));
}

TEST_F(CheckedStrategy, OneResourceIsHandedOutOnce) {
  const auto strategy = make(Fault::same_twice);
  (void)strategy->create_buffer(buffer_request(64));
  (void)strategy->create_buffer(buffer_request(64));
  EXPECT_EQ(violations_.counts(), (Counts{{"answer", 1}}));
}

TEST_F(CheckedStrategy, ADestroyOfTheDeadIsReportedAndNotPassedOn) {
  const auto strategy = make(Fault::none);
  const Allocation made = *strategy->create_buffer(buffer_request(64));
  strategy->destroy(made, 0);
  strategy->destroy(made, 0);
  EXPECT_EQ(broken_->destroyed, 1);
  EXPECT_EQ(violations_.counts(), (Counts{{"double_release", 1}}));
}

TEST_F(CheckedStrategy, WhatIsLiveAtTheEndIsALeak) {
  {
    const auto strategy = make(Fault::none);
    (void)strategy->create_buffer(buffer_request(64));
  }
  EXPECT_EQ(violations_.counts(), (Counts{{"freed_under", 1}, {"leak", 1}}));
}

TEST_F(CheckedStrategy, EverythingElsePassesThrough) {
  const auto strategy = make(Fault::none);
  const Allocation made = *strategy->create_buffer(buffer_request(64));
  EXPECT_EQ(strategy->map(made).result(), VK_ERROR_MEMORY_MAP_FAILED);
  EXPECT_EQ(strategy->flush(made, 0, 1), VK_INCOMPLETE);
  EXPECT_EQ(strategy->invalidate(made, 0, 1), VK_EVENT_SET);
  strategy->begin_frame(42);
  EXPECT_EQ(broken_->frame, 42u);
  ASSERT_EQ(strategy->pools().size(), 1u);
  EXPECT_EQ(strategy->pools().front().name, "only");
  strategy->destroy(made, 0);
}

TEST(CheckedNull, HasNothingToCheck) {
  const SimulatedFixture sim(test_profile());
  Violations violations;
  {
    Checked strategy(sim.d, sim.d, violations,
                     [](const Device& device) { return parse_strategy("null").make(device); });
    const Allocation made = *strategy.create_buffer(buffer_request(64));
    const Allocation other = *strategy.create_buffer(buffer_request(64));
    strategy.destroy(made, 0);
    strategy.destroy(other, 0);
  }
  EXPECT_EQ(violations.counts(), Counts());
}

}  // namespace
}  // namespace vkmembench
