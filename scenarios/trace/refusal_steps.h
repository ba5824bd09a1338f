#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "allocator/device/memory_use.h"

namespace vkmembench {

// What a program asks next when it was refused.
enum class RefusalStep : std::uint8_t {
  halve,   // the same with half the size
  device,  // the same in other memory
  host,
  upload,
  count
};
inline constexpr std::size_t kRefusalStepCount = static_cast<std::size_t>(RefusalStep::count);
inline constexpr std::array<std::string_view, kRefusalStepCount> kRefusalStepNames = {"halve", "device", "host",
                                                                                      "upload"};
// The memory that a step asks for. Requires a step that names one.
[[nodiscard]] constexpr MemoryUse memory_of(RefusalStep step) {
  return step == RefusalStep::device ? MemoryUse::device
         : step == RefusalStep::host ? MemoryUse::host
                                     : MemoryUse::upload;
}

// A few of them, one after each refusal; then it gives up.
class RefusalSteps {
 public:
  static constexpr std::size_t kMost = 8;

  constexpr RefusalSteps() = default;
  // False when there is no room for more.
  constexpr bool add(RefusalStep step) {
    if (size_ == kMost) return false;
    steps_[size_++] = step;
    return true;
  }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr RefusalStep operator[](std::size_t i) const { return steps_[i]; }
  friend constexpr bool operator==(const RefusalSteps&, const RefusalSteps&) = default;

 private:
  std::array<RefusalStep, kMost> steps_{};
  std::uint8_t size_ = 0;
};

}  // namespace vkmembench
