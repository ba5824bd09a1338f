#include <gtest/gtest.h>

#include <ostream>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kCoherentType = 1;
constexpr VkBufferUsageFlags kStorage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;

DeviceProfile plain_profile() {
  DeviceProfile profile = test_profile();
  profile.has_update_after_bind = false;
  return profile;
}

// The calls that the tests repeat, each with what most of them need.
struct Stage : SimulatedFixture {
  using SimulatedFixture::SimulatedFixture;

  VkDescriptorSetLayout layout(std::uint32_t count, bool update_after_bind = false, bool for_its_pools = true,
                               VkDescriptorType type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER) const {
    const VkDescriptorBindingFlags flag = VK_DESCRIPTOR_BINDING_UPDATE_AFTER_BIND_BIT;
    const VkDescriptorSetLayoutBindingFlagsCreateInfo flags = {
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO, nullptr, 1, &flag};
    const VkDescriptorSetLayoutBinding binding = {3, type, count, VK_SHADER_STAGE_ALL, nullptr};
    VkDescriptorSetLayoutCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
    info.bindingCount = 1;
    info.pBindings = &binding;
    if (update_after_bind) info.pNext = &flags;
    if (update_after_bind && for_its_pools) info.flags = VK_DESCRIPTOR_SET_LAYOUT_CREATE_UPDATE_AFTER_BIND_POOL_BIT;
    VkDescriptorSetLayout out = VK_NULL_HANDLE;
    EXPECT_EQ(d.fn.create_descriptor_set_layout(d.handle, &info, nullptr, &out), VK_SUCCESS);
    return out;
  }
  VkDescriptorPool descriptor_pool(std::uint32_t sets, std::uint32_t descriptors,
                                   VkDescriptorPoolCreateFlags flags = 0) const {
    const VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, descriptors};
    const VkDescriptorPoolCreateInfo info = {
        VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, nullptr, flags, sets, 1, &size};
    VkDescriptorPool out = VK_NULL_HANDLE;
    EXPECT_EQ(d.fn.create_descriptor_pool(d.handle, &info, nullptr, &out), VK_SUCCESS);
    return out;
  }
  VkResult allocate_sets(VkDescriptorPool from, const std::vector<VkDescriptorSetLayout>& layouts,
                         VkDescriptorSet* out) const {
    const VkDescriptorSetAllocateInfo info = {VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, nullptr, from,
                                              static_cast<std::uint32_t>(layouts.size()), layouts.data()};
    return d.fn.allocate_descriptor_sets(d.handle, &info, out);
  }
  VkDescriptorSet set(std::uint32_t count) const {
    VkDescriptorSet out = VK_NULL_HANDLE;
    EXPECT_EQ(allocate_sets(descriptor_pool(1, count), {layout(count)}, &out), VK_SUCCESS);
    return out;
  }
  VkBuffer storage(Bytes size = 256, VkBufferUsageFlags usage = kStorage) const {
    const VkBuffer made = buffer(size, usage);
    give_memory(made, kCoherentType);
    return made;
  }
  void write(VkDescriptorSet to, std::uint32_t element, VkDescriptorBufferInfo part, std::uint32_t binding = 3) const {
    VkWriteDescriptorSet info{};
    info.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    info.dstSet = to;
    info.dstBinding = binding;
    info.dstArrayElement = element;
    info.descriptorCount = 1;
    info.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    info.pBufferInfo = &part;
    d.fn.update_descriptor_sets(d.handle, 1, &info, 0, nullptr);
  }
};

TEST(SimulatedDescriptors, KeepWhatWasWritten) {
  const Stage stage(test_profile());
  const VkDescriptorSet set = stage.set(4);
  const VkBuffer buffer = stage.storage();
  EXPECT_EQ(simulated_descriptor(set, 2).buffer, VkBuffer{VK_NULL_HANDLE});
  stage.write(set, 2, {buffer, 64, 32});
  stage.write(set, 3, {buffer, 0, VK_WHOLE_SIZE});
  EXPECT_EQ(simulated_descriptor(set, 2).buffer, buffer);
  EXPECT_EQ(simulated_descriptor(set, 2).offset, 64u);
  EXPECT_EQ(simulated_descriptor(set, 2).range, 32u);
  EXPECT_EQ(simulated_descriptor(set, 3).range, VK_WHOLE_SIZE);
  EXPECT_EQ(simulated_descriptor(set, 1).buffer, VkBuffer{VK_NULL_HANDLE});
}

