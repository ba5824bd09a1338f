#pragma once

#include <type_traits>

#include "allocator/base/stop_flag.h"
#include "allocator/device/layers/layer.h"

namespace vkmembench {

// Requests that grow what a strategy holds: these are refused as soon as it is to end.
[[nodiscard]] constexpr bool is_creation(EntryPoint entry) {
  return entry == EntryPoint::allocate_memory || entry == EntryPoint::create_buffer ||
         entry == EntryPoint::create_image;
}

// What the device requires, when nothing is to be placed any more: no memory type will do.
template <typename Object>
void refuse_all_memory(Object&, VkMemoryRequirements* out) {
  *out = {1, 1, 0};
}
template <typename Query>
void refuse_all_memory(Query&, VkMemoryRequirements2* out) {
  out->memoryRequirements = {1, 1, 0};
}

// What is known of the device without asking it.
inline void answer_from(const DeviceInfo& info, VkPhysicalDeviceProperties* out) {
  *out = {};
  out->apiVersion = info.api_version;
  out->deviceType = info.type;
  out->limits = info.limits;
}
inline void answer_from(const DeviceInfo& info, VkPhysicalDeviceMemoryProperties* out) { *out = info.memory; }
inline void answer_from(const DeviceInfo& info, VkPhysicalDeviceMemoryProperties2* out) {
  out->memoryProperties = info.memory;
}

// A call that is made though the flag is raised. Nothing new is made, and no memory type suits what asks for one; the
// rest reaches the driver only while a strategy cleans up. Later, calls that can fail say that the device is lost, what
// is known is answered, and what is given back stays: so whatever loop the caller is in ends without the driver.
template <EntryPoint E, typename Call, typename... Args>
auto answer_stopped(const StopFlag& stop, const DeviceInfo& info, const Call& call, Args&... args) {
  using Result = decltype(call());
  if constexpr (is_creation(E)) {
    return stop.abandons() ? VK_ERROR_DEVICE_LOST : VK_ERROR_OUT_OF_DEVICE_MEMORY;
  } else if constexpr (requires { refuse_all_memory(args...); }) {
    refuse_all_memory(args...);
  } else if constexpr (std::is_same_v<Result, VkResult>) {
    return stop.abandons() ? VK_ERROR_DEVICE_LOST : call();
  } else if constexpr (requires { answer_from(info, args...); }) {
    return stop.abandons() ? answer_from(info, args...) : call();
  } else {
    if (!stop.abandons()) call();
  }
}

// The way to the driver until the flag is raised, see answer_stopped(). Safe from any thread.
class StopLayer : public Layer<StopLayer> {
 public:
  // Requires a flag that outlives the layer.
  StopLayer(const Device& next, const StopFlag& stop) : Layer(next), stop_(stop) {}

  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&... args) {
    if (!stop_.raised()) [[likely]]
      return call();
    return answer_stopped<E>(stop_, *next().info, call, args...);
  }

 private:
  const StopFlag& stop_;
};

}  // namespace vkmembench
