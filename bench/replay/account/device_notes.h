#pragma once

#include <string>
#include <vector>

#include "bench/replay/request/requests.h"

namespace vkmembench {

// What a device lets no strategy do well, each a line for the report.

// Heaps whose budget says nothing, see usable_budget().
[[nodiscard]] std::vector<std::string> budget_warnings(const DeviceInfo& device);

// Requests that prefer a property which no memory type that may serve them has, a line for each use and property.
[[nodiscard]] std::vector<std::string> unmet_preferences(const Trace& trace, const Requests& requests,
                                                         const VkPhysicalDeviceMemoryProperties& memory);

// Why none of the trace's requests can be tried, when the device supports none; else empty.
[[nodiscard]] std::string why_nothing_can_be_tried(const Trace& trace, const Requests& requests);

}  // namespace vkmembench
