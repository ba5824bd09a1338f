#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

// What the cost of a call may depend on.
struct CallSubject {
  Bytes bytes = 0;
  std::uint32_t memory_type = 0;      // 0 where it concerns no memory
  VkImageUsageFlags image_usage = 0;  // 0 where it concerns no image
  bool dedicated = false;             // memory of one resource, or a resource in such memory
};

// What a call takes at a size.
struct CostPoint {
  Bytes bytes = 0;
  std::uint64_t ns = 0;
  std::uint64_t low_ns = 0;  // the spread that it was measured with; 0 and 0: none
  std::uint64_t high_ns = 0;
};

// What a call takes by size: straight between two points, as the nearest below the first, and beyond the last as
// steep as between the last two, but never less than the last.
struct CostCurve {
  std::uint32_t memory_types = 0;      // that it speaks of, 0: every one
  VkImageUsageFlags image_usages = 0;  // of calls with an image that has any of these, 0: of all calls
  bool dedicated = false;              // of calls with dedicated memory only
  std::vector<CostPoint> points;       // at least one, sizes rising

  [[nodiscard]] bool speaks_of(const CallSubject& subject) const {
    return (memory_types == 0 || (memory_types >> subject.memory_type & 1u) != 0) &&
           (image_usages == 0 || (image_usages & subject.image_usage) != 0) && (!dedicated || subject.dedicated);
  }
  // Rounded down; ~0 where the exact figure is larger.
  [[nodiscard]] std::uint64_t ns(Bytes bytes) const;
};

// What a driver call takes under the `model` clock: a line, or a curve for its subject.
struct CallCost {
  std::uint64_t base_ns = 0;
  std::uint64_t ns_per_mib = 0;
  std::vector<CostCurve> curves = {};  // the first that speaks of the call counts; empty: the line

  // Of the line rounded down, and exact for every size a device can hold.
  [[nodiscard]] std::uint64_t ns(const CallSubject& subject) const {
    if (!curves.empty()) return on_curve(subject);
    return base_ns + subject.bytes / kMiB * ns_per_mib + subject.bytes % kMiB * ns_per_mib / kMiB;
  }

 private:
  [[nodiscard]] std::uint64_t on_curve(const CallSubject& subject) const;
};

}  // namespace vkmembench
