#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "allocator/device/simulated/device_profile.h"
#include "scenarios/json/embedded.h"

namespace vkmembench {

// Reads a device profile ("vkmembench.device/1"). Unknown keys and values that contradict each other or the Vulkan
// specification throw Error with file, line, JSON pointer and remedy.
[[nodiscard]] DeviceProfile load_profile(const std::filesystem::path& file);
// The same of a text; `file_name` names it in messages.
[[nodiscard]] DeviceProfile parse_profile(std::string_view text, const std::string& file_name);

// The profiles of scenarios/devices/, by file name; `sim:NAME` names one without its `.json`.
[[nodiscard]] std::span<const EmbeddedFile> shipped_profiles();

}  // namespace vkmembench
