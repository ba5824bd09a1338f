// What CoreStrategy does to live allocations by itself, and what it says of that.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>

#include "allocator/strategy/core/core_strategy.h"
#include "allocator/strategy/families.h"
#include "allocator/testing/moving_fixture.h"
#include "allocator/testing/strategy_fixture.h"

namespace vkmembench {
namespace {

class Upkeep : public testing::Test, public StrategyListener {
 protected:
  void start(const Parameters& parameters, bool concurrent = false) {
    strategy_ = core_family().make(owner_->device(), parameters);
    strategy_->start({.listener = this, .frames_in_flight = 2, .concurrent = concurrent});
  }
  void TearDown() override {
    for (const auto& [user, allocation] : live_) strategy_->destroy(allocation, 0);
    strategy_.reset();
    EXPECT_EQ(simulated_leaks(*owner_).total(), 0u);
  }
  bool add(std::uint64_t user, Bytes size, bool evictable) {
    BufferRequest request = buffer_request(size);
    request.usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    request.user = user;
    request.evictable = evictable;
    const Expected<Allocation> made = strategy_->create_buffer(request);
    if (made) live_[user] = *made;
    return static_cast<bool>(made);
  }
  void resize(std::uint64_t user, Bytes size) {
    BufferRequest request = buffer_request(size);
    request.usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    request.user = user;
    const Expected<Allocation> resized = strategy_->resize(live_.at(user), request);
    ASSERT_TRUE(resized);
    EXPECT_GE(resized->charged, size);
    live_[user] = *resized;
  }
  [[nodiscard]] std::optional<double> figure(Figure wanted) const {
    for (const StrategyFigure& one : strategy_->figures())
      if (one.figure == wanted) return one.value;
    return std::nullopt;
  }

  void moved(std::uint64_t user, const Allocation& after) override {
    ASSERT_TRUE(live_.contains(user));
    live_[user] = after;
    moved_.insert(user);
  }
  void evicted(std::uint64_t user) override {
    live_.erase(user);
    evicted_.insert(user);
  }
  void noticed(const Notice& notice) override { notices_.push_back(notice); }

