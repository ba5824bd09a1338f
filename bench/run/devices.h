#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/device/device.h"
#include "allocator/device/simulated/device_profile.h"

namespace vkmembench {

// How a device is opened.
struct OpenOptions {
  bool model_clock = false;                     // simulated devices only
  bool verify_contents = false;                 // simulated: device-local memory has bytes
  bool validation = false;                      // Vulkan devices only
  const VkAllocationCallbacks* host = nullptr;  // of the device itself; Vulkan devices only
  DeviceFeatureSet features = {};               // that the trace needs, as far as the device offers them
};

// A device that can be opened: the selector to type, what is known of it before, and how to open it.
struct DeviceChoice {
  std::string selector;
  std::string folder;  // name for a folder of reports
  DeviceInfo info;
  std::function<std::unique_ptr<DeviceOwner>(const OpenOptions&)> open;
};

// A kind of devices: one row of the table of backends.
struct DeviceBackend {
  std::string_view name;
  std::string_view description;
  // Every device of the kind, each once. `why_none` is one line when there are none.
  std::vector<DeviceChoice> (*list)(std::string& why_none);
};
[[nodiscard]] std::span<const DeviceBackend> device_backends();

// The devices that a selector names: auto, an index, name:GLOB, uuid:HEX, cpu, sim:NAME, sim:FILE, sim:all,
// hostile:NAME, hostile:all. One device but for sim:all and hostile:all. Throws Error: bad_input for an unknown sim:
// name or when several match, no_device when none does.
[[nodiscard]] std::vector<DeviceChoice> select_devices(const std::string& selector);
// The profile that `sim:NAME` names: one that ships, or a file. Throws Error for neither, and for what is no profile.
[[nodiscard]] DeviceProfile simulated_profile(const std::string& name);

}  // namespace vkmembench
