#pragma once

#include <optional>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/buffer_reuse.h"
#include "allocator/strategy/bound_buffers.h"
#include "allocator/strategy/strategies.h"
#include "allocator/strategy/strategy.h"

namespace vkmembench {

// The allocator core as a strategy: one Allocator, whose pools are the strategy's, and what its options add. With
// options.named_pools a request for a pool that is none of kNamedPools throws Error. Batches are never served from
// buffers kept for reuse.
class CoreStrategy : public Strategy {
 public:
  // Throws Error when the options contradict each other or the device.
  CoreStrategy(const Device& device, const CoreOptions& options);

  Expected<Allocation> create_buffer(const BufferRequest& request) override;
  Expected<Allocation> create_image(const ImageRequest& request) override;
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target) override;
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target) override;
  void destroy(const Allocation& allocation, std::uint16_t lane) override;
  Expected<std::byte*> map(const Allocation& allocation) override { return allocator_.map(allocation); }
  void unmap(const Allocation& allocation) override { allocator_.unmap(allocation); }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override;
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override;
  void start(const StrategyHost& host) override;
  void begin_frame(std::uint64_t n) override;
  void touch(const Allocation& allocation) override { allocator_.touch(allocation); }
  VkResult bind(const Allocation& allocation, Bytes size) override { return bound_.bind(allocation, size); }
  VkResult unbind(const Allocation& allocation) override { return bound_.unbind(allocation); }
  [[nodiscard]] Bytes staging_ring_bytes() const override { return allocator_.options().staging_ring_bytes; }
  // Buffers kept for reuse are not live.
  [[nodiscard]] std::vector<PoolStatistics> pools() const override;
  [[nodiscard]] std::vector<StrategyMetric> metrics() const override;

  [[nodiscard]] Allocator& allocator() { return allocator_; }

 private:
  [[nodiscard]] MemoryRequest memory_request(const BufferRequest& request) const;

  Allocator allocator_;
  BoundBuffers bound_;
  std::optional<BufferReuse> reuse_;  // gives back what it holds before the allocator goes
};

[[nodiscard]] const StrategyFamily& core_family();
// What the presets set beyond the defaults of the family.
[[nodiscard]] Parameters core_default_parameters();
[[nodiscard]] Parameters core_speed_parameters();   // least time
[[nodiscard]] Parameters core_memory_parameters();  // least waste, within budget if it can
[[nodiscard]] Parameters core_pools_parameters();   // named pools, and buffers kept for reuse

}  // namespace vkmembench