  std::unique_ptr<DeviceOwner> owner_ = open_with_contents(test_profile("discrete"));
  std::unique_ptr<Strategy> strategy_;
  std::map<std::uint64_t, Allocation> live_;
  std::set<std::uint64_t> moved_;
  std::set<std::uint64_t> evicted_;
  std::vector<Notice> notices_;
};

TEST_F(Upkeep, ASmallerBudgetIsKeptInTheNextFrame) {
  start({});
  for (std::uint64_t user = 1; user <= 20; ++user) ASSERT_TRUE(add(user, 4 * kMiB, user > 4));
  strategy_->budget_changed(0, 40 * kMiB);
  strategy_->begin_frame(5);
  EXPECT_LE(dynamic_cast<CoreStrategy&>(*strategy_).allocator().budget().reserved(0), 40 * kMiB);
  EXPECT_EQ(evicted_.size(), 10u);
  for (std::uint64_t user = 1; user <= 4; ++user) EXPECT_FALSE(evicted_.contains(user));
  EXPECT_EQ(figure(Figure::pressure_callback_count), 1.0);
  EXPECT_GE(figure(Figure::pressure_freed_bytes), 40.0 * kMiB);
  EXPECT_FALSE(notices_.empty());
}

TEST_F(Upkeep, OnlyBetweenFramesWhenThreadsRun) {
  for (const bool concurrent : {false, true}) {
    start({{"fallback", std::string("forbid")}}, concurrent);
    for (std::uint64_t user = 1; user <= 16; ++user) ASSERT_TRUE(add(user, 16 * kMiB, true));
    strategy_->begin_frame(10);
    EXPECT_EQ(add(100, 16 * kMiB, false), !concurrent);
    EXPECT_EQ(evicted_.empty(), concurrent);
    for (const auto& [user, allocation] : live_) strategy_->destroy(allocation, 0);
    live_.clear();
    evicted_.clear();
  }
}

TEST_F(Upkeep, WithoutAListenerNothingChangesByItself) {
  strategy_ = core_family().make(owner_->device(), parse_strategy("core-tiers").parameters);
  for (std::uint64_t user = 1; user <= 4; ++user) ASSERT_TRUE(add(user, 4 * kMiB, true));
  strategy_->budget_changed(0, 0);
  resize(1, 5 * kMiB);
  resize(1, 100);
  const std::map<std::uint64_t, Allocation> before = live_;
  for (std::uint64_t n = 1; n < 1000; ++n) strategy_->begin_frame(n);
  EXPECT_EQ(figure(Figure::adaptive_shrink_count), 0.0);
  for (const auto& [user, allocation] : before)
    EXPECT_TRUE(dynamic_cast<CoreStrategy&>(*strategy_).allocator().contains(allocation));
}

TEST_F(Upkeep, ResizedBuffersGrowAheadAndShrinkLater) {
  start({{"adaptive_shrink_frames", std::uint64_t{3}}});
  ASSERT_TRUE(add(1, 10'000, false));
  ASSERT_TRUE(add(2, 10'000, false));
  resize(1, 10'001);
  const std::uint64_t resource = live_.at(1).resource;
  resize(1, 14'000);  // within the half more that it got
  EXPECT_EQ(live_.at(1).resource, resource);
  EXPECT_EQ(figure(Figure::adaptive_grow_count), 1.0);
  resize(1, 2000);
  EXPECT_EQ(live_.at(1).resource, resource);
  for (std::uint64_t n = 1; n <= 2; ++n) strategy_->begin_frame(n);
  EXPECT_TRUE(moved_.empty());
  strategy_->begin_frame(3);
  EXPECT_EQ(moved_, std::set<std::uint64_t>{1});
  EXPECT_EQ(figure(Figure::adaptive_shrink_count), 1.0);
  EXPECT_EQ(figure(Figure::adaptive_copied_bytes), 10'000.0 + 2400.0);
  strategy_->destroy(live_.at(1), 0);
  live_.erase(1);
  ASSERT_TRUE(add(1, 50'000, false));  // the same user again, and nothing is remembered of it
  for (std::uint64_t n = 4; n <= 20; ++n) strategy_->begin_frame(n);
  EXPECT_EQ(figure(Figure::adaptive_shrink_count), 1.0);
}

// The simulated device aborts when a descriptor reaches beyond its buffer.
TEST_F(Upkeep, DescriptorsFollowResizedBuffers) {
  for (const bool update_after_bind : {false, true}) {
    DeviceProfile profile = test_profile("discrete");
    profile.has_update_after_bind = update_after_bind;
    profile.max_stage_update_after_bind_storage_buffers = update_after_bind ? 100 : 0;
    profile.max_set_update_after_bind_storage_buffers = profile.max_stage_update_after_bind_storage_buffers;
    profile.limits.maxPerStageDescriptorStorageBuffers = profile.limits.maxDescriptorSetStorageBuffers = 8;
    profile.limits.maxStorageBufferRange = 2 * kMiB;
    owner_ = open_with_contents(profile);
    start({{"adaptive_shrink_frames", std::uint64_t{3}}});
    ASSERT_TRUE(add(1, kMiB, false));
    ASSERT_EQ(strategy_->bind(live_.at(1), kMiB), VK_SUCCESS);
    std::uint64_t n = 0;
    for (const Bytes size : {Bytes{65'536}, 2 * kMiB, Bytes{1000}}) {
      const std::uint64_t before = live_.at(1).resource;
      resize(1, size);
      for (int i = 0; i < 10; ++i) strategy_->begin_frame(++n);
      EXPECT_NE(live_.at(1).resource, before);
    }
    EXPECT_EQ(figure(Figure::adaptive_shrink_count), 2.0);
    resize(1, 4 * kMiB);  // more than a descriptor can show: the slot is given up
    EXPECT_EQ(strategy_->unbind(live_.at(1)), VK_ERROR_UNKNOWN);
    for (int i = 0; i < 10; ++i) strategy_->begin_frame(++n);
    strategy_->destroy(live_.at(1), 0);
    live_.clear();
    strategy_.reset();
    EXPECT_EQ(simulated_leaks(*owner_).total(), 0u);
  }
}

TEST_F(Upkeep, AliasesHaveDescriptorsOfTheirOwn) {
  DeviceProfile profile = test_profile("discrete");
  profile.limits.maxPerStageDescriptorStorageBuffers = profile.limits.maxDescriptorSetStorageBuffers = 8;
  profile.limits.maxStorageBufferRange = 2 * kMiB;
  owner_ = open_with_contents(profile);
  start({});
  ASSERT_TRUE(add(1, 64 * kKiB, false));
  BufferRequest request = buffer_request(kKiB);
  request.usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  request.user = 2;
  const Expected<Allocation> alias = strategy_->create_alias(request, live_.at(1), 0);
  ASSERT_TRUE(alias);
  EXPECT_EQ(strategy_->bind(*alias, kKiB), VK_SUCCESS);
  EXPECT_EQ(strategy_->bind(live_.at(1), 64 * kKiB), VK_SUCCESS);
  EXPECT_EQ(figure(Figure::bindless_peak_count), 2.0);
  strategy_->destroy(*alias, 0);  // and its slot with it
  EXPECT_EQ(strategy_->unbind(live_.at(1)), VK_SUCCESS);
}

TEST_F(Upkeep, AnEvictedAdaptiveBufferIsForgotten) {
  start({{"adaptive_shrink_frames", std::uint64_t{3}}});
  ASSERT_TRUE(add(1, 4 * kMiB, true));
  resize(1, 5 * kMiB);
  strategy_->budget_changed(0, 0);
  strategy_->begin_frame(3);
  EXPECT_EQ(evicted_, std::set<std::uint64_t>{1});
  for (std::uint64_t n = 4; n <= 20; ++n) strategy_->begin_frame(n);
  EXPECT_TRUE(moved_.empty());
}

TEST_F(Upkeep, TiersMoveWhatIsIdleAndSaySo) {
  start(parse_strategy("core-tiers").parameters);
  ASSERT_TRUE(add(1, 10'000, false));
  ASSERT_TRUE(add(2, 10'000, false));
  for (std::uint64_t n = 1; n <= 61; ++n) {
    strategy_->begin_frame(n);
    if (n % 15 == 0) strategy_->touch(live_.at(2));
  }
  EXPECT_EQ(moved_, std::set<std::uint64_t>{1});
  EXPECT_EQ(live_.at(1).memory_type, 1u);
  EXPECT_EQ(figure(Figure::tier_migrations_count), 1.0);
  EXPECT_GE(figure(Figure::tier_bytes), 10'000.0);
}

}  // namespace
}  // namespace vkmembench