TEST(SimulatedDescriptors, PoolsRunOutOfSetsAndOfDescriptors) {
  const Stage stage(test_profile());
  const VkDescriptorSetLayout three = stage.layout(3);
  const VkDescriptorPool pool = stage.descriptor_pool(3, 7);
  VkDescriptorSet sets[2] = {};
  ASSERT_EQ(stage.allocate_sets(pool, {three, three}, sets), VK_SUCCESS);
  EXPECT_NE(sets[0], sets[1]);
  EXPECT_EQ(stage.allocate_sets(pool, {three}, sets), VK_ERROR_OUT_OF_POOL_MEMORY);  // one descriptor left
  EXPECT_EQ(sets[0], VkDescriptorSet{VK_NULL_HANDLE});
  EXPECT_EQ(stage.allocate_sets(pool, {stage.layout(1)}, sets), VK_SUCCESS);
  EXPECT_EQ(stage.allocate_sets(pool, {stage.layout(0)}, sets), VK_ERROR_OUT_OF_POOL_MEMORY);  // no set left
}

TEST(SimulatedDescriptors, AreLeaksUntilDestroyed) {
  const Stage stage(test_profile());
  const VkDescriptorSetLayout layout = stage.layout(2);
  const VkDescriptorPool pool = stage.descriptor_pool(2, 4);
  VkDescriptorSet sets[2] = {};
  ASSERT_EQ(stage.allocate_sets(pool, {layout, layout}, sets), VK_SUCCESS);
  const SimulatedLeaks leaks = simulated_leaks(*stage.owner);
  EXPECT_EQ(leaks.descriptor_set_layouts, 1u);
  EXPECT_EQ(leaks.descriptor_pools, 1u);
  EXPECT_EQ(leaks.descriptor_sets, 2u);
  EXPECT_EQ(leaks.total(), 4u);
  stage.d.fn.destroy_descriptor_pool(stage.d.handle, pool, nullptr);
  stage.d.fn.destroy_descriptor_set_layout(stage.d.handle, layout, nullptr);
  stage.d.fn.destroy_descriptor_pool(stage.d.handle, VK_NULL_HANDLE, nullptr);
  stage.d.fn.destroy_descriptor_set_layout(stage.d.handle, VK_NULL_HANDLE, nullptr);
  EXPECT_EQ(simulated_leaks(*stage.owner).total(), 0u);
}

TEST(SimulatedDescriptors, LimitsAreThoseOfTheProfile) {
  EXPECT_EQ(Stage(test_profile()).d.info->max_bindless_storage_buffers, 100u);
  EXPECT_TRUE(Stage(test_profile()).d.info->has_update_after_bind);
  EXPECT_EQ(Stage(plain_profile()).d.info->max_bindless_storage_buffers, 8u);
  EXPECT_FALSE(Stage(plain_profile()).d.info->has_update_after_bind);
  const Stage stage(test_profile());
  EXPECT_NE(stage.layout(100, true), VkDescriptorSetLayout{VK_NULL_HANDLE});
  EXPECT_NE(stage.layout(8), VkDescriptorSetLayout{VK_NULL_HANDLE});
}

TEST(SimulatedDescriptors, TheModelChargesForEachDescriptor) {
  DeviceProfile profile = test_profile();
  profile.costs[static_cast<std::size_t>(EntryPoint::update_descriptor_sets)] = {7, 3 * kMiB / 16};
  const Stage stage(profile, {.model_clock = true});
  const VkDescriptorSet set = stage.set(4);
  const VkDescriptorBufferInfo part = {stage.storage(), 0, 64};
  const std::uint64_t before = *stage.d.model_ns;
  stage.write(set, 0, part);
  EXPECT_EQ(*stage.d.model_ns - before, 7u + 3u);
}

// What must abort, and what the message says.
struct Misuse {
  const char* name;
  const char* message;
  void (*act)(const Stage& stage);
  bool plain = false;  // on a device without update-after-bind
};
void PrintTo(const Misuse& misuse, std::ostream* out) { *out << misuse.name; }

