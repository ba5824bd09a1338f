#pragma once

#include <vulkan/vulkan_core.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "scenarios/recording/layer/intercepts.h"
#include "scenarios/recording/layer/live_list.h"
#include "scenarios/recording/layer/memory_report.h"
#include "scenarios/recording/recorder.h"

namespace vkmembench {

struct LayeredInstance {
  VkInstance handle = VK_NULL_HANDLE;
  NextInstance next{};
  RecordSettings settings{};
};

struct LayeredDevice {
  NextDevice next{};
  VkPhysicalDevice physical = VK_NULL_HANDLE;
  std::unique_ptr<MemoryReport> report{};  // none where the driver has no such thing
  std::unique_ptr<Recorder> recorder{};    // none where its file cannot be
};

// The instances and devices of the process that the layer is in. There is one: Vulkan's entry points have no other
// place for it.
[[nodiscard]] LiveList<LayeredInstance>& layered_instances();
[[nodiscard]] LiveList<LayeredDevice>& layered_devices();

// Held while a device comes or goes, and by who looks at all of them.
[[nodiscard]] std::mutex& layered_devices_mutex();

// Requires a device that the layer made, or a queue or command buffer of one.
template <typename Handle>
[[nodiscard]] LayeredDevice& layered(Handle handle) {
  return *layered_devices().find(LiveList<LayeredDevice>::key_of(handle));
}

// Begins the recording of a device that was just made.
void begin_recording(LayeredDevice& device, const LayeredInstance& instance);
void end_recording(LayeredDevice& device);

// A line on stderr, where programs say what is wrong.
void complain(const std::string& message);

}  // namespace vkmembench
