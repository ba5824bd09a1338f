#pragma once

#include <cstddef>
#include <span>

#include "scenarios/profiles/fit/answered.h"

namespace vkmembench {

// How well rules speak of requests that they were not fitted on.
struct HeldOut {
  std::size_t buffers = 0;
  std::size_t buffers_exact = 0;
  std::size_t images = 0;
  std::size_t images_exact = 0;
  std::size_t images_near = 0;  // the exact ones, and sizes within 5 % with alignment and memory types exact
};

// Fits rules on half of the requests, drawn at random, and asks them about the other half, without the exact table.
// Requires a profile with the device's memory types, and some request of each kind in either half.
[[nodiscard]] HeldOut test_rules(std::span<const AnsweredBuffer> buffers, std::span<const AnsweredImage> images,
                                 DeviceProfile profile);

}  // namespace vkmembench
