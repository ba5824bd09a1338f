#include "scenarios/profiles/profile_costs.h"

#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/suggest.h"
#include "scenarios/profiles/profile_rules.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kMaxNs = 1'000'000'000'000;
constexpr Bytes kMaxCostBytes = Bytes{1} << 46;

CostPoint read_point(const JsonValue& point) {
  const std::vector<JsonValue> parts = point.items();
  if (parts.size() != 2 && parts.size() != 4)
    point.fail("needs bytes and nanoseconds, or bytes, nanoseconds and the low and high end of their spread");
  CostPoint out;
  out.bytes = parts[0].integer(0, kMaxCostBytes);
  out.ns = parts[1].integer(0, kMaxNs);
  if (parts.size() == 4) {
    out.low_ns = parts[2].integer(0, out.ns);
    out.high_ns = parts[3].integer(out.ns, kMaxNs);
  }
  return out;
}

CostCurve read_curve(const JsonValue& curve, const DeviceProfile& profile) {
  curve.only_keys({"memory_types", "image_usages", "dedicated", "points"});
  CostCurve out;
  if (const auto types = curve.find("memory_types"))
    out.memory_types = read_type_bits(*types, profile.memory.memoryTypeCount);
  if (const auto usages = curve.find("image_usages"))
    out.image_usages = read_flags(*usages, image_usage_names(), "image usage");
  if (const auto dedicated = curve.find("dedicated")) out.dedicated = dedicated->boolean();
  for (const JsonValue& point : curve.at("points").items()) {
    out.points.push_back(read_point(point));
    if (out.points.size() > 1 && out.points.back().bytes <= out.points[out.points.size() - 2].bytes)
      point.fail("is not larger than the point before; sort them by bytes, each once");
  }
  if (out.points.empty()) curve.at("points").fail("no point; give at least one");
  return out;
}

}  // namespace

void read_costs(const JsonValue& costs, DeviceProfile& out) {
  constexpr std::uint64_t kMaxLineNs = 1'000'000'000;
  for (const auto& [name, cost] : costs.members()) {
    const auto found = std::ranges::find(kEntryPointNames, name);
    if (found == kEntryPointNames.end())
      cost.fail(fmt::format("unknown entry point '{}'{}; use Vulkan's names in snake case, without vk", name,
                            did_you_mean(name, kEntryPointNames)));
    cost.only_keys({"base_ns", "ns_per_mib", "curves"});
    CallCost& row = out.costs[static_cast<std::size_t>(found - kEntryPointNames.begin())];
    if (const auto curves = cost.find("curves")) {
      if (cost.find("base_ns") || cost.find("ns_per_mib"))
        cost.fail("has curves and a line; keep the curves, or base_ns and ns_per_mib");
      for (const JsonValue& curve : curves->items()) row.curves.push_back(read_curve(curve, out));
      if (row.curves.empty()) curves->fail("no curve; give at least one, or base_ns");
      continue;
    }
    row.base_ns = cost.at("base_ns").integer(0, kMaxLineNs);
    if (const auto slope = cost.find("ns_per_mib")) row.ns_per_mib = slope->integer(0, kMaxLineNs);
  }
}

}  // namespace vkmembench
