#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "allocator/core/descriptors/bindless_registry.h"
#include "allocator/device/simulated/simulated_device.h"
#include "allocator/testing/bindless_registry_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kCapacity = 8;
using Content = std::array<VkBuffer, kCapacity>;

struct Setting {
  bool update_after_bind;
  std::uint32_t frames_in_flight;
};

// What the registry promises, kept in the plainest way: who is live in which slot, when slots were left, and what each
// set showed when its frame began.
struct Model {
  std::map<std::uint32_t, std::pair<BindlessId, VkBuffer>> live;  // by slot
  std::map<std::uint32_t, std::uint64_t> left;                    // by slot: the frame in which its id was removed
  std::vector<BindlessId> stale;
  std::map<VkDescriptorSet, Content> frozen;  // of frames in flight
};

Content content_of(VkDescriptorSet set) {
  Content content{};
  for (std::uint32_t slot = 0; slot < kCapacity; ++slot) content[slot] = simulated_descriptor(set, slot).buffer;
  return content;
}

class BindlessProperty : public testing::TestWithParam<std::tuple<Setting, unsigned>> {
 protected:
  void SetUp() override {
    DeviceProfile profile = test_profile();
    profile.has_update_after_bind = setting_.update_after_bind;
    owner_ = open_simulated_device(profile);
  }

  void add(BindlessRegistry& registry, const StorageBuffers& buffers) {
    const VkBuffer buffer = buffers[random_() % 64];
    const Expected<BindlessId> id = registry.add(buffer, 0, StorageBuffers::kSize);
    std::size_t waiting = 0;
    for (const auto& [slot, frame] : model_.left) waiting += frame + setting_.frames_in_flight > frame_ ? 1 : 0;
    ASSERT_EQ(static_cast<bool>(id), model_.live.size() + waiting < kCapacity);
    if (!id) {
      ASSERT_EQ(id.result(), VK_ERROR_OUT_OF_POOL_MEMORY);
      ++refused_;
      return;
    }
    ASSERT_LT(id->slot, kCapacity);
    ASSERT_FALSE(model_.live.contains(id->slot));
    const auto left = model_.left.find(id->slot);
    if (left != model_.left.end()) {
      ASSERT_LE(left->second + setting_.frames_in_flight, frame_);
      model_.left.erase(left);
    }
    for (const BindlessId old : model_.stale) ASSERT_NE(old, *id);
    model_.live[id->slot] = {*id, buffer};
    peak_ = std::max(peak_, model_.live.size());
  }
  void remove(BindlessRegistry& registry) {
    const auto victim = std::next(model_.live.begin(), static_cast<std::ptrdiff_t>(random_() % model_.live.size()));
    ASSERT_EQ(registry.remove(victim->second.first), VK_SUCCESS);
    model_.left[victim->first] = frame_;
    model_.stale.push_back(victim->second.first);
    model_.live.erase(victim);
  }
  void move(BindlessRegistry& registry, const StorageBuffers& buffers) {
    auto& [id, buffer] =
        std::next(model_.live.begin(), static_cast<std::ptrdiff_t>(random_() % model_.live.size()))->second;
    buffer = buffers[random_() % 64];
    ASSERT_EQ(registry.moved(id, buffer), VK_SUCCESS);
  }
  void use_stale(BindlessRegistry& registry, const StorageBuffers& buffers) {
    const BindlessId id = model_.stale[random_() % model_.stale.size()];
    ASSERT_FALSE(registry.contains(id));
    ASSERT_EQ(registry.remove(id), VK_ERROR_UNKNOWN);
    ASSERT_EQ(registry.moved(id, buffers[0]), VK_ERROR_UNKNOWN);
  }
  void begin(BindlessRegistry& registry) {
    registry.begin_frame(number_ += 1 + random_() % 3);
    ++frame_;
    const VkDescriptorSet set = registry.descriptor_set();
    const Content content = content_of(set);
    for (const auto& [slot, row] : model_.live) ASSERT_EQ(content[slot], row.second);
    if (setting_.update_after_bind) return;
    for (std::uint32_t slot = 0; slot < kCapacity; ++slot) {
      if (model_.live.contains(slot)) continue;
      ASSERT_EQ(content[slot], placeholder_) << "slot " << slot;
    }
    model_.frozen[set] = content;
    ASSERT_LE(model_.frozen.size(), setting_.frames_in_flight);
  }
  void check(const BindlessRegistry& registry) const {
    ASSERT_EQ(registry.counts().live, model_.live.size());
    ASSERT_EQ(registry.counts().peak, peak_);
    ASSERT_EQ(registry.counts().refused, refused_);
    for (const auto& [set, content] : model_.frozen) ASSERT_EQ(content_of(set), content) << "written in flight";
    if (!setting_.update_after_bind) return;
    const Content content = content_of(registry.descriptor_set());
    for (const auto& [slot, row] : model_.live) ASSERT_EQ(content[slot], row.second);
  }

  const Setting setting_ = std::get<0>(GetParam());
  std::mt19937 random_{std::get<1>(GetParam())};
  std::unique_ptr<DeviceOwner> owner_;
  Model model_;
  std::uint64_t frame_ = 0;   // frames begun
  std::uint64_t number_ = 0;  // of the last
  std::size_t peak_ = 0;
  std::uint64_t refused_ = 0;
  VkBuffer placeholder_ = VK_NULL_HANDLE;
};

TEST_P(BindlessProperty, KeepsWhatItPromises) {
  {
    const StorageBuffers buffers(owner_->device(), 64);
    BindlessRegistry registry(owner_->device(), {kCapacity, setting_.frames_in_flight});
    placeholder_ = simulated_descriptor(registry.descriptor_set(), 0).buffer;
    ASSERT_EQ(placeholder_ == VK_NULL_HANDLE, setting_.update_after_bind);
    for (int step = 0; step < 3000 && !HasFatalFailure(); ++step) {
      const unsigned dice = random_() % 16;
      if (dice < 7)
        add(registry, buffers);
      else if (dice < 11 && !model_.live.empty())
        remove(registry);
      else if (dice < 12 && !model_.live.empty())
        move(registry, buffers);
      else if (dice < 13 && !model_.stale.empty())
        use_stale(registry, buffers);
      else
        begin(registry);
      check(registry);
    }
    EXPECT_EQ(peak_, kCapacity);
    EXPECT_GT(refused_, 0u);
  }
  EXPECT_EQ(simulated_leaks(*owner_).total(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Random, BindlessProperty,
                         testing::Combine(testing::Values(Setting{true, 1}, Setting{true, 2}, Setting{true, 3},
                                                          Setting{false, 1}, Setting{false, 2}, Setting{false, 3},
                                                          Setting{false, 5}),
                                          testing::Range(1u, 4u)),
                         [](const auto& row) {
                           const Setting setting = std::get<0>(row.param);
                           return std::string(setting.update_after_bind ? "update_after_bind_" : "plain_") +
                                  std::to_string(setting.frames_in_flight) + "_seed_" +
                                  std::to_string(std::get<1>(row.param));
                         });

}  // namespace
}  // namespace vkmembench
