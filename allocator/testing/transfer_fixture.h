#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <vector>

#include "allocator/device/layers/fault_layer.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {

// While `stuck`, no fence signals in time.
class StuckFences : public Layer<StuckFences> {
 public:
  using Layer::Layer;
  [[nodiscard]] static constexpr bool intercepts(EntryPoint entry) { return entry == EntryPoint::wait_for_fences; }
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    ++waits;
    if constexpr (E == EntryPoint::wait_for_fences) {
      if (stuck) return VK_TIMEOUT;
    }
    return call();
  }
  std::atomic<bool> stuck{false};
  std::atomic<std::uint64_t> waits{0};
};

// test_profile() with as many memory objects as a test likes.
inline DeviceProfile transfer_profile() {
  DeviceProfile profile = vkmembench::test_profile();
  profile.limits.maxMemoryAllocationCount = 100000;
  return profile;
}

// Its host memory takes a flush to reach the device.
inline DeviceProfile noncoherent_profile() {
  DeviceProfile profile = transfer_profile();
  profile.memory.memoryTypes[1].propertyFlags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  return profile;
}

// A simulated device whose calls can be made to fail and whose fences can be held, with bound resources of the test's.
class TransferFixture {
 public:
  explicit TransferFixture(const DeviceProfile& profile = transfer_profile())
      : sim(profile), faults(sim.d), fences(faults.device()), device(fences.device()) {}
  ~TransferFixture() {
    for (const auto& [buffer, memory] : buffers_) {
      sim.d.fn.destroy_buffer(sim.d.handle, buffer, nullptr);
      sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
    }
    for (const auto& [image, memory] : images_) {
      sim.d.fn.destroy_image(sim.d.handle, image, nullptr);
      sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
    }
    EXPECT_EQ(simulated_leaks(*sim.owner).total(), 0u);
  }
  TransferFixture(const TransferFixture&) = delete;
  TransferFixture& operator=(const TransferFixture&) = delete;

  VkBuffer buffer(Bytes size) {
    const VkBuffer made = sim.buffer(size);
    buffers_.emplace_back(made, sim.give_memory(made, 1));
    sim.map(buffers_.back().second);
    return made;
  }
  VkImage image(const VkImageCreateInfo& info) {
    const VkImage made = sim.image(info);
    images_.emplace_back(made, sim.give_memory(made, 0));
    return made;
  }
  // The host's view of a buffer of this fixture, as the device left it.
  std::byte* bytes(VkBuffer buffer) const {
    for (const auto& [made, memory] : buffers_) {
      if (made != buffer) continue;
      sim.d.fn.unmap_memory(sim.d.handle, memory);
      std::byte* const address = sim.map(memory);
      EXPECT_EQ(sim.invalidate(memory), VK_SUCCESS);
      return address;
    }
    return nullptr;
  }
  std::vector<std::byte> contents(VkBuffer buffer, Bytes size) const {
    const std::byte* const begin = bytes(buffer);
    return {begin, begin + size};
  }
  void write(VkBuffer buffer, const std::vector<std::byte>& data) const {
    std::memcpy(bytes(buffer), data.data(), data.size());
    for (const auto& [made, memory] : buffers_) {
      if (made != buffer) continue;
      EXPECT_EQ(sim.flush(memory), VK_SUCCESS);
    }
  }
  [[nodiscard]] SimulatedLeaks alive() const { return simulated_leaks(*sim.owner); }

  SimulatedFixture sim;
  FaultLayer faults;
  StuckFences fences;
  Device device;

 private:
  std::vector<std::pair<VkBuffer, VkDeviceMemory>> buffers_;
  std::vector<std::pair<VkImage, VkDeviceMemory>> images_;
};

}  // namespace vkmembench
