#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace vkmembench {

// Why work ends before it is done; what comes later is graver.
enum class StopReason : std::uint8_t { none, strategy_timeout, device_lost, timeout, signal };

// Tells what takes long that it is to end, and how: after a strategy's own timeout or the loss of its device it
// cleans up after itself, after anything graver it leaves what it holds to the end of the process. Raised by signal
// handlers and other threads; a look costs a relaxed load.
class StopFlag {
 public:
  // The gravest reason stays. Safe in a signal handler.
  void raise(StopReason reason) noexcept { raise_to(static_cast<int>(reason)); }
  void raise_signal(int number) noexcept { raise_to(kSignals + number); }
  // What ended one strategy alone is over; a graver reason stays.
  void withdraw_own() noexcept {
    int value = value_.load();
    while (value != 0 && !is_grave(value) && !value_.compare_exchange_weak(value, 0)) {
    }
  }

  [[nodiscard]] bool raised() const noexcept { return value() != 0; }
  // Nothing is cleaned up any more.
  [[nodiscard]] bool abandons() const noexcept { return is_grave(value()); }
  [[nodiscard]] StopReason reason() const noexcept {
    return static_cast<StopReason>(std::min(value(), static_cast<int>(StopReason::signal)));
  }
  // Its number; 0 when none came.
  [[nodiscard]] int signal() const noexcept { return std::max(value() - kSignals, 0); }

 private:
  static constexpr int kSignals = 128;  // above every other reason

  [[nodiscard]] static bool is_grave(int value) noexcept { return value > static_cast<int>(StopReason::device_lost); }
  [[nodiscard]] int value() const noexcept { return value_.load(std::memory_order_relaxed); }
  void raise_to(int value) noexcept {
    int before = value_.load();
    while (before < value && !value_.compare_exchange_weak(before, value)) {
    }
  }

  std::atomic<int> value_{0};
  static_assert(std::atomic<int>::is_always_lock_free, "signal handlers raise it");
};

// For those whom nobody stops.
inline const StopFlag kNeverStopped;

}  // namespace vkmembench
