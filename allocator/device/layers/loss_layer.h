#pragma once

#include "allocator/base/stop_flag.h"
#include "allocator/device/layers/layer.h"

namespace vkmembench {

// Raises the flag once the device says that it is lost, as calls on its queue do. Safe from any thread.
class LossLayer : public Layer<LossLayer> {
 public:
  // Requires a flag that outlives the layer.
  LossLayer(const Device& next, StopFlag& stop) : Layer(next), stop_(stop) {}

  [[nodiscard]] static constexpr bool intercepts(EntryPoint entry) {
    return entry == EntryPoint::queue_submit || entry == EntryPoint::queue_bind_sparse ||
           entry == EntryPoint::wait_for_fences || entry == EntryPoint::device_wait_idle;
  }
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    const VkResult result = call();
    if (result == VK_ERROR_DEVICE_LOST) stop_.raise(StopReason::device_lost);
    return result;
  }

 private:
  StopFlag& stop_;
};

}  // namespace vkmembench
