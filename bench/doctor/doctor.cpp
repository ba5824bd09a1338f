#include "bench/doctor/doctor.h"

#include <fmt/format.h>
#include <vulkan/vulkan_core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "allocator/base/error.h"
#include "allocator/base/os/clock.h"
#include "allocator/base/os/cpu_instructions.h"
#include "allocator/base/os/process_limits.h"
#include "allocator/base/os/remedies.h"
#include "allocator/device/real/vulkan_device.h"
#include "bench/run/host_info.h"

namespace vkmembench {
namespace {

using Findings = std::vector<Finding>;

Finding good(std::string what) { return {true, std::move(what), {}}; }
Finding bad(std::string what, std::string remedy) { return {false, std::move(what), std::move(remedy)}; }
// Of these packages, or what the system has instead.
std::string install(std::string_view packages, Missing what) {
  const std::string command = install_command(packages);
  return command.empty() ? std::string(remedy_for(what)) : command;
}

void examine_devices(const Surroundings& where, Findings& findings) {
  for (const char* variable : {"VK_DRIVER_FILES", "VK_ICD_FILENAMES"})
    if (const char* value = std::getenv(variable))
      findings.push_back(good(fmt::format("{}={} limits which drivers are seen", variable, value)));

  const VulkanDevices devices = list_vulkan_devices(where.vulkan_library);
  if (devices.infos.empty()) {
    const bool has_loader = static_cast<bool>(VulkanLoader(where.vulkan_library));
    findings.push_back(bad(fmt::format("no Vulkan device: {}", devices.reason),
                           (has_loader ? install("mesa-vulkan-drivers", Missing::vulkan_driver)
                                       : install("libvulkan1 mesa-vulkan-drivers", Missing::vulkan_loader)) +
                               "; simulated devices (--device sim:NAME) work without"));
    return;
  }
  for (std::size_t i = 0; i < devices.infos.size(); ++i) {
    const DeviceInfo& info = devices.infos[i];
    Bytes total = 0;
    for (std::uint32_t heap = 0; heap < info.memory.memoryHeapCount; ++heap)
      total += info.memory.memoryHeaps[heap].size;
    findings.push_back(good(
        fmt::format("Vulkan device {}: {}, Vulkan {}.{}, {} {}, heaps: {} with {:.1f} GiB in all, {}", i, info.name,
                    VK_API_VERSION_MAJOR(info.api_version), VK_API_VERSION_MINOR(info.api_version), info.driver_name,
                    info.driver_info, info.memory.memoryHeapCount, static_cast<double>(total) / double{kGiB},
                    info.has_memory_budget ? "reports budgets" : "reports no budgets")));
  }
  const auto on_cpu = [](const DeviceInfo& info) { return info.type == VK_PHYSICAL_DEVICE_TYPE_CPU; };
  if (std::none_of(devices.infos.begin(), devices.infos.end(), on_cpu))
    findings.push_back(bad("no Vulkan driver for the CPU (lavapipe), which the tests use",
                           install("mesa-vulkan-drivers", Missing::cpu_driver)));
}

void examine_validation(const Surroundings& where, Findings& findings) {
  const VulkanLoader loader(where.vulkan_library);
  if (!loader) return;
  findings.push_back(loader.has_layer(kValidationLayer)
                         ? good("validation layer installed (run --validation)")
                         : bad("no validation layer, so no run --validation",
                               install("vulkan-validationlayers", Missing::validation_layer)));
}

// Ticks are the time stamp counter, good only where it neither changes its rate nor stops.
void examine_clock(const Surroundings& where, Findings& findings) {
  const TickRate rate = calibrate_ticks();
  findings.push_back(good(fmt::format("clock: {:.3f} ns a tick, resolution {:.1f} ns, {:.1f} ns a reading",
                                      rate.ns_per_tick, rate.resolution_ns, rate.read_overhead_ns)));
#if defined(__x86_64__)
  const auto cpu = read_fields(read_text(where.root / "proc/cpuinfo"), ':');
  const auto flags = cpu.find("flags");
  if (flags == cpu.end()) return;
  for (const char* flag : {"constant_tsc", "nonstop_tsc"})
    if (flags->second.find(flag) == std::string::npos)
      findings.push_back(bad(fmt::format("the time stamp counter lacks {}: times may be wrong", flag),
                             "measure on another machine, or use --clock model"));
#else
  static_cast<void>(where);
#endif
}

// Not needed: valgrind counts them too.
void examine_counter(const Surroundings&, Findings& findings) {
  try {
    const CpuInstructions counter;
    findings.push_back(good("the CPU counts instructions (run --clock instructions --counter hardware)"));
  } catch (const Error& error) {
    findings.push_back(good(fmt::format("{}; --clock instructions counts by valgrind", error.what())));
  }
}

void examine_frequency(const Surroundings& where, Findings& findings) {
  const std::filesystem::path cpu = where.root / "sys/devices/system/cpu";
  const std::string governor = read_text(cpu / "cpu0/cpufreq/scaling_governor");
  if (governor.empty()) {
    findings.push_back(
        good("CPU frequency is not ours to see (a virtual machine?): compare times by interleaving (ab)"));
    return;
  }
  findings.push_back(governor == "performance"
                         ? good("CPU frequency governor: performance")
                         : bad(fmt::format("CPU frequency governor: {}; times depend on the load before", governor),
                               "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"));
  if (read_text(cpu / "intel_pstate/no_turbo") == "0")
    findings.push_back(bad("turbo is on; times depend on temperature",
                           "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"));
  if (read_text(cpu / "cpufreq/boost") == "1")
    findings.push_back(
        bad("boost is on; times depend on temperature", "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"));
}

void examine_load(const Surroundings& where, Findings& findings) {
  const std::string text = read_text(where.root / "proc/loadavg");
  if (text.empty()) return;
  const double load = std::strtod(text.c_str(), nullptr);
  const double most = static_cast<double>(read_host_info(where.root).logical_cpus) / 2.0;
  const std::string what = fmt::format("load of the last minute: {:.2f}", load);
  findings.push_back(load <= most ? good(what)
                                  : bad(what + "; other programs disturb the times", "stop them, or use ab"));
}

// The shipped scenarios hold up to 1 GiB, and checked runs keep it twice.
constexpr Bytes kWantedMemory = 3 * kGiB;

void examine_memory(const Surroundings& where, Findings& findings) {
  const auto memory = read_fields(read_text(where.root / "proc/meminfo"), ':');
  const auto available = memory.find("MemAvailable");
  if (available == memory.end()) return;
  const Bytes bytes = parse_kilobytes(available->second);
  const std::string what = fmt::format("memory available: {:.1f} GiB", static_cast<double>(bytes) / double{kGiB});
  findings.push_back(bytes >= kWantedMemory ? good(what)
                                            : bad(what + "; the shipped scenarios may need 3 GiB",
                                                  "close programs, or run smaller: --set scale=0.5"));
}

// Simulated devices reserve address space for each object that the host can see.
void examine_address_space(const Surroundings&, Findings& findings) {
  if (const std::optional<std::uint64_t> limit = address_space_limit(); limit)
    findings.push_back(
        bad(fmt::format("address space is limited to {} MiB; simulated devices reserve much", *limit / kMiB),
            "ulimit -v unlimited"));
}

struct Companion {
  const char* path;
  const char* package;
  const char* purpose;
};
constexpr auto kCompanions = std::to_array<Companion>({
    {"usr/bin/valgrind", "valgrind", "run --clock instructions"},
    {"usr/bin/vulkaninfo", "vulkan-tools", "shows all that a driver reports"},
    {"usr/lib/python3/dist-packages/pandas", "python3-pandas", "the Python package of reports/python"},
    {"usr/lib/python3/dist-packages/jsonschema", "python3-jsonschema", "scripts/validate-json"},
});

void examine_companions(const Surroundings& where, Findings& findings) {
  if (install_command("").empty()) return;
  for (const Companion& companion : kCompanions) {
    std::error_code ignored;
    const std::string what = fmt::format("{} ({})", companion.package, companion.purpose);
    findings.push_back(std::filesystem::exists(where.root / companion.path, ignored)
                           ? good("installed: " + what)
                           : bad("not installed: " + what, install_command(companion.package)));
  }
}

constexpr auto kExaminations = std::to_array<void (*)(const Surroundings&, Findings&)>({
    examine_devices,
    examine_validation,
    examine_clock,
    examine_counter,
    examine_frequency,
    examine_load,
    examine_memory,
    examine_address_space,
    examine_companions,
});

}  // namespace

std::vector<Finding> examine(const Surroundings& where) {
  Findings findings;
  for (const auto& look : kExaminations) look(where, findings);
  return findings;
}

std::string findings_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{}  {}\n", finding.ok ? "ok " : "fix", finding.what);
    if (!finding.ok) text += fmt::format("     -> {}\n", finding.remedy);
  }
  const auto open = std::count_if(findings.begin(), findings.end(), [](const Finding& finding) { return !finding.ok; });
  return text + (open == 0 ? "all is well\n" : fmt::format("{} to fix\n", open));
}

}  // namespace vkmembench
