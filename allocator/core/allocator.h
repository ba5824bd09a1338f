#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <functional>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "allocator/base/expected.h"
#include "allocator/base/pmr_ptr.h"
#include "allocator/core/allocator_parts.h"
#include "allocator/core/buffer_batch.h"
#include "allocator/core/image_descriptions.h"
#include "allocator/core/inventory.h"
#include "allocator/core/pools/arena_place.h"
#include "allocator/core/pools/memory_budget.h"
#include "allocator/core/pools/memory_source.h"
#include "allocator/core/pools/monitor.h"
#include "allocator/core/pools/options.h"
#include "allocator/core/pools/pool_table.h"
#include "allocator/core/pools/statistics.h"
#include "allocator/core/requirements.h"
#include "allocator/core/residents.h"
#include "allocator/core/suballocator.h"
#include "allocator/device/device.h"
#include "allocator/host/callback_memory.h"
#include "allocator/seam/allocation.h"
#include "allocator/seam/memory_request.h"
#include "allocator/seam/resource_part.h"

namespace vkmembench {

struct AllocatorSettings {
  std::string tag;  // names the allocator in messages
  AllocatorOptions options;
  MemoryBudget* budget = nullptr;  // shared with other allocators of the device, outlives them; nullptr: its own
  std::function<void(const LiveAllocation&)> on_leak;  // called by the destructor for each live allocation
  ArenaPlace arena = {};
};

// Gives buffers and images of one device their memory: pools by size class, memory type and kind, that divide blocks of
// our own. Several can be made on a device. Safe from any thread, as long as nobody uses an allocation that another
// thread destroys. Leaves frames in flight to its user: destroy() takes effect at once. Its metadata is in memory of
// the device's `host` callbacks, as with pAllocator in Vulkan. Where those refuse, what creates says
// VK_ERROR_OUT_OF_HOST_MEMORY and the rest throws std::bad_alloc, both without effect; what destroys, gives back or
// maps needs no memory.
class Allocator {
 public:
  // Throws Error when the options contradict each other or the device, and std::bad_alloc. Requires a device that
  // outlives it.
  explicit Allocator(const Device& device, AllocatorSettings settings = {});
  // Reports every live allocation to on_leak, then frees all memory; the resources stay, for their users to destroy.
  ~Allocator();
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;

  // Creates the resource, gives it memory and binds it. A refusal leaves nothing behind; it is the driver's result,
  // VK_ERROR_FEATURE_NOT_PRESENT when no memory type can serve, VK_ERROR_OUT_OF_DEVICE_MEMORY beyond a limit,
  // VK_ERROR_OUT_OF_HOST_MEMORY without memory for metadata.
  [[nodiscard]] Expected<Allocation> create_buffer(const VkBufferCreateInfo& info, const MemoryRequest& request);
  [[nodiscard]] Expected<Allocation> create_image(const VkImageCreateInfo& info, const MemoryRequest& request);
  // Memory for a part of a resource that its caller makes and binds. It never moves; destroy() gives it back. Refused
  // likewise. Its number is its Allocation::resource.
  [[nodiscard]] Expected<Allocation> create_part(const ResourcePart& part, const MemoryRequest& request);
  // Several buffers that differ only in size, placed largest first; results in the order of `sizes`. Partial: each item
  // says by itself why it was refused, and item i has the user request.user + i. All or nothing: after a refusal none
  // exists and all carry its reason. Requires results.size() == sizes.size().
  void create_buffers(const VkBufferCreateInfo& common, std::span<const Bytes> sizes, const MemoryRequest& request,
                      std::span<Expected<Allocation>> results, BatchMode mode = BatchMode::partial);
  // Creates the resource in the memory of a live allocation, so many bytes behind its begin; of an alias, in that of
  // its owner. The owner never moves meanwhile, and its memory goes with the last that is in it, in whatever order they
  // are destroyed. VK_ERROR_FEATURE_NOT_PRESENT when size, alignment, memory type, buffer-image granularity or
  // dedicated memory forbid it; nothing is left behind then. The alias is charged what it covers, is no allocation of
  // its own in statistics, and is destroyed, mapped and flushed like any other.
  [[nodiscard]] Expected<Allocation> create_aliasing_buffer(const VkBufferCreateInfo& info,
                                                            const MemoryRequest& request, const Allocation& target,
                                                            Offset offset = 0);
  [[nodiscard]] Expected<Allocation> create_aliasing_image(const VkImageCreateInfo& info, const MemoryRequest& request,
                                                           const Allocation& target, Offset offset = 0);
  // Destroys the resource and frees its memory. A second destroy, a foreign allocation or a mapped one aborts.
  void destroy(const Allocation& allocation) { residents_.destroy(allocation); }
  void destroy(std::span<const Allocation> allocations);

  // For a thread that the allocator is not for: leaves the destruction to one that it is for. It takes place with the
  // next collect() at the latest; until then the allocation counts as live.
  void destroy_later(const Allocation& allocation) { residents_.destroy_later(allocation); }
  // Destroys what destroy_later() left, as begin_frame(), trim() and growth by a block do too; the number.
  std::size_t collect() { return residents_.collect(); }

