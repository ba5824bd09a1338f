#pragma once

#include <span>
#include <string_view>

#include "allocator/device/simulated/device_profile.h"

namespace vkmembench {

// A simulated device that is hard to please: what it changes of the shipped profile kHostileBase. Real devices have
// each trait, or the specification allows it.
struct HostileProfile {
  std::string_view name;
  std::string_view description;
  void (*change)(DeviceProfile& profile);
};
inline constexpr std::string_view kHostileBase = "nvidia-rtx-3090";

// The table; `--device hostile:NAME` names a row.
[[nodiscard]] std::span<const HostileProfile> hostile_profiles();
[[nodiscard]] DeviceProfile make_profile(const HostileProfile& row);

}  // namespace vkmembench
