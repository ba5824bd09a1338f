#pragma once

#include <cstdint>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

// What a call takes at a size.
struct CostPoint {
  Bytes bytes = 0;
  std::uint64_t ns = 0;
  std::uint64_t low_ns = 0;  // the spread that it was measured with; 0 and 0: none
  std::uint64_t high_ns = 0;
};

// What a call takes by size: straight between two points, as the nearest below the first, and beyond the last as
// steep as between the last two.
struct CostCurve {
  std::uint32_t memory_types = 0;  // that it speaks of, 0: every one
  std::vector<CostPoint> points;   // at least one, sizes rising

  // Rounded down; ~0 where the exact figure is larger.
  [[nodiscard]] std::uint64_t ns(Bytes bytes) const;
};

// What a driver call takes under the `model` clock: a line, or a curve for its memory type.
struct CallCost {
  std::uint64_t base_ns = 0;
  std::uint64_t ns_per_mib = 0;
  std::vector<CostCurve> curves = {};  // the first that speaks of the memory type counts; empty: the line

  // Of the line rounded down, and exact for every size a device can hold. Calls that concern no memory have type 0.
  [[nodiscard]] std::uint64_t ns(Bytes bytes, std::uint32_t memory_type = 0) const {
    if (!curves.empty()) return on_curve(bytes, memory_type);
    return base_ns + bytes / kMiB * ns_per_mib + bytes % kMiB * ns_per_mib / kMiB;
  }

 private:
  [[nodiscard]] std::uint64_t on_curve(Bytes bytes, std::uint32_t memory_type) const;
};

}  // namespace vkmembench
