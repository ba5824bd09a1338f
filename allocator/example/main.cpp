// Prints each Vulkan device of this machine with the sizes and budgets of its heaps.
#include <iostream>

#include "allocator/base/bytes.h"
#include "allocator/device/vulkan_device.h"

int main() {
  const vkmembench::VulkanDevices devices = vkmembench::list_vulkan_devices();
  if (!devices.reason.empty()) std::cout << devices.reason << '\n';
  for (const vkmembench::DeviceInfo& info : devices.infos) {
    std::cout << info.name << '\n';
    for (std::uint32_t heap = 0; heap < info.memory.memoryHeapCount; ++heap)
      std::cout << "  heap " << heap << ": " << info.memory.memoryHeaps[heap].size / vkmembench::kMiB << " MiB, budget "
                << info.budgets[heap] / vkmembench::kMiB << " MiB\n";
  }
}
