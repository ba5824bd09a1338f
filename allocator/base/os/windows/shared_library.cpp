#include "allocator/base/os/shared_library.h"

#include "allocator/base/os/remedies.h"
#include "allocator/base/os/windows/api.h"

namespace vkmembench {

const char* const kVulkanLoader = "vulkan-1.dll";

void* open_library(const char* name) { return reinterpret_cast<void*>(LoadLibraryW(to_wide(name).c_str())); }

void (*library_function(void* library, const char* name))() {
  return reinterpret_cast<void (*)()>(GetProcAddress(static_cast<HMODULE>(library), name));
}

std::string_view remedy_for(Missing what) {
  switch (what) {
    case Missing::vulkan_loader:
    case Missing::vulkan_driver:
      return "install the GPU's driver";
    case Missing::cpu_driver:
      return "install the GPU's driver, or a lavapipe and name its manifest in VK_DRIVER_FILES";
    case Missing::validation_layer:
      break;
  }
  return "install the Vulkan SDK";
}

std::string install_command(std::string_view /*packages*/) { return {}; }

}  // namespace vkmembench
