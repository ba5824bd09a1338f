// Defragmentation as a strategy's user sees it: every preset that has it, through the seam.
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/strategy_fixture.h"
#include "allocator/transfer/command_ring.h"
#include "allocator/transfer/copies.h"

namespace vkmembench {
namespace {

struct Object {
  Allocation allocation;
  Bytes size = 0;
  VkImageCreateInfo image{};
};

// What the user of a strategy knows: what lives where, and what it was told.
class User : public StrategyListener {
 public:
  explicit User(const Device& device, const std::string& preset, const Parameters& parameters = {})
      : device_(device), ring_(device, 1) {
    StrategySpec spec = strategy_with(preset, preset, parameters);
    strategy_ = spec.family->make(device, spec.parameters);
  }
  void start(std::uint32_t frames_in_flight = 0) {
    strategy_->start({.listener = this, .frames_in_flight = frames_in_flight});
    staging_ = *strategy_->create_buffer(buffer_request(kMiB, MemoryUse::readback));
    bytes_ = *strategy_->map(staging_);
  }
  ~User() override {
    for (const auto& [user, object] : objects) strategy_->destroy(object.allocation, 0);
    strategy_->unmap(staging_);
    strategy_->destroy(staging_, 0);
  }

  void moved(std::uint64_t user, const Allocation& after) override {
    ++moves;
    ASSERT_EQ(objects.count(user), 1u);
    ASSERT_NE(objects[user].allocation.resource, after.resource);
    objects[user].allocation = after;
  }
  void evicted(std::uint64_t) override { FAIL() << "nothing is evictable"; }
  void noticed(const Notice& notice) override {
    if (notice.kind == Notice::Kind::defragment_pass) passes.push_back(notice);
  }

  std::uint64_t buffer(Bytes size) {
    BufferRequest request = buffer_request(size);
    request.user = ++last_;
    objects[last_] = {*strategy_->create_buffer(request), size, {}};
    fill(last_);
    return last_;
  }
  std::uint64_t image(std::uint32_t side) {
    ImageRequest request = image_request(side, side);
    request.mips = 2;
    request.user = ++last_;
    Object& object = objects[last_];
    object.allocation = *strategy_->create_image(request);
    object.image = create_info(request);
    for (const Subresource& part : subresources(object.image)) object.size += part.size;
    fill(last_);
    return last_;
  }
  void remove(std::uint64_t user) {
    strategy_->destroy(objects.at(user).allocation, 0);
    objects.erase(user);
  }
  void verify() {
    for (const auto& [user, object] : objects) {
      const VkCommandBuffer commands = *ring_.commands();
      if (object.allocation.image)
        record_readback(device_, commands, object.allocation.as_image(), staging_.buffer(), 0, packed(object));
      else
        record_buffer_copy(device_, commands, object.allocation.buffer(), staging_.buffer(), {0, 0, object.size});
      run();
      ASSERT_EQ(strategy_->invalidate(staging_, 0, object.size), VK_SUCCESS);
      const std::vector<std::byte> expected = pattern(object.size, static_cast<unsigned>(user));
      ASSERT_EQ(std::memcmp(bytes_, expected.data(), object.size), 0) << user;
    }
  }
  [[nodiscard]] Strategy& strategy() { return *strategy_; }
  [[nodiscard]] Bytes held() const {
    Bytes bytes = 0;
    for (const PoolStatistics& pool : strategy_->pools()) bytes += pool.block_bytes;
    return bytes;
  }
  [[nodiscard]] double figure(Figure wanted) const {
    for (const StrategyFigure& one : strategy_->figures())
      if (one.figure == wanted) return one.value;
    return -1;
  }

  std::map<std::uint64_t, Object> objects;
  std::vector<Notice> passes;
  std::uint64_t moves = 0;

