#include "bench/run/disturbances.h"

#include <fmt/format.h>

#include <cstdlib>

#include "bench/run/host_info.h"

namespace vkmembench {

std::vector<Disturbance> disturbances(const DeviceInfo& device, const std::filesystem::path& root) {
  std::vector<Disturbance> found;
  if (device.simulated)
    found.push_back({"wall_clock_simulated",
                     "the wall clock on a simulated device times only the allocator's own work, no driver's: "
                     "--clock model adds the driver's"});
  else if (device.type == VK_PHYSICAL_DEVICE_TYPE_CPU)
    found.push_back({"cpu_driver", "this driver runs on the CPU: its times are no GPU's"});
  const double load = std::strtod(read_text(root / "proc/loadavg").c_str(), nullptr);
  const std::uint32_t cores = read_host_info(root).logical_cpus;
  if (load > cores / 2.0)
    found.push_back(
        {"loaded", fmt::format("other programs run (load {:.1f} on {} cores): times vary with them", load, cores)});
  const auto cpu = read_fields(read_text(root / "proc/cpuinfo"), ':');
  if (const auto flags = cpu.find("flags"); flags != cpu.end() && flags->second.find("hypervisor") != std::string::npos)
    found.push_back({"virtual_machine", "this is a virtual machine: its cores and its clock are shared with others"});
  return found;
}

}  // namespace vkmembench
