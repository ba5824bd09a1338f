#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "allocator/base/expected.h"
#include "allocator/base/origin.h"
#include "allocator/core/arena_place.h"
#include "allocator/core/memory_budget.h"
#include "allocator/core/memory_source.h"
#include "allocator/core/monitor.h"
#include "allocator/core/options.h"
#include "allocator/core/pool.h"
#include "allocator/core/requirements.h"
#include "allocator/core/statistics.h"
#include "allocator/device/device.h"
#include "allocator/device/memory_use.h"
#include "allocator/strategy/strategy.h"

namespace vkmembench {

// What a resource's memory is for.
struct MemoryRequest {
  MemoryUse memory = MemoryUse::device;
  Bytes alignment = 0;     // a power of two asked beyond the device's, 0 for none
  std::uint64_t user = 0;  // the caller's own, kept for reports and callbacks
  bool evictable = false;  // may be destroyed with its contents under memory pressure
  Origin origin = Origin::here();
};

enum class BatchMode : std::uint8_t { partial, all_or_nothing };

struct AllocatorSettings {
  std::string tag;  // names the allocator in messages
  CoreOptions options;
  MemoryBudget* budget = nullptr;  // shared with other allocators of the device, outlives them; nullptr: its own
  std::function<void(const LiveAllocation&)> on_leak;  // called by the destructor for each live allocation
  ArenaPlace arena = {};
};

// Gives buffers and images of one device their memory: pools by size class, memory type and kind, that divide blocks of
// our own. Several can be made on a device. Safe from any thread, as long as nobody uses an allocation that another
// thread destroys. Leaves frames in flight to its user: destroy() takes effect at once.
class Allocator {
 public:
  // Throws Error when the options contradict each other or the device. Requires a device that outlives it.
  explicit Allocator(const Device& device, AllocatorSettings settings = {});
  // Reports every live allocation to on_leak, then frees all memory; the resources stay with whoever made them.
  ~Allocator();
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;

  // Creates the resource, gives it memory and binds it. A refusal leaves nothing behind; it is the driver's result,
  // VK_ERROR_FEATURE_NOT_PRESENT when no memory type can serve, VK_ERROR_OUT_OF_DEVICE_MEMORY beyond a budget or limit.
  [[nodiscard]] Expected<Allocation> create_buffer(const VkBufferCreateInfo& info, const MemoryRequest& request);
  [[nodiscard]] Expected<Allocation> create_image(const VkImageCreateInfo& info, const MemoryRequest& request);
  // Several buffers that differ only in size, placed largest first; results in the order of `sizes`. Partial: each item
  // says by itself why it was refused. All or nothing: after a refusal none exists and all carry its reason.
  // Requires results.size() == sizes.size().
  void create_buffers(const VkBufferCreateInfo& common, std::span<const Bytes> sizes, const MemoryRequest& request,
                      std::span<Expected<Allocation>> results, BatchMode mode = BatchMode::partial);
  // Destroys the resource and frees its memory. A second destroy, a foreign allocation or a mapped one aborts.
  void destroy(const Allocation& allocation);
  void destroy(std::span<const Allocation> allocations);

  // The resource's bytes until the matching unmap; maps nest. Requires memory of a host-visible type.
  [[nodiscard]] Expected<std::byte*> map(const Allocation& allocation);
  void unmap(const Allocation& allocation);
  // Offsets are within the resource, rounded outwards to nonCoherentAtomSize. Require it to be mapped.
  [[nodiscard]] VkResult flush(const Allocation& allocation, Offset offset, Bytes size);
  [[nodiscard]] VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size);

  void begin_frame(std::uint64_t frame);     // ages are counted in frames
  void touch(const Allocation& allocation);  // used in this frame
  Bytes trim();                              // gives every empty block back; the bytes given
  Bytes trim_own(std::uint32_t heap);        // likewise, those in one heap

  // The allocator that made it. Requires an allocation that is live.
  [[nodiscard]] static Allocator& owner_of(const Allocation& allocation);
  [[nodiscard]] std::uint32_t arena_number() const { return settings_.arena.number; }

  [[nodiscard]] Statistics statistics() const;      // walks pools, not allocations
  [[nodiscard]] DetailedStatistics detail() const;  // walks everything
  [[nodiscard]] MonitorReport monitor() const;      // walks live allocations for the most mapped
  [[nodiscard]] std::vector<LiveAllocation> live_allocations() const;
  [[nodiscard]] bool contains(const Allocation& allocation) const;
  [[nodiscard]] Bytes host_bytes() const;  // of the books
  [[nodiscard]] MemoryBudget& budget() { return budget_; }
  [[nodiscard]] const CoreOptions& options() const { return settings_.options; }
  [[nodiscard]] const std::string& tag() const { return settings_.tag; }

 private:
  enum class SizeClass : std::uint8_t { small, medium, big, large, count };
  static constexpr std::size_t kClasses = static_cast<std::size_t>(SizeClass::count);
  static constexpr std::size_t kPools = std::size_t{VK_MAX_MEMORY_TYPES} * kClasses * 2;

  struct Ask {
    Requirements requirements;
    const MemoryRequest& request;
    DedicatedTo resource;
    bool optimal = false;  // an image with optimal tiling
    Bytes expected = 0;    // with what follows of a batch
  };

  [[nodiscard]] Expected<Range*> allocate(const Ask& ask, AllocationRecord& record);
  [[nodiscard]] Expected<Range*> allocate_in(std::uint32_t memory_type, const Ask& ask, const AllocationRecord& record);
  [[nodiscard]] AllocationRecord record_of(const MemoryRequest& request, std::uint64_t resource,
                                           std::uint32_t description);
  [[nodiscard]] Expected<Allocation> finish(Range* range, VkResult bound);
  [[nodiscard]] SizeClass class_of(Bytes size) const;
  [[nodiscard]] static std::size_t slot_of(std::uint32_t memory_type, SizeClass size_class, bool optimal);
  [[nodiscard]] Pool& pool_for(std::uint32_t memory_type, SizeClass size_class, bool optimal);
  [[nodiscard]] std::vector<Pool*> pools() const;
  void release(Range* range, std::uint64_t resource);
  void settle_empty(Pool& emptied);
  void keep_below_peak(Bytes wanted);
  Bytes trim_heap(std::uint32_t heap);
  [[nodiscard]] std::uint16_t next_pool_index();
  void prewarm();

  AllocatorSettings settings_;
  Device device_;
  std::unique_ptr<MemoryBudget> own_budget_;
  MemoryBudget& budget_;
  MemorySource source_;
  RequirementsReader requirements_;
  MemoryTypeOrders type_orders_;
  Bytes page_;        // bufferImageGranularity
  bool apart_;        // optimal images have pools of their own
  Bytes keep_floor_;  // bytes of empty blocks that are kept whatever lives
  std::array<std::atomic<Pool*>, kPools> slots_{};
  mutable std::mutex pools_mutex_;
  std::vector<std::unique_ptr<Pool>> pools_;  // oldest first
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> frame_{0};
};

}  // namespace vkmembench
