#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "allocator/core/descriptors/bindless_registry.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// The storage buffers of a strategy that have a slot in a BindlessRegistry, which is made for the first of them, known
// by the users of their requests. Safe from any thread.
class BoundBuffers {
 public:
  // Requires a device that outlives it.
  explicit BoundBuffers(const Device& device) : device_(device), memory_(device.host), ids_(&memory_) {}

  void start(std::uint32_t frames_in_flight) { frames_in_flight_ = frames_in_flight; }
  // VK_ERROR_FEATURE_NOT_PRESENT on a device without storage buffer descriptors; else as BindlessRegistry::add(). A
  // buffer that has a slot keeps it.
  VkResult bind(std::uint64_t user, const Allocation& allocation, Bytes size);
  // VK_ERROR_UNKNOWN for a buffer without a slot.
  VkResult unbind(std::uint64_t user);
  // `after` took the place of the user's buffer, if it has a slot.
  void moved(std::uint64_t user, const Allocation& after);
  // Likewise, of another size; a slot that cannot show so much is given up.
  void resized(std::uint64_t user, const Allocation& after, Bytes size);
  [[nodiscard]] bool any() const { return bound_count_.load(std::memory_order_relaxed) != 0; }
  void begin_frame(std::uint64_t frame);
  // None before the first bind.
  [[nodiscard]] std::optional<BindlessCounts> counts() const;

 private:
  Device device_;
  CallbackMemory memory_;
  std::uint32_t frames_in_flight_ = 1;
  mutable std::mutex mutex_;
  std::optional<BindlessRegistry> registry_;
  bool unavailable_ = false;
  std::atomic<std::size_t> bound_count_{0};                 // spares the lock where nothing is bound
  std::pmr::unordered_map<std::uint64_t, BindlessId> ids_;  // by user
};

}  // namespace vkmembench
