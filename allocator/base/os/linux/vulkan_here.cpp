#include "allocator/base/os/remedies.h"
#include "allocator/base/os/shared_library.h"

namespace vkmembench {

const char* const kVulkanLoader = "libvulkan.so.1";

std::string_view remedy_for(Missing what) {
  switch (what) {
    case Missing::vulkan_loader:
      return "install the package libvulkan1";
    case Missing::vulkan_driver:
      return "install the GPU's, or the package mesa-vulkan-drivers for one that runs on the CPU";
    case Missing::cpu_driver:
      return "install the package mesa-vulkan-drivers for one that runs on the CPU";
    case Missing::validation_layer:
      break;
  }
  return "install the package vulkan-validationlayers";
}

std::string install_command(std::string_view packages) { return "sudo apt-get install " + std::string(packages); }

}  // namespace vkmembench
