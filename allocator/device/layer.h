#pragma once

#include "allocator/base/check.h"
#include "allocator/device/device.h"

namespace vkmembench {

// What a layer hands out in place of a dispatchable handle: where to forward and which layer it belongs to.
struct LayerHandle {
  void* next = nullptr;
  void* layer = nullptr;
};

// A table over a table. Every physical, device and queue call goes through Derived::intercept<E>(call, args...), which
// returns call() to forward; command recording keeps the lower pointers, for command buffers are not wrapped.
// Non-dispatchable handles (memory, buffers, images, fences) are those of the lowest table, so objects made through a
// layer can be used through any table below it. Absent entry points stay null.
template <class Derived>
class Layer {
 public:
  explicit Layer(const Device& next) : next_(next), up_(next) {
    physical_ = {next.physical, static_cast<Derived*>(this)};
    handle_ = {next.handle, static_cast<Derived*>(this)};
    queue_ = {next.queue, static_cast<Derived*>(this)};
    up_.physical = reinterpret_cast<VkPhysicalDevice>(&physical_);
    up_.handle = reinterpret_cast<VkDevice>(&handle_);
    up_.queue = reinterpret_cast<VkQueue>(&queue_);
#define VKMEMBENCH_ROW(vulkan, snake, dispatch)          \
  if constexpr (Dispatch::dispatch != Dispatch::command) \
    if (next.fn.snake != nullptr) up_.fn.snake = Forward<EntryPoint::snake, &DeviceTable::snake, PFN_vk##vulkan>::call;
    VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  }
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  // The device as seen through this layer; valid while the layer lives.
  [[nodiscard]] const Device& device() const { return up_; }

 protected:
  ~Layer() = default;
  [[nodiscard]] const Device& next() const { return next_; }

 private:
  template <EntryPoint E, auto Member, typename Pfn>
  struct Forward;
  template <EntryPoint E, auto Member, typename Result, typename Handle, typename... Args>
  struct Forward<E, Member, Result(VKAPI_PTR*)(Handle, Args...)> {
    static VKAPI_ATTR Result VKAPI_CALL call(Handle handle, Args... args) {
      const auto* wrapped = reinterpret_cast<const LayerHandle*>(handle);
      auto& layer = *static_cast<Derived*>(wrapped->layer);
      const auto forward = [&]() -> Result {
        return (static_cast<Layer&>(layer).next_.fn.*Member)(static_cast<Handle>(wrapped->next), args...);
      };
      return layer.template intercept<E>(forward, args...);
    }
  };

  Device next_;
  Device up_;
  LayerHandle physical_;
  LayerHandle handle_;
  LayerHandle queue_;
};

}  // namespace vkmembench
