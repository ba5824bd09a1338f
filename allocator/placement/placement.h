#pragma once

#include <array>
#include <memory_resource>
#include <string_view>
#include <variant>

#include "allocator/base/check.h"
#include "allocator/placement/linear.h"
#include "allocator/placement/tlsf.h"

namespace vkmembench {

// What each class of placements is made with, and so which of them is meant.
using PlacementChoice = std::variant<Fit, LinearOrder>;

struct NamedPlacement {
  std::string_view name;
  PlacementChoice choice;
};
inline constexpr std::array<NamedPlacement, 5> kPlacements = {{{"first_fit", Fit::first_fit},
                                                               {"good_fit", Fit::good_fit},
                                                               {"best_fit", Fit::best_fit},
                                                               {"ring", LinearOrder::ring},
                                                               {"stack", LinearOrder::stack}}};

// Decides where in any of several regions a range goes: one of the classes of this folder, in place and told apart by
// one branch.
class Placement {
 public:
  // Requires a resource that outlives it. Whatever takes a range in or claims one throws std::bad_alloc when that
  // refuses, and has no effect then.
  Placement(PlacementChoice choice, std::pmr::memory_resource& memory) : placement_(make(choice, memory)) {}
  Placement(const Placement&) = delete;
  Placement& operator=(const Placement&) = delete;

  // Takes the region in, idle. Requires capacity > 0 and a serial above those of the regions already in.
  void add(Region& region) {
    std::visit([&](auto& placement) { placement.add(region); }, placement_);
  }
  // Lets go of an idle region.
  void remove(Region& region) {
    std::visit([&](auto& placement) { placement.remove(region); }, placement_);
  }
  // Claims a range of `size` at a multiple of `alignment` in a region that is not idle; nullptr when none was found. A
  // thorough look may find what a short one misses. Requires size > 0 and alignment a power of two.
  [[nodiscard]] Range* place(Bytes size, Bytes alignment, bool thorough = false) {
    return std::visit([&](auto& placement) { return placement.place(size, alignment, thorough); }, placement_);
  }
  // The same at the start of an idle region. Requires size <= capacity.
  [[nodiscard]] Range* place_in_idle(Region& region, Bytes size) {
    return std::visit([&](auto& placement) { return placement.place_in_idle(region, size); }, placement_);
  }
  // Frees a used range, merging it with its neighbours. True when its region is idle now.
  bool release(Range* range) {
    return std::visit([&](auto& placement) { return placement.release(range); }, placement_);
  }
  // The largest free range of the regions that are neither idle nor closed, to within 1/32; 0 without any, or where
  // free ranges are not sorted.
  [[nodiscard]] Bytes largest_free() const {
    const Tlsf* tlsf = std::get_if<Tlsf>(&placement_);
    return tlsf != nullptr ? tlsf->largest_free() : 0;
  }
  [[nodiscard]] const RangeStore& store() const {
    return std::visit([](const auto& placement) -> const RangeStore& { return placement.store(); }, placement_);
  }

  // Whether regions have an access, and places can be chosen by rank: what packing them asks.
  [[nodiscard]] bool can_pack() const { return std::holds_alternative<Tlsf>(placement_); }
  // Requires one that can pack.
  [[nodiscard]] Tlsf& packing() {
    Tlsf* tlsf = std::get_if<Tlsf>(&placement_);
    VKMEMBENCH_CHECK(tlsf != nullptr, "only TLSF knows the access of regions");
    return *tlsf;
  }

 private:
  using Any = std::variant<Tlsf, Linear>;
  [[nodiscard]] static Any make(PlacementChoice choice, std::pmr::memory_resource& memory) {
    if (const LinearOrder* order = std::get_if<LinearOrder>(&choice))
      return Any(std::in_place_type<Linear>, *order, memory);
    return Any(std::in_place_type<Tlsf>, std::get<Fit>(choice), memory);
  }

  Any placement_;
};

}  // namespace vkmembench
