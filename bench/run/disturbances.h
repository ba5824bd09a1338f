#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "allocator/device/device.h"

namespace vkmembench {

// Why times of the wall clock say less here than elsewhere: a warning of a report.
struct Disturbance {
  const char* code;
  std::string text;
};

// What is known of it before anything runs: a simulated device, a driver on the CPU, other programs' load, a virtual
// machine. `root` is of the system's files.
[[nodiscard]] std::vector<Disturbance> disturbances(const DeviceInfo& device, const std::filesystem::path& root = "/");

}  // namespace vkmembench
