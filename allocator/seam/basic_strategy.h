#pragma once

#include "allocator/seam/strategy.h"

namespace vkmembench {

// What a strategy answers that does no more than it must: batches are buffers one by one, and what it may be unable to
// do is VK_ERROR_FEATURE_NOT_PRESENT.
class BasicStrategy : public Strategy {
 public:
  void start(const StrategyHost& /*host*/) override {}
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
  Expected<Allocation> create_alias(const BufferRequest&, const Allocation& /*target*/, Offset) override {
    return VK_ERROR_FEATURE_NOT_PRESENT;
  }
  Expected<Allocation> create_alias(const ImageRequest&, const Allocation& /*target*/, Offset) override {
    return VK_ERROR_FEATURE_NOT_PRESENT;
  }
  Expected<Allocation> create_part(const PartRequest& /*request*/) override { return VK_ERROR_FEATURE_NOT_PRESENT; }
  Expected<Allocation> resize(const Allocation& /*allocation*/, const BufferRequest& /*request*/) override {
    return VK_ERROR_FEATURE_NOT_PRESENT;
  }
  void begin_frame(std::uint64_t /*n*/) override {}
  void touch(const Allocation& /*allocation*/) override {}
  void has_contents(const Allocation& /*allocation*/) override {}
  VkResult mark(const Allocation& /*allocation*/) override { return VK_ERROR_FEATURE_NOT_PRESENT; }
  VkResult defragment(const DefragmentRequest& /*request*/) override { return VK_ERROR_FEATURE_NOT_PRESENT; }
  VkResult bind(const Allocation& /*allocation*/, Bytes /*size*/) override { return VK_ERROR_FEATURE_NOT_PRESENT; }
  VkResult unbind(const Allocation& /*allocation*/) override { return VK_ERROR_FEATURE_NOT_PRESENT; }
  void budget_changed(std::uint32_t /*heap*/, Bytes /*budget*/) override {}
  [[nodiscard]] Bytes staging_ring_bytes() const override { return 0; }
  [[nodiscard]] std::string_view adapts() const override { return {}; }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return {}; }
  [[nodiscard]] std::vector<StrategyFigure> figures() const override { return {}; }
};

}  // namespace vkmembench
