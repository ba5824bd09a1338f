#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "allocator/core/upkeep/mover.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/device/real/vulkan_device.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_device.h"
#include "allocator/testing/transfer_fixture.h"
#include "allocator/transfer/copies.h"

namespace vkmembench {

// An allocator whose allocations hold bytes that are known, on a device whose calls can be made to fail. The bytes go
// in and out below the failing layers, through an allocator of the fixture's own.
class MovingFixture {
 public:
  struct Object {
    Allocation allocation;
    Bytes size = 0;
    Bytes alignment = 1;
    VkImageCreateInfo image{};
    unsigned seed = 0;
    bool mappable = false;
    bool filled = false;
  };

  explicit MovingFixture(std::unique_ptr<DeviceOwner> device_owner, const AllocatorOptions& options = {})
      : owner(std::move(device_owner)),
        faults(owner->device()),
        fences(faults.device()),
        allocator(fences.device(), {"moving", options, nullptr, {}}),
        below_(owner->device()),
        ring_(owner->device(), 1),
        staging_(*below_.create_buffer(buffer_info(kStaging), {.memory = MemoryUse::readback})),
        bytes_(*below_.map(staging_)) {}
  ~MovingFixture() {
    while (!objects.empty()) remove(objects.begin()->first);
    below_.unmap(staging_);
    below_.destroy(staging_);
  }
  MovingFixture(const MovingFixture&) = delete;
  MovingFixture& operator=(const MovingFixture&) = delete;

  // The new object's key, 0 when it was refused.
  std::uint64_t buffer(Bytes size, MemoryUse use = MemoryUse::device, Bytes alignment = 0, bool evictable = false) {
    const std::uint64_t user = ++last_user_;
    const auto made = allocator.create_buffer(
        buffer_info(size), {.memory = use, .alignment = alignment, .user = user, .evictable = evictable});
    if (!made) return 0;
    Object& object = objects[user];
    object.allocation = *made;
    object.size = size;
    object.alignment = std::max<Bytes>(alignment, 1);
    object.mappable = is_mappable(use);
    if (fill_) write(user);
    return user;
  }
  std::uint64_t image(VkExtent3D extent, std::uint32_t mips = 1, std::uint32_t layers = 1, bool filled = true) {
    const std::uint64_t user = ++last_user_;
    const VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, extent, mips, layers);
    const auto made = allocator.create_image(info, {.user = user});
    if (!made) return 0;
    Object& object = objects[user];
    object.allocation = *made;
    object.image = info;
    for (const Subresource& part : subresources(info)) object.size += part.size;
    if (filled && fill_) write(user);
    return user;
  }
  void remove(std::uint64_t user) {
    allocator.destroy(objects.at(user).allocation);
    objects.erase(user);
  }
  // What moved, as its user takes it in.
  void apply(const std::pmr::vector<Moved>& moved) {
    for (const Moved& move : moved) {
      Object& object = objects.at(move.user);
      ASSERT_EQ(object.allocation.resource, move.before.resource);
      ASSERT_NE(move.before.resource, move.after.resource);
      ASSERT_FALSE(move.before.memory == move.after.memory && move.before.offset == move.after.offset);
      ASSERT_EQ(move.after.offset % object.alignment, 0u);
      object.allocation = move.after;
    }
  }
  void fill_objects(bool fill) { fill_ = fill; }  // those made from now on

  void write(std::uint64_t user) {
    Object& object = objects.at(user);
    object.seed = static_cast<unsigned>(user * 31 + 1);
    object.filled = true;
    const std::vector<std::byte> data = pattern(object.size, object.seed);
    std::memcpy(bytes_, data.data(), data.size());
    ASSERT_EQ(below_.flush(staging_, 0, object.size), VK_SUCCESS);
    const VkCommandBuffer commands = *ring_.commands();
    const Device device = owner->device();
    if (object.allocation.image) {
      record_upload(device, commands, staging_.buffer(), 0, object.allocation.as_image(), parts_of(object), true);
      allocator.has_contents(object.allocation);
    } else {
      record_buffer_copy(device, commands, staging_.buffer(), object.allocation.buffer(), {0, 0, object.size});
    }
    run();
  }
  [[nodiscard]] std::vector<std::byte> read(const Object& object, Bytes size) {
    const VkCommandBuffer commands = *ring_.commands();
    const Device device = owner->device();
    if (object.allocation.image)
      record_readback(device, commands, object.allocation.as_image(), staging_.buffer(), 0, parts_of(object));
    else
      record_buffer_copy(device, commands, object.allocation.buffer(), staging_.buffer(), {0, 0, size});
    run();
    EXPECT_EQ(below_.invalidate(staging_, 0, size), VK_SUCCESS);
    return {bytes_, bytes_ + size};
  }
  // Every object that was filled has its bytes, and the allocator's counters say what a walk finds.
  void verify() {
    for (const auto& [user, object] : objects) {
      ASSERT_TRUE(allocator.contains(object.allocation));
      if (!object.filled) continue;
      ASSERT_TRUE(read(object, object.size) == pattern(object.size, object.seed)) << "object " << user;
    }
    verify_books();
  }
  void verify_books() const {
    const Statistics statistics = allocator.statistics();
    const DetailedStatistics detail = allocator.detail();
    ASSERT_EQ(statistics.pools.size(), detail.pools.size());
    for (std::size_t i = 0; i < detail.pools.size(); ++i)
      ASSERT_EQ(statistics.pools[i].now, detail.pools[i]) << statistics.pools[i].name;
    ASSERT_EQ(statistics.total.allocation_count, objects.size());
    ASSERT_EQ(allocator.live_allocations().size(), objects.size());
  }

  std::unique_ptr<DeviceOwner> owner;
  FaultLayer faults;
  StuckFences fences;
  Allocator allocator;
  std::map<std::uint64_t, Object> objects;

 private:
  static constexpr Bytes kStaging = 8 * kMiB;

  // Packed without gaps.
  static std::vector<Subresource> parts_of(const Object& object) {
    std::vector<Subresource> parts = subresources(object.image);
    for (Subresource& part : parts) part.region.bufferOffset = part.offset;
    return parts;
  }
  void run() {
    ASSERT_EQ(ring_.submit(), VK_SUCCESS);
    ASSERT_EQ(ring_.wait_all(), VK_SUCCESS);
  }

  Allocator below_;
  CommandRing ring_;
  Allocation staging_;
  std::byte* bytes_;
  std::uint64_t last_user_ = 0;
  bool fill_ = true;
};

// A simulated device whose device-local memory has bytes.
[[nodiscard]] inline std::unique_ptr<DeviceOwner> open_with_contents(const DeviceProfile& profile) {
  return open_simulated_device(profile, {.verify_contents = true});
}
// The profiles of test_profiles() by name, and "vulkan" for the machine's first device.
[[nodiscard]] inline std::vector<std::string> moving_devices() {
  std::vector<std::string> names;
  for (const DeviceProfile& profile : test_profiles()) names.push_back(profile.name);
  names.emplace_back("vulkan");
  return names;
}
// nullptr when the machine has no Vulkan device.
[[nodiscard]] inline std::unique_ptr<DeviceOwner> open_moving_device(const std::string& name) {
  if (name != "vulkan") return open_with_contents(test_profile(name));
  return list_vulkan_devices().infos.empty() ? nullptr : open_vulkan_device(0);
}

}  // namespace vkmembench
