#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "allocator/seam/basic_strategy.h"
#include "allocator/strategy/strategies.h"

namespace vkmembench {

// Serves everything without memory and writes down what it is told, resources by the order of their creation.
class SpyStrategy : public BasicStrategy {
 public:
  struct Log {
    std::mutex mutex;
    std::vector<std::string> lines;
    std::uint64_t created = 0;
    std::uint64_t destroyed = 0;
    std::function<void(const std::string&)> on_line;  // called under the mutex
    void add(const std::string& line) {
      lines.push_back(line);
      if (on_line) on_line(line);
    }
  };
  explicit SpyStrategy(Log& log) : log_(log) {}

  Expected<Allocation> create_buffer(const BufferRequest&) override { return create(); }
  Expected<Allocation> create_image(const ImageRequest&) override { return create(); }
  void destroy(const Allocation& allocation, std::uint16_t) override {
    const std::lock_guard lock(log_.mutex);
    ++log_.destroyed;
    log_.add("destroy " + std::to_string(allocation.resource));
  }
  Expected<std::byte*> map(const Allocation&) override { return static_cast<std::byte*>(nullptr); }
  void unmap(const Allocation&) override {}
  VkResult flush(const Allocation&, Offset, Bytes) override { return VK_SUCCESS; }
  VkResult invalidate(const Allocation&, Offset, Bytes) override { return VK_SUCCESS; }
  void begin_frame(std::uint64_t n) override {
    const std::lock_guard lock(log_.mutex);
    log_.add("frame " + std::to_string(n));
  }

 private:
  Expected<Allocation> create() {
    const std::lock_guard lock(log_.mutex);
    Allocation made;
    made.resource = ++log_.created;
    log_.add("create " + std::to_string(made.resource));
    return made;
  }
  Log& log_;
};

// Passes on what every strategy has to offer; tests override what they want otherwise.
class PassingStrategy : public BasicStrategy {
 public:
  explicit PassingStrategy(std::unique_ptr<Strategy> below) : below_(std::move(below)) {}
  Expected<Allocation> create_buffer(const BufferRequest& request) override { return below_->create_buffer(request); }
  Expected<Allocation> create_image(const ImageRequest& request) override { return below_->create_image(request); }
  void destroy(const Allocation& allocation, std::uint16_t lane) override { below_->destroy(allocation, lane); }
  Expected<std::byte*> map(const Allocation& allocation) override { return below_->map(allocation); }
  void unmap(const Allocation& allocation) override { below_->unmap(allocation); }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    return below_->flush(allocation, offset, size);
  }
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override {
    return below_->invalidate(allocation, offset, size);
  }
  void begin_frame(std::uint64_t n) override { below_->begin_frame(n); }
  void start(const StrategyHost& host) override { below_->start(host); }
  [[nodiscard]] Bytes staging_ring_bytes() const override { return below_->staging_ring_bytes(); }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return below_->pools(); }

 protected:
  std::unique_ptr<Strategy> below_;
};

// `dedicated`, with nothing but what every strategy has to offer.
inline std::unique_ptr<Strategy> plain_dedicated(const Device& device) {
  return std::make_unique<PassingStrategy>(parse_strategy("dedicated").make(device));
}

}  // namespace vkmembench
