#pragma once

#include <memory>
#include <utility>

#include "allocator/base/named_enum.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// X(enumerator): what a strategy is called for.
// clang-format off
#define VKMEMBENCH_STRATEGY_CALLS(X) \
  X(make) X(start) X(create_buffer) X(create_image) X(create_buffers) X(create_alias) X(resize) X(destroy) X(map) \
  X(unmap) X(flush) X(invalidate) X(begin_frame) X(touch) X(has_contents) X(mark) X(defragment) X(bind) X(unbind) \
  X(budget_changed) X(create_part)
// clang-format on
VKMEMBENCH_NAMED_ENUM(StrategyCall, VKMEMBENCH_STRATEGY_CALLS);

// Wraps a strategy: around(call, work) makes each of its calls, by work(), and returns what that does. Questions that
// cost nobody anything go straight to it.
template <typename Around>
class AroundStrategy : public Strategy {
 public:
  // `make` is called here, as the call `make`.
  template <typename Make>
  AroundStrategy(Around around, const Make& make)
      : around_(std::move(around)), strategy_(around_(StrategyCall::make, [&] { return make(); })) {}

  void start(const StrategyHost& host) override {
    around_(StrategyCall::start, [&] { strategy_->start(host); });
  }
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    return around_(StrategyCall::create_buffer, [&] { return strategy_->create_buffer(request); });
  }
  Expected<Allocation> create_image(const ImageRequest& request) override {
    return around_(StrategyCall::create_image, [&] { return strategy_->create_image(request); });
  }
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override {
    around_(StrategyCall::create_buffers, [&] { strategy_->create_buffers(common, sizes, results); });
  }
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override {
    return around_(StrategyCall::create_alias, [&] { return strategy_->create_alias(request, target, offset); });
  }
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override {
    return around_(StrategyCall::create_alias, [&] { return strategy_->create_alias(request, target, offset); });
  }
  Expected<Allocation> create_part(const PartRequest& request) override {
    return around_(StrategyCall::create_part, [&] { return strategy_->create_part(request); });
  }
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override {
    return around_(StrategyCall::resize, [&] { return strategy_->resize(allocation, request); });
  }
  void destroy(const Allocation& allocation, std::uint16_t lane) override {
    around_(StrategyCall::destroy, [&] { strategy_->destroy(allocation, lane); });
  }
  Expected<std::byte*> map(const Allocation& allocation) override {
    return around_(StrategyCall::map, [&] { return strategy_->map(allocation); });
  }
  void unmap(const Allocation& allocation) override {
    around_(StrategyCall::unmap, [&] { strategy_->unmap(allocation); });
  }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    return around_(StrategyCall::flush, [&] { return strategy_->flush(allocation, offset, size); });
  }
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override {
    return around_(StrategyCall::invalidate, [&] { return strategy_->invalidate(allocation, offset, size); });
  }
  void begin_frame(std::uint64_t n) override {
    around_(StrategyCall::begin_frame, [&] { strategy_->begin_frame(n); });
  }
  void touch(const Allocation& allocation) override {
    around_(StrategyCall::touch, [&] { strategy_->touch(allocation); });
  }
  void has_contents(const Allocation& allocation) override {
    around_(StrategyCall::has_contents, [&] { strategy_->has_contents(allocation); });
  }
  VkResult mark(const Allocation& allocation) override {
    return around_(StrategyCall::mark, [&] { return strategy_->mark(allocation); });
  }
  VkResult defragment(const DefragmentRequest& request) override {
    return around_(StrategyCall::defragment, [&] { return strategy_->defragment(request); });
  }
  VkResult bind(const Allocation& allocation, Bytes size) override {
    return around_(StrategyCall::bind, [&] { return strategy_->bind(allocation, size); });
  }
  VkResult unbind(const Allocation& allocation) override {
    return around_(StrategyCall::unbind, [&] { return strategy_->unbind(allocation); });
  }
  void budget_changed(std::uint32_t heap, Bytes budget) override {
    around_(StrategyCall::budget_changed, [&] { strategy_->budget_changed(heap, budget); });
  }
  [[nodiscard]] Bytes staging_ring_bytes() const override { return strategy_->staging_ring_bytes(); }
  [[nodiscard]] std::string_view adapts() const override { return strategy_->adapts(); }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return strategy_->pools(); }
  [[nodiscard]] std::vector<StrategyFigure> figures() const override { return strategy_->figures(); }

 private:
  Around around_;
  std::unique_ptr<Strategy> strategy_;
};

}  // namespace vkmembench
