#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "allocator/device/real/vulkan_loader.h"

namespace vkmembench {

// One thing `doctor` looked at.
struct Finding {
  bool ok = true;
  std::string what;    // what was found, in one line
  std::string remedy;  // the command or action that mends it; empty when ok
};

// Where to look: the machine, or a stand-in for tests.
struct Surroundings {
  std::filesystem::path root = "/";            // of the system's files
  const char* vulkan_library = kVulkanLoader;  // of the Vulkan loader
};

// Looks at all that decides whether vkmembench runs here and how far its times can be trusted: Vulkan devices,
// validation layer, clock, CPU frequency, load, memory, address space and companions. Changes nothing; takes some 50
// ms.
[[nodiscard]] std::vector<Finding> examine(const Surroundings& where = {});

// A line for each finding, "ok" or "fix", with the remedy below what needs one; then how many need one.
[[nodiscard]] std::string findings_text(const std::vector<Finding>& findings);

}  // namespace vkmembench