  // A pool that requests may name, one for each memory type that it is used in. Exhausted, the others serve unless
  // options().pool_fallback forbids; then the request is refused with VK_ERROR_OUT_OF_POOL_MEMORY. Throws Error for a
  // row that contradicts itself, another pool or the device.
  PoolId add_pool(const NamedPool& pool) { return pools_.names().add(pool, *device_.info); }
  // Throws Error naming the pools there are.
  [[nodiscard]] PoolId find_pool(std::string_view name) const { return pools_.names().find(name); }

  // Takes a buffer out of use for a later renew() or destroy(): it keeps its memory, but is nobody's, never moves, and
  // is no leak. nullopt, and nothing happens, for what serves no other: images, aliases and their targets, what is
  // pinned, fell back or is in a named pool. Requires an unmapped allocation.
  [[nodiscard]] std::optional<HeldBuffer> hold(const Allocation& allocation);
  // Takes a held buffer back into use, as if it were made for this request.
  void renew(const Allocation& held, const MemoryRequest& request);
  // Called without locks when a heap is exhausted, before another memory type is tried: gives back what is held in it;
  // the bytes given. Set it while nobody allocates.
  void set_reclaim(std::function<Bytes(std::uint32_t heap)> reclaim) { suballocator_.set_reclaim(std::move(reclaim)); }
  // Called after that, likewise, for what is being created: destroys allocations of the heap to make room for about
  // `wanted` bytes; the bytes that they had. Set it while nobody allocates.
  void set_evict(std::function<Bytes(std::uint32_t heap, Bytes wanted)> evict) {
    suballocator_.set_evict(std::move(evict));
  }

  // The resource's bytes until the matching unmap; maps nest. Requires memory of a host-visible type.
  [[nodiscard]] Expected<std::byte*> map(const Allocation& allocation);
  void unmap(const Allocation& allocation);
  // Offsets are within the resource, rounded outwards to nonCoherentAtomSize. Require it to be mapped.
  [[nodiscard]] VkResult flush(const Allocation& allocation, Offset offset, Bytes size);
  [[nodiscard]] VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size);

  void begin_frame(std::uint64_t frame);     // ages are counted in frames
  void touch(const Allocation& allocation);  // used in this frame
  void mark(const Allocation& allocation);   // for the next defragmentation of marked allocations
  // The image is in VK_IMAGE_LAYOUT_GENERAL from now on; before, a move leaves its contents behind.
  void has_contents(const Allocation& allocation);
  Bytes trim();  // gives every empty block back; the bytes given
  Bytes trim_own(std::uint32_t heap) { return suballocator_.trim_own(heap); }  // likewise, those in one heap

  [[nodiscard]] std::uint32_t arena_number() const { return settings_.arena.number; }

  // Walks pools, not allocations.
  [[nodiscard]] Statistics statistics() const { return statistics_of(residents_, source_); }
  // Walks everything.
  [[nodiscard]] DetailedStatistics detail() const { return detail_of(residents_); }
  // Walks live allocations for the most mapped.
  [[nodiscard]] MonitorReport monitor() const { return monitor_of(residents_); }
  [[nodiscard]] std::vector<LiveAllocation> live_allocations() const {
    return live_allocations_of(residents_, settings_.tag);
  }
  [[nodiscard]] bool contains(const Allocation& allocation) const { return residents_.contains(allocation); }
  // What is known of it; of an alias, what is known of its target.
  [[nodiscard]] AllocationRecord record(const Allocation& allocation) const {
    return record_of(*residents_.live_range(allocation));
  }
  // The user of its request, an alias's own.
  [[nodiscard]] std::uint64_t user_of(const Allocation& allocation) const { return residents_.user_of(allocation); }
  // `frag.external_ratio` as it stands, from counters: walks pools, not blocks or ranges.
  [[nodiscard]] double external_fragmentation() const { return external_fragmentation_of(residents_); }
  // For those who work on what it holds, and go before it.
  [[nodiscard]] AllocatorParts parts() {
    return {settings_.options, memory_, source_, requirements_, images_, residents_, suballocator_};
  }
  // Where the metadata is; callers that end before the allocator may have theirs there too.
  [[nodiscard]] std::pmr::memory_resource& memory() { return memory_; }
  [[nodiscard]] MemoryBudget& budget() { return budget_; }
  [[nodiscard]] const Device& device() const { return device_; }
  [[nodiscard]] const AllocatorOptions& options() const { return settings_.options; }
  [[nodiscard]] const std::string& tag() const { return settings_.tag; }

 private:
  [[nodiscard]] Expected<Allocation> place(const Ask& ask, AllocationRecord record);

  AllocatorSettings settings_;
  Device device_;
  CallbackMemory memory_;  // before all that holds memory
  PmrPtr<MemoryBudget> own_budget_;
  MemoryBudget& budget_;
  MemorySource source_;
  RequirementsReader requirements_;
  ImageDescriptions images_;
  PoolTable pools_;
  Residents residents_;
  Suballocator suballocator_;
};

}  // namespace vkmembench
