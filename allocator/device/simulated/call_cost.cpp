#include "allocator/device/simulated/call_cost.h"

#include <algorithm>
#include <limits>

namespace vkmembench {

std::uint64_t CostCurve::ns(Bytes bytes) const {
  if (points.size() == 1 || bytes <= points.front().bytes) return points.front().ns;
  if (bytes > points.back().bytes && points.back().ns <= points[points.size() - 2].ns) return points.back().ns;
  const auto above = std::ranges::lower_bound(points, bytes, {}, &CostPoint::bytes);
  const CostPoint& to = above == points.end() ? points.back() : *above;
  const CostPoint& from = *(&to - 1);
  __extension__ using Wide = __int128;  // sizes of 2^46 times a second of nanoseconds are beyond 64 bits
  const Wide rise = static_cast<Wide>(to.ns) - static_cast<Wide>(from.ns);
  const Wide value = static_cast<Wide>(from.ns) +
                     rise * static_cast<Wide>(bytes - from.bytes) / static_cast<Wide>(to.bytes - from.bytes);
  return static_cast<std::uint64_t>(
      std::clamp<Wide>(value, 0, static_cast<Wide>(std::numeric_limits<std::uint64_t>::max())));
}

std::uint64_t CallCost::on_curve(const CallSubject& subject) const {
  for (const CostCurve& curve : curves)
    if (curve.speaks_of(subject)) return curve.ns(subject.bytes);
  return 0;
}

}  // namespace vkmembench
