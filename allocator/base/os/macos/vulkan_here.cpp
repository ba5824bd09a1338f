// Not tried: written without a machine that runs macOS.
#include "allocator/base/os/remedies.h"
#include "allocator/base/os/shared_library.h"

namespace vkmembench {

const char* const kVulkanLoader = "libvulkan.1.dylib";

std::string_view remedy_for(Missing /*what*/) { return "install the Vulkan SDK, which has loader, driver and layers"; }

std::string install_command(std::string_view /*packages*/) { return {}; }

}  // namespace vkmembench
