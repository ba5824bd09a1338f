#pragma once

#include <optional>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/upkeep/buffer_reuse.h"
#include "allocator/core/upkeep/pressure.h"
#include "allocator/core/upkeep/tiers.h"
#include "allocator/seam/strategy.h"
#include "allocator/strategy/common/bound_buffers.h"
#include "allocator/strategy/common/defragment_driver.h"
#include "allocator/strategy/common/resize_by_copy.h"
#include "allocator/strategy/core/adaptive_buffers.h"
#include "allocator/strategy/core/core_options.h"

namespace vkmembench {

// The allocator core as a strategy: one Allocator, whose pools are the strategy's, and what its options add. With
// AllocatorOptions::named_pools a request for a pool that is none of kNamedPools throws Error. Batches are never served
// from buffers kept for reuse. A buffer that was resized is adaptive from then on: it may be larger than asked. Users
// of requests must differ among live allocations once there is a listener.
class CoreStrategy : public Strategy, private StrategyListener {
 public:
  // Throws Error when the options contradict each other or the device.
  CoreStrategy(const Device& device, const CoreOptions& options) : CoreStrategy(device, nullptr, options) {}
  // Drives an allocator of somebody else's, which outlives it and has these options.
  CoreStrategy(const Device& device, Allocator& allocator, const CoreOptions& options)
      : CoreStrategy(device, &allocator, options) {}

  void start(const StrategyHost& host) override;
  Expected<Allocation> create_buffer(const BufferRequest& request) override;
  Expected<Allocation> create_image(const ImageRequest& request) override;
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override;
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override;
  Expected<Allocation> create_part(const PartRequest& request) override;
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override;
  void destroy(const Allocation& allocation, std::uint16_t lane) override;
  void destroy_later(const Allocation& allocation);  // see Allocator
  Expected<std::byte*> map(const Allocation& allocation) override { return allocator_.map(allocation); }
  void unmap(const Allocation& allocation) override { allocator_.unmap(allocation); }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override;
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override;
  void begin_frame(std::uint64_t n) override;
  void touch(const Allocation& allocation) override { allocator_.touch(allocation); }
  VkResult bind(const Allocation& allocation, Bytes size) override;
  VkResult unbind(const Allocation& allocation) override;
  void has_contents(const Allocation& allocation) override { allocator_.has_contents(allocation); }
  VkResult mark(const Allocation& allocation) override;
  VkResult defragment(const DefragmentRequest& request) override;
  void budget_changed(std::uint32_t heap, Bytes budget) override { allocator_.budget().set_budget(heap, budget); }
  [[nodiscard]] Bytes staging_ring_bytes() const override { return options_.staging_ring_bytes; }
  // Buffers kept for reuse are not live.
  [[nodiscard]] std::string_view adapts() const override { return {}; }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override;
  [[nodiscard]] std::vector<StrategyFigure> figures() const override;

  [[nodiscard]] Allocator& allocator() { return allocator_; }

 private:
  CoreStrategy(const Device& device, Allocator* shared, const CoreOptions& options);
  Expected<Allocation> resize_own_memory(const Allocation& allocation, const BufferRequest& request);
  void add_program_pools(std::span<const NamedPool> pools);
  [[nodiscard]] bool is_program_pool(std::string_view name) const;
  [[nodiscard]] MemoryRequest memory_request(const BufferRequest& request) const;
  void begin_upkeep_frame(std::uint64_t n);
  // What the descriptor of a buffer shows: all of it, which is more than is used of an adaptive one, as far as the
  // device can describe it. So it changes with the buffer only.
  [[nodiscard]] Bytes shown_bytes(const Allocation& buffer, Bytes used) const;
  void forget(const Allocation& allocation);
  void add_upkeep_figures(std::vector<StrategyFigure>& figures) const;
  // What the parts that change allocations by themselves say, on its way to the listener.
  void moved(std::uint64_t user, const Allocation& after) override;
  void evicted(std::uint64_t user) override;
  void noticed(const Notice& notice) override { listener_->noticed(notice); }

  std::span<const NamedPool> program_pools_;
  Device device_;
  CoreOptions options_;
  CallbackMemory memory_;
  PmrPtr<Allocator> own_;  // without one of somebody else's
  Allocator& allocator_;
  BoundBuffers bound_;
  ResizeByCopy resizes_;
  std::optional<BufferReuse> reuse_;  // gives back what it holds before the allocator goes
  StrategyListener* listener_ = nullptr;
  std::optional<DefragmentDriver> defragment_;  // this and the two below with a listener only
  std::optional<Pressure> pressure_;
  std::optional<Tiers> tiers_;
  AdaptiveBuffers adaptive_;
};

}  // namespace vkmembench
