#pragma once

#include <vulkan/vulkan_core.h>

#include <utility>

#include "allocator/base/check.h"

namespace vkmembench {

// A value, or the VkResult that says why there is none. For the measured path, where a refusal is data and not an
// exception. T is a plain value type that is cheap to default-construct.
template <typename T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  // Requires result != VK_SUCCESS.
  Expected(VkResult result) : result_(result) {  // NOLINT(google-explicit-constructor)
    VKMEMBENCH_CHECK(result != VK_SUCCESS, "an Expected without a value needs a failure");
  }

  explicit operator bool() const { return result_ == VK_SUCCESS; }
  [[nodiscard]] VkResult result() const { return result_; }
  // Requires a value.
  [[nodiscard]] T& value() {
    VKMEMBENCH_CHECK(result_ == VK_SUCCESS, "value() of a failed Expected");
    return value_;
  }
  [[nodiscard]] const T& value() const {
    VKMEMBENCH_CHECK(result_ == VK_SUCCESS, "value() of a failed Expected");
    return value_;
  }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  T value_{};
  VkResult result_ = VK_SUCCESS;
};

}  // namespace vkmembench
