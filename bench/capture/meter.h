#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/os/clock.h"
#include "allocator/device/entry_points.h"
#include "allocator/device/simulated/call_cost.h"

namespace vkmembench {

// Times calls on a device by the wall clock, by entry point and subject.
class Meter {
 public:
  explicit Meter(std::string device) : device_(std::move(device)), rate_(calibrate_ticks()) {}

  // Times the call and notes it; throws Error when it fails for good.
  template <typename Call>
  VkResult time(EntryPoint entry, const CallSubject& subject, const Call& call) {
    const Ticks start = read_ticks();
    VkResult result = VK_SUCCESS;
    if constexpr (std::is_void_v<decltype(call())>)
      call();
    else
      result = call();
    const auto ns = rate_.to_ns(read_ticks() - start);
    samples_[entry][{subject.dedicated, subject.image_usage, subject.memory_type}][subject.bytes].push_back(ns);
    if (result == VK_ERROR_DEVICE_LOST)
      throw Error(device_ + " was lost in the middle of the capture; nothing is written, try again",
                  ErrorKind::no_device);
    return result;
  }

  [[nodiscard]] std::array<CallCost, kEntryPointCount> costs() {
    std::array<CallCost, kEntryPointCount> out;
    for (auto& [entry, curves] : samples_)
      for (auto& [key, sizes] : curves) {
        const CurveKey& of = key;  // lambdas take no structured bindings before clang 16
        CostCurve curve;
        curve.dedicated = of.dedicated;
        curve.image_usages = of.image_usage;
        if (std::ranges::any_of(curves, [&](const auto& other) { return other.first.memory_type != of.memory_type; }))
          curve.memory_types = 1u << of.memory_type;
        for (auto& [bytes, times] : sizes) curve.points.push_back(point(bytes, times));
        out[static_cast<std::size_t>(entry)].curves.push_back(std::move(curve));
      }
    return out;
  }

 private:
  // The mean of the middle half, which is finer than the clock's tick, between its ends.
  static CostPoint point(Bytes bytes, std::vector<std::uint64_t>& times) {
    std::ranges::sort(times);
    const std::size_t low = times.size() / 4;
    const std::size_t high = times.size() * 3 / 4;
    const auto sum = std::accumulate(times.begin() + static_cast<std::ptrdiff_t>(low),
                                     times.begin() + static_cast<std::ptrdiff_t>(high) + 1, std::uint64_t{0});
    return {bytes, sum / (high - low + 1), times[low], times[high]};
  }

  const std::string device_;  // its name
  const TickRate rate_;
  // What has a curve of its own. The narrower come first, for the first that speaks of a call counts.
  struct CurveKey {
    bool dedicated = false;
    VkImageUsageFlags image_usage = 0;
    std::uint32_t memory_type = 0;
    auto operator<=>(const CurveKey&) const = default;
  };
  using Curves = std::map<CurveKey, std::map<Bytes, std::vector<std::uint64_t>>, std::greater<>>;
  std::map<EntryPoint, Curves> samples_;
};

}  // namespace vkmembench
