#pragma once

#include <functional>
#include <memory>
#include <unordered_set>

#include "allocator/strategy/binding_oracle.h"
#include "allocator/strategy/strategy.h"

namespace vkmembench {

// Wraps any strategy and verifies it: every placement through a BindingOracle, and every answer against what the oracle
// saw happen. Violations are collected, never fatal; destroying it reports what the strategy left alive.
class Checked : public Strategy {
 public:
  // Makes the strategy on the oracle's device. `quiet` is a table below `device`; `violations` outlives this.
  Checked(const Device& device, const Device& quiet, Violations& violations,
          const std::function<std::unique_ptr<Strategy>(const Device&)>& make);
  ~Checked() override;

  Expected<Allocation> create_buffer(const BufferRequest& request) override;
  Expected<Allocation> create_image(const ImageRequest& request) override;
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
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
  [[nodiscard]] Bytes staging_ring_bytes() const override { return strategy_->staging_ring_bytes(); }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return strategy_->pools(); }

 private:
  void check_answer(const Expected<Allocation>& answer, Bytes alignment);

  Violations& violations_;
  BindingOracle oracle_;
  std::mutex mutex_;
  std::unordered_set<std::uint64_t> live_;
  std::unique_ptr<Strategy> strategy_;
};

}  // namespace vkmembench
