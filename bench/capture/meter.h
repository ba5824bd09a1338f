#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/os/clock.h"
#include "allocator/device/device.h"
#include "allocator/device/simulated/call_cost.h"

namespace vkmembench {

// Times calls on a device by the wall clock, by entry point, memory type and bytes. Requires a device that outlives it.
class Meter {
 public:
  explicit Meter(const Device& device) : device_(device), rate_(calibrate_ticks()) {}

  // Times the call and notes it; throws Error when it fails for good.
  template <typename Call>
  VkResult time(EntryPoint entry, std::uint32_t type, Bytes bytes, const Call& call) {
    const Ticks start = read_ticks();
    VkResult result = VK_SUCCESS;
    if constexpr (std::is_void_v<decltype(call())>)
      call();
    else
      result = call();
    samples_[entry][type][bytes].push_back(rate_.to_ns(read_ticks() - start));
    if (result == VK_ERROR_DEVICE_LOST)
      throw Error(device_.info->name + " was lost in the middle of the capture; nothing is written, try again",
                  ErrorKind::no_device);
    return result;
  }

  [[nodiscard]] std::array<CallCost, kEntryPointCount> costs() {
    std::array<CallCost, kEntryPointCount> out;
    for (auto& [entry, types] : samples_)
      for (auto& [type, sizes] : types) {
        CostCurve curve;
        if (types.size() > 1) curve.memory_types = 1u << type;
        for (auto& [bytes, times] : sizes) curve.points.push_back(point(bytes, times));
        out[static_cast<std::size_t>(entry)].curves.push_back(std::move(curve));
      }
    return out;
  }

 private:
  static CostPoint point(Bytes bytes, std::vector<std::uint64_t>& times) {
    std::ranges::sort(times);
    return {bytes, times[times.size() / 2], times[times.size() / 4], times[times.size() * 3 / 4]};
  }

  const Device& device_;
  const TickRate rate_;
  std::map<EntryPoint, std::map<std::uint32_t, std::map<Bytes, std::vector<std::uint64_t>>>> samples_;
};

}  // namespace vkmembench