const Misuse kMisuses[] = {
    {"layout_destroyed_twice", "destroyed object",
     [](const Stage& stage) {
       const VkDescriptorSetLayout layout = stage.layout(1);
       stage.d.fn.destroy_descriptor_set_layout(stage.d.handle, layout, nullptr);
       stage.d.fn.destroy_descriptor_set_layout(stage.d.handle, layout, nullptr);
     }},
    {"pool_destroyed_twice", "destroyed object",
     [](const Stage& stage) {
       const VkDescriptorPool pool = stage.descriptor_pool(1, 1);
       stage.d.fn.destroy_descriptor_pool(stage.d.handle, pool, nullptr);
       stage.d.fn.destroy_descriptor_pool(stage.d.handle, pool, nullptr);
     }},
    {"set_of_a_destroyed_layout", "destroyed object",
     [](const Stage& stage) {
       const VkDescriptorSetLayout layout = stage.layout(1);
       stage.d.fn.destroy_descriptor_set_layout(stage.d.handle, layout, nullptr);
       VkDescriptorSet set = VK_NULL_HANDLE;
       static_cast<void>(stage.allocate_sets(stage.descriptor_pool(1, 1), {layout}, &set));
     }},
    {"write_after_the_pool_is_gone", "destroyed object",
     [](const Stage& stage) {
       const VkDescriptorPool pool = stage.descriptor_pool(1, 1);
       VkDescriptorSet set = VK_NULL_HANDLE;
       static_cast<void>(stage.allocate_sets(pool, {stage.layout(1)}, &set));
       stage.d.fn.destroy_descriptor_pool(stage.d.handle, pool, nullptr);
       stage.write(set, 0, {stage.storage(), 0, 64});
     }},
    {"write_after_the_layout_is_gone", "destroyed object",
     [](const Stage& stage) {
       const VkDescriptorSetLayout layout = stage.layout(1);
       VkDescriptorSet set = VK_NULL_HANDLE;
       static_cast<void>(stage.allocate_sets(stage.descriptor_pool(1, 1), {layout}, &set));
       stage.d.fn.destroy_descriptor_set_layout(stage.d.handle, layout, nullptr);
       stage.write(set, 0, {stage.storage(), 0, 64});
     }},
    {"write_beyond_the_layout", "beyond the layout",
     [](const Stage& stage) {
       stage.write(stage.set(4), 4, {stage.storage(), 0, 64});
     }},
    {"write_of_a_missing_binding", "that the layout lacks",
     [](const Stage& stage) {
       stage.write(stage.set(4), 0, {stage.storage(), 0, 64}, 0);
     }},
    {"write_of_a_destroyed_buffer", "destroyed object",
     [](const Stage& stage) {
       const VkBuffer buffer = stage.storage();
       stage.d.fn.destroy_buffer(stage.d.handle, buffer, nullptr);
       stage.write(stage.set(1), 0, {buffer, 0, 64});
     }},
    {"write_of_no_buffer", "no simulated device gave",
     [](const Stage& stage) {
       stage.write(stage.set(1), 0, {VK_NULL_HANDLE, 0, VK_WHOLE_SIZE});
     }},
    {"write_of_an_unbound_buffer", "without memory",
     [](const Stage& stage) {
       stage.write(stage.set(1), 0, {stage.buffer(64, kStorage), 0, 64});
     }},
    {"write_of_a_buffer_whose_memory_is_gone", "destroyed object",
     [](const Stage& stage) {
       const VkBuffer buffer = stage.buffer(64, kStorage);
       stage.d.fn.free_memory(stage.d.handle, stage.give_memory(buffer, kCoherentType), nullptr);
       stage.write(stage.set(1), 0, {buffer, 0, 64});
     }},
    {"write_of_another_usage", "no storage buffer",
     [](const Stage& stage) {
       stage.write(stage.set(1), 0, {stage.storage(256, kTransfer), 0, 64});
     }},
    {"write_at_an_unaligned_offset", "unaligned offset",
     [](const Stage& stage) {
       stage.write(stage.set(1), 0, {stage.storage(), 16, 64});
     }},
    {"write_beyond_the_buffer", "beyond the buffer",
     [](const Stage& stage) {
       stage.write(stage.set(1), 0, {stage.storage(), 192, 65});
     }},
    {"write_from_the_end", "beyond the buffer",
     [](const Stage& stage) {
       stage.write(stage.set(1), 0, {stage.storage(), 256, VK_WHOLE_SIZE});
     }},
    {"write_of_no_bytes", "descriptor of nothing",
     [](const Stage& stage) {
       stage.write(stage.set(1), 0, {stage.storage(), 0, 0});
     }},
    {"write_of_too_many_bytes", "maxStorageBufferRange",
     [](const Stage& stage) {
       stage.write(stage.set(1), 0, {stage.storage(32 * kKiB), 0, VK_WHOLE_SIZE});
     }},
    {"pool_of_no_sets", "no sets", [](const Stage& stage) { stage.descriptor_pool(0, 1); }},
    {"layout_of_another_type", "not simulated",
     [](const Stage& stage) { stage.layout(1, false, true, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER); }},
    {"layout_beyond_the_plain_limit", "more storage buffers", [](const Stage& stage) { stage.layout(9); }},
    {"layout_beyond_the_limit", "more storage buffers", [](const Stage& stage) { stage.layout(101, true); }},
    {"binding_without_its_layout_flag", "not for update-after-bind pools",
     [](const Stage& stage) { stage.layout(1, true, false); }},
    {"set_from_a_plain_pool", "not for it",
     [](const Stage& stage) {
       VkDescriptorSet set = VK_NULL_HANDLE;
       static_cast<void>(stage.allocate_sets(stage.descriptor_pool(1, 1), {stage.layout(1, true)}, &set));
     }},
    {"update_after_bind_where_there_is_none", "which the device lacks",
     [](const Stage& stage) { stage.layout(1, true); }, true},
};

class EveryDescriptorMisuse : public testing::TestWithParam<Misuse> {};

TEST_P(EveryDescriptorMisuse, Aborts) {
  const Stage stage(GetParam().plain ? plain_profile() : test_profile());
  EXPECT_DEATH(GetParam().act(stage), GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(Table, EveryDescriptorMisuse, testing::ValuesIn(kMisuses),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace vkmembench
