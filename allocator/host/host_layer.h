#pragma once

#include <array>

#include "allocator/device/layers/layer.h"
#include "allocator/host/host_operation.h"
#include "allocator/host/vulkan_callbacks.h"

namespace vkmembench {

// Gives the driver host memory of a tracker, whatever callbacks the caller names: what it asks for is counted by scope
// and entry point, such as `driver::object::create_buffer`. Objects made through the layer are destroyed through it.
class HostLayer : public Layer<HostLayer> {
 public:
  // `callbacks` are over `tracker`; both outlive the layer.
  HostLayer(const Device& next, HostTracker& tracker, const VulkanCallbacks& callbacks)
      : Layer(next), tracker_(tracker), callbacks_(callbacks.get()) {
    for (std::size_t entry = 0; entry < kEntryPointCount; ++entry) {
      if (intercepts(static_cast<EntryPoint>(entry))) operations_[entry] = tracker.category(kEntryPointNames[entry]);
    }
  }

  // Those that take callbacks.
  static constexpr bool intercepts(EntryPoint entry) {
    const std::string_view name = kEntryPointNames[static_cast<std::size_t>(entry)];
    return name.starts_with("create_") || name.starts_with("destroy_") || name == "allocate_memory" ||
           name == "free_memory";
  }
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(Call&& call, Args&... args) {
    (replace(args), ...);
    const HostOperation operation(tracker_, operations_[static_cast<std::size_t>(E)]);
    return call();
  }

 private:
  template <typename T>
  void replace(T& /*argument*/) {}
  void replace(const VkAllocationCallbacks*& callbacks) { callbacks = callbacks_; }

  HostTracker& tracker_;
  const VkAllocationCallbacks* callbacks_;
  std::array<Category, kEntryPointCount> operations_{};
};

}  // namespace vkmembench
