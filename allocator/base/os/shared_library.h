#pragma once

namespace vkmembench {

// A library that is opened while the program runs, and stays until the process ends. nullptr when there is none of that
// name.
[[nodiscard]] void* open_library(const char* name);
// A function of it, to be cast to its type; nullptr when it has none of that name.
[[nodiscard]] void (*library_function(void* library, const char* name))();

// What the Vulkan loader's library is called on this system.
extern const char* const kVulkanLoader;

}  // namespace vkmembench
