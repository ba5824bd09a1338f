#pragma once

#include <array>
#include <memory>

#include "allocator/base/named_enum.h"
#include "allocator/host/host_operation.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// X(enumerator): what a strategy may take host memory for.
// clang-format off
#define VKMEMBENCH_STRATEGY_CALLS(X) \
  X(make) X(start) X(create_buffer) X(create_image) X(create_buffers) X(create_alias) X(resize) X(destroy) X(map) \
  X(unmap) X(flush) X(invalidate) X(begin_frame) X(touch) X(has_contents) X(mark) X(defragment) X(bind) X(unbind) \
  X(budget_changed) X(create_part)
// clang-format on
VKMEMBENCH_NAMED_ENUM(StrategyCall, VKMEMBENCH_STRATEGY_CALLS);

// Wraps a strategy and names each of its calls to a tracker, so that the host memory it takes is counted on what it
// did.
class NamedOperations : public Strategy {
 public:
  // `make` is called here, under the name `make`. The tracker outlives this.
  template <typename Make>
  NamedOperations(HostTracker& tracker, const Make& make) : tracker_(tracker) {
    for (std::size_t i = 0; i < categories_.size(); ++i) categories_[i] = tracker.category(kStrategyCallNames[i]);
    const HostOperation named = name(StrategyCall::make);
    strategy_ = make();
  }

  void start(const StrategyHost& host) override {
    const HostOperation named = name(StrategyCall::start);
    strategy_->start(host);
  }
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    const HostOperation named = name(StrategyCall::create_buffer);
    return strategy_->create_buffer(request);
  }
  Expected<Allocation> create_image(const ImageRequest& request) override {
    const HostOperation named = name(StrategyCall::create_image);
    return strategy_->create_image(request);
  }
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override {
    const HostOperation named = name(StrategyCall::create_buffers);
    strategy_->create_buffers(common, sizes, results);
  }
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override {
    const HostOperation named = name(StrategyCall::create_alias);
    return strategy_->create_alias(request, target, offset);
  }
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override {
    const HostOperation named = name(StrategyCall::create_alias);
    return strategy_->create_alias(request, target, offset);
  }
  Expected<Allocation> create_part(const PartRequest& request) override {
    const HostOperation named = name(StrategyCall::create_part);
    return strategy_->create_part(request);
  }
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override {
    const HostOperation named = name(StrategyCall::resize);
    return strategy_->resize(allocation, request);
  }
  void destroy(const Allocation& allocation, std::uint16_t lane) override {
    const HostOperation named = name(StrategyCall::destroy);
    strategy_->destroy(allocation, lane);
  }
  Expected<std::byte*> map(const Allocation& allocation) override {
    const HostOperation named = name(StrategyCall::map);
    return strategy_->map(allocation);
  }
  void unmap(const Allocation& allocation) override {
    const HostOperation named = name(StrategyCall::unmap);
    strategy_->unmap(allocation);
  }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    const HostOperation named = name(StrategyCall::flush);
    return strategy_->flush(allocation, offset, size);
  }
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override {
    const HostOperation named = name(StrategyCall::invalidate);
    return strategy_->invalidate(allocation, offset, size);
  }
  void begin_frame(std::uint64_t n) override {
    const HostOperation named = name(StrategyCall::begin_frame);
    strategy_->begin_frame(n);
  }
  void touch(const Allocation& allocation) override {
    const HostOperation named = name(StrategyCall::touch);
    strategy_->touch(allocation);
  }
  void has_contents(const Allocation& allocation) override {
    const HostOperation named = name(StrategyCall::has_contents);
    strategy_->has_contents(allocation);
  }
  VkResult mark(const Allocation& allocation) override {
    const HostOperation named = name(StrategyCall::mark);
    return strategy_->mark(allocation);
  }
  VkResult defragment(const DefragmentRequest& request) override {
    const HostOperation named = name(StrategyCall::defragment);
    return strategy_->defragment(request);
  }
  VkResult bind(const Allocation& allocation, Bytes size) override {
    const HostOperation named = name(StrategyCall::bind);
    return strategy_->bind(allocation, size);
  }
  VkResult unbind(const Allocation& allocation) override {
    const HostOperation named = name(StrategyCall::unbind);
    return strategy_->unbind(allocation);
  }
  void budget_changed(std::uint32_t heap, Bytes budget) override {
    const HostOperation named = name(StrategyCall::budget_changed);
    strategy_->budget_changed(heap, budget);
  }
  [[nodiscard]] Bytes staging_ring_bytes() const override { return strategy_->staging_ring_bytes(); }
  [[nodiscard]] std::string_view adapts() const override { return strategy_->adapts(); }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return strategy_->pools(); }
  [[nodiscard]] std::vector<StrategyFigure> figures() const override { return strategy_->figures(); }

 private:
  [[nodiscard]] HostOperation name(StrategyCall call) const {
    return {tracker_, categories_[static_cast<std::size_t>(call)]};
  }

  HostTracker& tracker_;
  std::array<Category, kStrategyCallNames.size()> categories_{};
  std::unique_ptr<Strategy> strategy_;
};

}  // namespace vkmembench
