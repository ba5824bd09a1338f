#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory_resource>
#include <mutex>
#include <string>
#include <string_view>

#include "allocator/base/pmr_ptr.h"
#include "allocator/device/device.h"
#include "allocator/seam/named_pool.h"

namespace vkmembench {

class Pool;

// The rows of an allocator's named pools by id, and the pool that each has in a memory type once it was used there.
// Safe from any thread.
class NamedPools {
 public:
  static constexpr std::size_t kMost = 64;

  explicit NamedPools(std::pmr::memory_resource& memory) : memory_(memory) {}  // Requires one that outlives it.
  NamedPools(const NamedPools&) = delete;
  NamedPools& operator=(const NamedPools&) = delete;

  // Throws Error for a row that is empty, named like another, or needs larger blocks than the device can make.
  PoolId add(const NamedPool& row, const DeviceInfo& device);
  // Throws Error with a suggestion and every name when there is none.
  [[nodiscard]] PoolId find(std::string_view name) const;

  // Require an id that add() gave.
  [[nodiscard]] const NamedPool& row(PoolId id) const { return entry(id).row; }
  [[nodiscard]] std::atomic<Pool*>& slot(PoolId id, std::uint32_t memory_type) { return entry(id).slots[memory_type]; }

 private:
  struct Entry {
    explicit Entry(std::pmr::memory_resource& memory) : name(&memory) {}
    std::pmr::string name;
    NamedPool row;  // its name is ours
    std::array<std::atomic<Pool*>, VK_MAX_MEMORY_TYPES> slots{};
  };
  [[nodiscard]] Entry& entry(PoolId id) const;

  std::pmr::memory_resource& memory_;
  std::mutex adding_;
  std::array<PmrPtr<Entry>, kMost> entries_;
  std::atomic<std::size_t> count_{0};  // written after the entry
};

// The row with blocks of `scale` times its size, a multiple of 64 KiB within what the device can make: at most
// maxMemoryAllocationSize and an eighth of the largest heap.
[[nodiscard]] NamedPool fitted(const NamedPool& row, double scale, const DeviceInfo& device);

}  // namespace vkmembench
