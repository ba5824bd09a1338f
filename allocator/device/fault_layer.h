#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <type_traits>

#include "allocator/device/layer.h"

namespace vkmembench {

// A driver in trouble. Makes the n-th call of an entry point fail with a given result, without calling the driver: for
// entry points that return a VkResult; the others pass. Makes every call take longer. Safe from any thread.
class FaultLayer : public Layer<FaultLayer> {
 public:
  using Layer::Layer;

  // From now on the n-th further call of `entry` (1 = the next) fails once with `result`. Requires n > 0.
  void fail(EntryPoint entry, std::uint64_t n, VkResult result) {
    Rule& rule = rules_[static_cast<std::size_t>(entry)];
    rule.result = result;
    rule.countdown.store(n);
  }
  // From now on every call sleeps so long before it is made.
  void sleep_in_each_call(std::chrono::nanoseconds time) { sleep_ns_.store(time.count()); }
  // True when a fault asked for by fail() has happened.
  [[nodiscard]] bool fired(EntryPoint entry) const { return rules_[static_cast<std::size_t>(entry)].fired.load(); }

  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    if (const std::int64_t sleep = sleep_ns_.load(std::memory_order_relaxed); sleep > 0) [[unlikely]]
      std::this_thread::sleep_for(std::chrono::nanoseconds(sleep));
    if constexpr (std::is_same_v<decltype(call()), VkResult>) {
      Rule& rule = rules_[static_cast<std::size_t>(E)];
      if (rule.countdown.load(std::memory_order_relaxed) != 0 && rule.countdown.fetch_sub(1) == 1) {
        rule.fired.store(true);
        return rule.result;
      }
    }
    return call();
  }

 private:
  struct Rule {
    std::atomic<std::uint64_t> countdown{0};
    std::atomic<bool> fired{false};
    VkResult result = VK_ERROR_UNKNOWN;
  };
  std::array<Rule, kEntryPointCount> rules_;
  std::atomic<std::int64_t> sleep_ns_{0};
};

// What makes, binds, maps or synchronises memory and resources: calls whose failure strategies and replays survive.
inline constexpr std::array kFallible = {EntryPoint::allocate_memory,
                                         EntryPoint::create_buffer,
                                         EntryPoint::create_image,
                                         EntryPoint::bind_buffer_memory,
                                         EntryPoint::bind_buffer_memory2,
                                         EntryPoint::bind_image_memory,
                                         EntryPoint::bind_image_memory2,
                                         EntryPoint::map_memory,
                                         EntryPoint::flush_mapped_memory_ranges,
                                         EntryPoint::invalidate_mapped_memory_ranges};

}  // namespace vkmembench
