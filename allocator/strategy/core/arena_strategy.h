#pragma once

#include <vector>

#include "allocator/core/arenas.h"
#include "allocator/core/pools/lazy_table.h"
#include "allocator/strategy/core/core_strategy.h"

namespace vkmembench {

// Several cores side by side: a request goes to the arena of its lane, everything else to the arena that made the
// allocation. Frames, defragmentations and budgets reach every arena.
class ArenaStrategy : public Strategy {
 public:
  // Throws Error when the options contradict each other or the device.
  ArenaStrategy(const Device& device, const CoreOptions& options);

  void start(const StrategyHost& host) override;
  Expected<Allocation> create_buffer(const BufferRequest& request) override;
  Expected<Allocation> create_image(const ImageRequest& request) override;
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override;
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override;
  Expected<Allocation> create_part(const PartRequest& request) override;
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override;
  void destroy(const Allocation& allocation, std::uint16_t lane) override {
    CoreStrategy& made_by = owner(allocation);
    &made_by == &of_lane(lane) ? made_by.destroy(allocation, lane) : made_by.destroy_later(allocation);
  }
  Expected<std::byte*> map(const Allocation& allocation) override { return owner(allocation).map(allocation); }
  void unmap(const Allocation& allocation) override { owner(allocation).unmap(allocation); }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override;
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override;
  void begin_frame(std::uint64_t n) override;
  void touch(const Allocation& allocation) override { owner(allocation).touch(allocation); }
  void has_contents(const Allocation& allocation) override { owner(allocation).has_contents(allocation); }
  VkResult mark(const Allocation& allocation) override { return owner(allocation).mark(allocation); }
  VkResult defragment(const DefragmentRequest& request) override;
  VkResult bind(const Allocation& allocation, Bytes size) override { return owner(allocation).bind(allocation, size); }
  VkResult unbind(const Allocation& allocation) override { return owner(allocation).unbind(allocation); }
  void budget_changed(std::uint32_t heap, Bytes budget) override { arenas_.budget().set_budget(heap, budget); }
  [[nodiscard]] Bytes staging_ring_bytes() const override { return options_.staging_ring_bytes; }
  [[nodiscard]] std::string_view adapts() const override { return {}; }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override;
  // Counts and bytes are summed over the arenas, ratios averaged over those that have one.
  [[nodiscard]] std::vector<StrategyFigure> figures() const override;

  [[nodiscard]] Arenas& arenas() { return arenas_; }

 private:
  [[nodiscard]] CoreStrategy& at(std::uint32_t number);
  [[nodiscard]] CoreStrategy& of_lane(std::uint32_t lane) { return at(lane % arenas_.count()); }
  // Requires an allocation that is live.
  [[nodiscard]] CoreStrategy& owner(const Allocation& allocation) { return at(allocation.arena); }

  Device device_;
  CoreOptions options_;
  StrategyHost host_;
  Arenas arenas_;
  CallbackMemory memory_;
  LazyTable<CoreStrategy, kMaxArenas> strategies_;  // of the arenas that were ever asked for
};

}  // namespace vkmembench
