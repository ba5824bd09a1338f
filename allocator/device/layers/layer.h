#pragma once

#include "allocator/base/check.h"
#include "allocator/device/device.h"

namespace vkmembench {

// What a layer hands out in place of a dispatchable handle.
struct LayerHandle {
  void* layer = nullptr;
};

// A table over a table. Every physical, device and queue call that Derived::intercepts(E) (all of them by default) goes
// through Derived::intercept<E>(call, args...), which returns call() to forward, with what it made of the args if it
// takes them by reference; the others go straight to the next table that cares, so a layer costs nothing where it has
// nothing to do. Command recording keeps the lower pointers, for command buffers are not wrapped. Non-dispatchable
// handles (memory, buffers, images, fences) are those of the lowest table, so objects made through a layer can be used
// through any table below it. Absent entry points stay null.
template <class Derived>
class Layer {
 public:
  explicit Layer(const Device& next) : next_(next), up_(next) {
    physical_ = handle_ = queue_ = {static_cast<Derived*>(this)};
    up_.physical = reinterpret_cast<VkPhysicalDevice>(&physical_);
    up_.handle = reinterpret_cast<VkDevice>(&handle_);
    up_.queue = reinterpret_cast<VkQueue>(&queue_);
    up_.targets = &targets_;
#define VKMEMBENCH_ROW(vulkan, snake, dispatch)          \
  if constexpr (Dispatch::dispatch != Dispatch::command) \
    if (next.fn.snake != nullptr) up_.fn.snake = connect<EntryPoint::snake, Dispatch::dispatch>(next.fn.snake);
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
  [[nodiscard]] static constexpr bool intercepts_call(EntryPoint entry) {
    if constexpr (requires { Derived::intercepts(entry); })
      return Derived::intercepts(entry);
    else
      return true;
  }

  template <EntryPoint E, Dispatch D, typename Pfn>
  Pfn connect(Pfn function) {
    constexpr auto kIndex = static_cast<std::size_t>(E);
    CallTarget below{reinterpret_cast<PFN_vkVoidFunction>(function), next_handle<D>()};
    if (next_.targets != nullptr) below = (*next_.targets)[kIndex];
    below_[kIndex] = below;
    const Pfn own = Forward<E, Pfn>::call;
    targets_[kIndex] =
        intercepts_call(E) ? CallTarget{reinterpret_cast<PFN_vkVoidFunction>(own), own_handle<D>()} : below;
    return own;
  }
  template <Dispatch D>
  [[nodiscard]] void* next_handle() const {
    if constexpr (D == Dispatch::physical) return next_.physical;
    if constexpr (D == Dispatch::queue) return next_.queue;
    return next_.handle;
  }
  template <Dispatch D>
  [[nodiscard]] void* own_handle() {
    if constexpr (D == Dispatch::physical) return &physical_;
    if constexpr (D == Dispatch::queue) return &queue_;
    return &handle_;
  }

  template <EntryPoint E, typename Pfn>
  struct Forward;
  template <EntryPoint E, typename Result, typename Handle, typename... Args>
  struct Forward<E, Result(VKAPI_PTR*)(Handle, Args...)> {
    static VKAPI_ATTR Result VKAPI_CALL call(Handle handle, Args... args) {
      auto& layer = *static_cast<Derived*>(reinterpret_cast<const LayerHandle*>(handle)->layer);
      const CallTarget& target = static_cast<Layer&>(layer).below_[static_cast<std::size_t>(E)];
      const auto forward = [&]() -> Result {
        return reinterpret_cast<Result(VKAPI_PTR*)(Handle, Args...)>(target.function)(
            static_cast<Handle>(target.handle), args...);
      };
      if constexpr (intercepts_call(E))
        return layer.template intercept<E>(forward, args...);
      else
        return forward();
    }
  };

  Device next_;
  Device up_;
  LayerHandle physical_;
  LayerHandle handle_;
  LayerHandle queue_;
  CallTargets below_{};    // where this layer forwards to
  CallTargets targets_{};  // where a layer above forwards to
};

}  // namespace vkmembench
