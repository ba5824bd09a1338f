#pragma once

#include <memory>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/strategy/defragment_driver.h"
#include "allocator/strategy/strategies.h"
#include "allocator/strategy/strategy.h"

namespace vkmembench {

// The allocator core as a strategy: one Allocator, whose pools are the strategy's.
class CoreStrategy : public Strategy {
 public:
  // Throws Error when the options contradict each other or the device.
  CoreStrategy(const Device& device, const CoreOptions& options);

  void start(const StrategyHost& host) override;
  Expected<Allocation> create_buffer(const BufferRequest& request) override;
  Expected<Allocation> create_image(const ImageRequest& request) override;
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
  void destroy(const Allocation& allocation, std::uint16_t lane) override;
  Expected<std::byte*> map(const Allocation& allocation) override { return allocator_.map(allocation); }
  void unmap(const Allocation& allocation) override { allocator_.unmap(allocation); }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override;
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override;
  void begin_frame(std::uint64_t n) override;
  void touch(const Allocation& allocation) override { allocator_.touch(allocation); }
  void has_contents(const Allocation& allocation) override { allocator_.has_contents(allocation); }
  VkResult mark(const Allocation& allocation) override;
  VkResult defragment(const DefragmentRequest& request) override;
  [[nodiscard]] std::vector<PoolStatistics> pools() const override;
  [[nodiscard]] std::vector<StrategyMetric> metrics() const override;

  [[nodiscard]] Allocator& allocator() { return allocator_; }

 private:
  Device device_;
  Allocator allocator_;
  std::unique_ptr<DefragmentDriver> defragment_;  // nullptr without a listener
};

[[nodiscard]] const StrategyFamily& core_family();
// What the presets set beyond the defaults of the family.
[[nodiscard]] Parameters core_default_parameters();
[[nodiscard]] Parameters core_speed_parameters();   // least time
[[nodiscard]] Parameters core_memory_parameters();  // least waste, within budget

}  // namespace vkmembench