 private:
  static std::vector<Subresource> packed(const Object& object) {
    std::vector<Subresource> parts = subresources(object.image);
    for (Subresource& part : parts) part.region.bufferOffset = part.offset;
    return parts;
  }
  void fill(std::uint64_t user) {
    const Object& object = objects.at(user);
    const std::vector<std::byte> data = pattern(object.size, static_cast<unsigned>(user));
    std::memcpy(bytes_, data.data(), data.size());
    ASSERT_EQ(strategy_->flush(staging_, 0, object.size), VK_SUCCESS);
    const VkCommandBuffer commands = *ring_.commands();
    if (object.allocation.image)
      record_upload(device_, commands, staging_.buffer(), 0, object.allocation.as_image(), packed(object), true);
    else
      record_buffer_copy(device_, commands, staging_.buffer(), object.allocation.buffer(), {0, 0, object.size});
    run();
    if (object.allocation.image) strategy_->has_contents(object.allocation);
  }
  void run() {
    ASSERT_EQ(ring_.submit(), VK_SUCCESS);
    ASSERT_EQ(ring_.wait_all(), VK_SUCCESS);
  }

  Device device_;
  CommandRing ring_;
  std::unique_ptr<Strategy> strategy_;
  Allocation staging_;
  std::byte* bytes_ = nullptr;
  std::uint64_t last_ = 0;
};

Parameters small_blocks(const std::string& preset) {
  if (preset.starts_with("vma")) return {{"preferred_block_bytes", std::uint64_t{512 * kKiB}}};
  return {{"min_block_bytes", std::uint64_t{256 * kKiB}}, {"max_block_bytes", std::uint64_t{256 * kKiB}}};
}

// With a heap large enough for VMA to take preferred_block_bytes at its word.
DeviceProfile roomy() {
  DeviceProfile profile = test_profile("unified");
  profile.memory.memoryHeaps[0].size = profile.budgets[0] = 4 * kGiB;
  return profile;
}

// Half of what was made is gone, at random places.
void scatter(User& user, int count = 500) {
  std::vector<std::uint64_t> made;
  for (int i = 0; i < count; ++i)
    made.push_back(i % 4 == 3 ? user.image(8 + static_cast<std::uint32_t>(i * 7 % 60))
                              : user.buffer(1 + static_cast<Bytes>(i * 7919 % 20'000)));
  for (std::size_t i = 0; i < made.size(); ++i)
    if (i * 31 % 7 < 4) user.remove(made[i]);
}

class Defragmenting : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Presets, Defragmenting,
                         testing::Values("vma", "vma-min-memory", "core-default", "core-speed", "core-memory"),
                         [](const auto& row) { return test_name(row.param); });

TEST_P(Defragmenting, GivesMemoryBackAndTellsOfEveryMove) {
  const auto owner = open_simulated_device(roomy(), {.verify_contents = true});
  {
    User user(owner->device(), GetParam(), small_blocks(GetParam()));
    user.start();
    scatter(user);
    const Bytes before = user.held();
    EXPECT_EQ(user.figure(Figure::defrag_passes_count), -1.0);  // not said
    ASSERT_EQ(user.strategy().defragment({.max_bytes_per_pass = 200'000, .max_moves_per_pass = 30}), VK_SUCCESS);
    EXPECT_EQ(user.moves, 0u);  // nothing moves outside begin_frame()
    for (std::uint64_t frame = 1; frame < 200; ++frame) {
      const std::uint64_t moves = user.moves;
      user.strategy().begin_frame(frame);
      EXPECT_LE(user.moves - moves, 30u);
      ASSERT_NO_FATAL_FAILURE(user.verify());
    }
    EXPECT_GT(user.moves, 10u);
    EXPECT_LT(user.held(), before);
    EXPECT_EQ(user.figure(Figure::defrag_moves_count), static_cast<double>(user.moves));
    EXPECT_EQ(user.figure(Figure::defrag_passes_count), static_cast<double>(user.passes.size()));
    EXPECT_EQ(user.figure(Figure::defrag_bytes_freed), static_cast<double>(before - user.held()));
    EXPECT_GT(user.figure(Figure::defrag_frag_before_ratio), 0.0);
    std::uint64_t noticed = 0;
    for (const Notice& notice : user.passes) noticed += notice.count;
    EXPECT_EQ(noticed, user.moves);
  }
  EXPECT_EQ(simulated_leaks(*owner).buffers, 0u);
  EXPECT_EQ(simulated_leaks(*owner).images, 0u);
  EXPECT_EQ(simulated_leaks(*owner).memories, 0u);
}

TEST_P(Defragmenting, OnlyMarkedAllocationsMove) {
  const auto owner = open_simulated_device(roomy(), {.verify_contents = true});
  User user(owner->device(), GetParam(), small_blocks(GetParam()));
  user.start();
  scatter(user);
  std::map<std::uint64_t, std::uint64_t> before;
  std::size_t nth = 0;
  for (const auto& [id, object] : user.objects) {
    if (nth++ % 10 == 0)
      ASSERT_EQ(user.strategy().mark(object.allocation), VK_SUCCESS);
    else
      before[id] = object.allocation.resource;
  }
  ASSERT_EQ(user.strategy().defragment({.select = DefragmentSelect::marked, .max_moves_per_pass = 16}), VK_SUCCESS);
  for (std::uint64_t frame = 1; frame < 400; ++frame) user.strategy().begin_frame(frame);
  ASSERT_NO_FATAL_FAILURE(user.verify());
  EXPECT_GT(user.moves, 4u);
  for (const auto& [id, resource] : before) EXPECT_EQ(user.objects.at(id).allocation.resource, resource);
}

TEST_P(Defragmenting, NeedsAListener) {
  const auto owner = open_simulated_device(roomy());
  const StrategySpec spec = strategy_with(GetParam(), GetParam(), {});
  const auto strategy = spec.family->make(owner->device(), spec.parameters);
  strategy->start({});
  const Allocation allocation = *strategy->create_buffer(buffer_request(100));
  EXPECT_EQ(strategy->mark(allocation), VK_ERROR_FEATURE_NOT_PRESENT);
  EXPECT_EQ(strategy->defragment({}), VK_ERROR_FEATURE_NOT_PRESENT);
  strategy->begin_frame(1);
  for (const StrategyFigure& one : strategy->figures()) EXPECT_NE(one.figure, Figure::defrag_passes_count);
  strategy->destroy(allocation, 0);
}

TEST(AutomaticDefragmentation, StartsAboveTheLimitOnceInItsFrames) {
  const auto owner = open_simulated_device(roomy(), {.model_clock = true, .verify_contents = true});
  Parameters parameters = small_blocks("core-memory");
  parameters.emplace_back("auto_defragment_frames", std::uint64_t{100});
  User user(owner->device(), "core-memory", parameters);
  user.start();
  scatter(user);
  for (std::uint64_t frame = 1; frame < 100; ++frame) user.strategy().begin_frame(frame);
  EXPECT_EQ(user.moves, 0u);
  for (std::uint64_t frame = 100; frame < 150; ++frame) user.strategy().begin_frame(frame);
  EXPECT_GT(user.moves, 0u);
  ASSERT_NO_FATAL_FAILURE(user.verify());
}

TEST(AutomaticDefragmentation, IsOffUnlessAskedFor) {
  const auto owner = open_simulated_device(roomy(), {.verify_contents = true});
  Parameters parameters = small_blocks("core-default");
  parameters.emplace_back("auto_defragment_frames", std::uint64_t{1});
  User user(owner->device(), "core-default", parameters);
  user.start();
  scatter(user);
  for (std::uint64_t frame = 1; frame < 100; ++frame) user.strategy().begin_frame(frame);
  EXPECT_EQ(user.moves, 0u);
}

}  // namespace
}  // namespace vkmembench
