#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "allocator/strategy/binding_oracle.h"
#include "allocator/strategy/strategy.h"

namespace vkmembench {

// Wraps any strategy and verifies it: every placement through a BindingOracle, and every answer against what the oracle
// saw happen. Violations are collected, never fatal; destroying it reports what the strategy left alive.
class Checked : public Strategy, private StrategyListener {
 public:
  // Makes the strategy on the oracle's device. `quiet` is a table below `device`; `violations` outlives this.
  Checked(const Device& device, const Device& quiet, Violations& violations,
          const std::function<std::unique_ptr<Strategy>(const Device&)>& make);
  ~Checked() override;

  void start(const StrategyHost& host) override;

  Expected<Allocation> create_buffer(const BufferRequest& request) override;
  Expected<Allocation> create_image(const ImageRequest& request) override;
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
  // Declared to the oracle: an alias may share its target's memory, and has to lie within it.
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target) override;
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target) override;
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override;
  // An allocation that is not alive is reported and not passed on.
  void destroy(const Allocation& allocation, std::uint16_t lane) override;
  Expected<std::byte*> map(const Allocation& allocation) override { return strategy_->map(allocation); }
  void unmap(const Allocation& allocation) override { strategy_->unmap(allocation); }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    return strategy_->flush(allocation, offset, size);
  }
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override {
    return strategy_->invalidate(allocation, offset, size);
  }
  void begin_frame(std::uint64_t n) override { strategy_->begin_frame(n); }
  void touch(const Allocation& allocation) override { strategy_->touch(allocation); }
  void has_contents(const Allocation& allocation) override { strategy_->has_contents(allocation); }
  VkResult mark(const Allocation& allocation) override { return strategy_->mark(allocation); }
  VkResult defragment(const DefragmentRequest& request) override { return strategy_->defragment(request); }
  VkResult bind(const Allocation& allocation, Bytes size) override { return strategy_->bind(allocation, size); }
  VkResult unbind(const Allocation& allocation) override { return strategy_->unbind(allocation); }
  void budget_changed(std::uint32_t heap, Bytes budget) override { strategy_->budget_changed(heap, budget); }
  [[nodiscard]] Bytes staging_ring_bytes() const override { return strategy_->staging_ring_bytes(); }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return strategy_->pools(); }
  [[nodiscard]] std::vector<StrategyMetric> metrics() const override { return strategy_->metrics(); }

 private:
  void moved(std::uint64_t user, const Allocation& after) override;
  void evicted(std::uint64_t user) override;
  void noticed(const Notice& notice) override { listener_->noticed(notice); }
  bool died(std::uint64_t resource);

  void check_alias(const Expected<Allocation>& answer, const Allocation& target);
  void check_answer(const Expected<Allocation>& answer, std::uint64_t user, Bytes alignment);
  void check_place(const Allocation& answer, Bytes alignment);

  Violations& violations_;
  BindingOracle oracle_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::uint64_t> live_;     // user by resource
  std::unordered_map<std::uint64_t, std::uint64_t> by_user_;  // resource; those with a user
  StrategyListener* listener_ = nullptr;
  std::unique_ptr<Strategy> strategy_;
};

}  // namespace vkmembench
