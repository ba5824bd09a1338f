#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "allocator/device/layers/fault_layer.h"

namespace vkmembench {

// A device on which every driver call sleeps first.
class SlowDevice : public DeviceOwner {
 public:
  SlowDevice(std::unique_ptr<DeviceOwner> device, std::chrono::nanoseconds sleep)
      : device_(std::move(device)), layer_(device_->device()) {
    layer_.sleep_in_each_call(sleep);
  }
  [[nodiscard]] Device device() const override { return layer_.device(); }
  [[nodiscard]] std::vector<std::string> validation_errors() const override { return device_->validation_errors(); }

 private:
  std::unique_ptr<DeviceOwner> device_;
  FaultLayer layer_;
};

}  // namespace vkmembench
