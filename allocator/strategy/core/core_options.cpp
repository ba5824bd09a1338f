#include "allocator/strategy/core/core_options.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 3> kAlignmentNames = {"device", "smart", "custom"};
constexpr std::array<std::string_view, 2> kFallbackNames = {"allow", "forbid"};
constexpr std::array<std::string_view, 3> kEvictNames = {"never", "over_budget", "under_pressure"};
constexpr std::array<std::string_view, 3> kFitNames = {"first_fit", "good_fit", "best_fit"};

using Field =
    std::variant<Bytes*, std::uint32_t*, double*, bool*, AlignmentPolicy*, FallbackPolicy*, Fit*, EvictPolicy*>;

// The field that the members lead to.
template <auto... kMembers>
Field at(CoreOptions& options) {
  return &(options.*....*kMembers);
}
template <auto kMember>
constexpr auto of_allocator = at<&CoreOptions::allocator, kMember>;

struct Row {
  std::string_view name;
  Field (*field)(CoreOptions& options);
  double min;
  double max;
  std::string_view description;
};

constexpr Bytes kSmallestStagingRing = 64 * kKiB;

constexpr double kKi = static_cast<double>(kKiB);
constexpr double kMi = static_cast<double>(kMiB);
constexpr double kGi = static_cast<double>(kGiB);

constexpr Row kRows[] = {
    {"small_limit_bytes", of_allocator<&AllocatorOptions::small_limit_bytes>, 1, kGi,
     "largest allocation of the small class"},
    {"medium_limit_bytes", of_allocator<&AllocatorOptions::medium_limit_bytes>, 1, kGi,
     "largest allocation of the medium class"},
    {"big_limit_bytes", of_allocator<&AllocatorOptions::big_limit_bytes>, 1, 4 * kGi,
     "largest allocation of the big class; above is large"},
    {"small_block_bytes", of_allocator<&AllocatorOptions::small_block_bytes>, 0, 4 * kGi,
     "block size of the small class, 0 to grow"},
    {"medium_block_bytes", of_allocator<&AllocatorOptions::medium_block_bytes>, 0, 4 * kGi,
     "block size of the medium class, 0 to grow"},
    {"big_block_bytes", of_allocator<&AllocatorOptions::big_block_bytes>, 0, 4 * kGi,
     "block size of the big class, 0 to grow"},
    {"large_block_bytes", of_allocator<&AllocatorOptions::large_block_bytes>, 0, 16 * kGi,
     "block size for allocations above the big class, such as 32, 64 or 128 MiB; 0 to grow"},
    {"first_block_bytes", of_allocator<&AllocatorOptions::first_block_bytes>, 4 * kKi, kGi,
     "smallest block while less than 4 min_block_bytes are held in all"},
    {"min_block_bytes", of_allocator<&AllocatorOptions::min_block_bytes>, 4 * kKi, kGi,
     "smallest block of a pool that grows"},
    {"max_block_bytes", of_allocator<&AllocatorOptions::max_block_bytes>, 4 * kKi, 4 * kGi,
     "largest block of a pool that grows"},
    {"growth_ratio", of_allocator<&AllocatorOptions::growth_ratio>, 0, 4,
     "next block of a pool as a share of the bytes it holds"},
    {"alignment", of_allocator<&AllocatorOptions::alignment>, 0, 0,
     "device: as the device asks; smart: 64 B below 256 KiB, 4 KiB below 1 MiB, 2 MiB above; custom: "
     "custom_alignment_bytes"},
    {"custom_alignment_bytes", of_allocator<&AllocatorOptions::custom_alignment_bytes>, 1, 256 * kMi,
     "a power of two, for alignment=custom"},
    {"fallback", of_allocator<&AllocatorOptions::fallback>, 0, 0,
     "whether the next best memory type serves when the best is exhausted"},
    {"placement", of_allocator<&AllocatorOptions::placement>, 0, 0, "how far a free range is searched for"},
    {"borrow", of_allocator<&AllocatorOptions::borrow>, 0, 0,
     "use gaps in blocks of other classes before making a block"},
    {"dedicated_above_bytes", of_allocator<&AllocatorOptions::dedicated_above_bytes>, 0, 16 * kGi,
     "device-only resources from this size on get memory of their own, 0 for none"},
    {"prefer_within_budget", of_allocator<&AllocatorOptions::prefer_within_budget>, 0, 0,
     "pass a heap's budget only when every memory type would otherwise refuse"},
    {"keep_empty_blocks", of_allocator<&AllocatorOptions::keep_empty_blocks>, 0, 4096,
     "empty blocks that a pool may keep"},
    {"keep_empty_ratio", of_allocator<&AllocatorOptions::keep_empty_ratio>, 0, 16,
     "bytes of empty blocks kept, as a share of live bytes"},
    {"prewarm_blocks", of_allocator<&AllocatorOptions::prewarm_blocks>, 0, 64, "blocks of each class made at creation"},
    {"arenas", at<&CoreOptions::arenas>, 1, kMaxArenas,
     "whole allocators side by side: lane modulo arenas asks its own"},
    {"keep_mapped", of_allocator<&AllocatorOptions::keep_mapped>, 0, 0,
     "leave a mapped block mapped until it is given back"},
    {"named_pools", of_allocator<&AllocatorOptions::named_pools>, 0, 0,
     "serve requests that name a pool from pools of their own"},
    {"named_pool_scale", of_allocator<&AllocatorOptions::named_pool_scale>, 1.0 / 1024, 16,
     "block size of the named pools against their table, as far as the device can make it"},
    {"pool_fallback", of_allocator<&AllocatorOptions::pool_fallback>, 0, 0,
     "whether other pools serve when a named one is exhausted"},
    {"reuse", at<&CoreOptions::reuses>, 0, 0,
     "keep released buffers and hand them out again for up to half their size"},
    {"reuse_prewarm", at<&CoreOptions::reuse, &ReuseSettings::prewarm>, 0, 0,
     "with reuse: make small buffers of each kind at creation"},
    {"staging_ring_bytes", at<&CoreOptions::staging_ring_bytes>, 0, kGi,
     "size of the ring that uploads go through, at least 64 KiB and halved where the device has no room; 0 for a "
     "staging buffer an upload"},
    {"pressure_at", at<&CoreOptions::pressure, &PressureSettings::pressure_at>, 0.01, 1,
     "share of a heap's budget that counts as memory pressure"},
    {"evict", at<&CoreOptions::pressure, &PressureSettings::evict>, 0, 0,
     "when evictable resources go: never, over the budget or at pressure_at of it"},
    {"evict_idle_frames", at<&CoreOptions::pressure, &PressureSettings::evict_idle_frames>, 0, 1e9,
     "frames without use after which eviction takes first"},
    {"adaptive_shrink_frames", at<&CoreOptions::adaptive, &AdaptiveSettings::shrink_after_frames>, 1, 1e6,
     "frames that a resized buffer is less than half used before it shrinks"},
    {"tiers", at<&CoreOptions::moves_tiers>, 0, 0,
     "move buffers between host-visible, device and host memory by their use"},
    {"tier_scan_frames", at<&CoreOptions::tiers, &TierSettings::scan_frames>, 1, 1e6,
     "with tiers: frames from one look at the uses to the next"},
    {"tier_moves_per_frame", at<&CoreOptions::tiers, &TierSettings::moves_per_frame>, 1, 1e6,
     "with tiers: buffers moved in a frame at most"},
    {"tier_bytes_per_frame", at<&CoreOptions::tiers, &TierSettings::bytes_per_frame>, 1, 16 * kGi,
     "with tiers: bytes moved in a frame at most; a single larger buffer still moves alone"},
    {"auto_defragment", at<&CoreOptions::defragment, &AutoDefragment::enabled>, 0, 0,
     "defragment when memory is scattered"},
    {"auto_defragment_above", at<&CoreOptions::defragment, &AutoDefragment::above>, 0, 1,
     "external fragmentation that auto_defragment acts on"},
    {"auto_defragment_frames", at<&CoreOptions::defragment, &AutoDefragment::frames>, 1, 1e9,
     "frames from one automatic defragmentation to the next, and to the first"},
};

template <typename T>
std::span<const std::string_view> names_of() {
  if constexpr (std::is_same_v<T, AlignmentPolicy>) return kAlignmentNames;
  if constexpr (std::is_same_v<T, FallbackPolicy>) return kFallbackNames;
  if constexpr (std::is_same_v<T, Fit>) return kFitNames;
  if constexpr (std::is_same_v<T, EvictPolicy>) return kEvictNames;
  return {};
}

template <typename T>
ParameterKind kind_of(std::string_view name) {
  if constexpr (std::is_enum_v<T>) return ParameterKind::choice;
  if constexpr (std::is_same_v<T, bool>) return ParameterKind::flag;
  if constexpr (std::is_same_v<T, double>) return ParameterKind::real;
  return name.ends_with("_bytes") ? ParameterKind::bytes : ParameterKind::integer;
}

Parameter parameter_of(const Row& row) {
  CoreOptions defaults;
  return std::visit(
      [&row]<typename T>(const T* field) {
        return Parameter{row.name,      kind_of<T>(row.name), static_cast<double>(*field), row.min, row.max,
                         names_of<T>(), row.description};
      },
      row.field(defaults));
}

// Requires a value that check_parameter() passed.
void assign(CoreOptions& options, const Row& row, const ParameterValue& value) {
  std::visit(
      [&value]<typename T>(T* field) {
        if constexpr (std::is_enum_v<T>) {
          const auto names = names_of<T>();
          const auto found = std::find(names.begin(), names.end(), std::get<std::string>(value));
          *field = static_cast<T>(found - names.begin());
        } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double>) {
          *field = std::get<T>(value);
        } else {
          *field = static_cast<T>(std::get<std::uint64_t>(value));
        }
      },
      row.field(options));
}

}  // namespace

std::span<const Parameter> core_parameters() {
  static const std::vector<Parameter> parameters = [] {
    std::vector<Parameter> all;
    for (const Row& row : kRows) all.push_back(parameter_of(row));
    return all;
  }();
  return parameters;
}

CoreOptions core_options(const Parameters& parameters) {
  CoreOptions options;
  const std::span<const Parameter> known = core_parameters();
  for (const auto& [name, value] : parameters) {
    const auto parameter = std::ranges::find(known, name, &Parameter::name);
    if (parameter == known.end()) throw Error("core: unknown parameter '" + name + "'" + known_names(name, known));
    check_parameter(*parameter, value, "parameter '" + name + "'");
    assign(options, kRows[parameter - known.begin()], value);
  }
  return options;
}

void check_options(const CoreOptions& options) {
  check_options(options.allocator);
  if (options.staging_ring_bytes != 0 && options.staging_ring_bytes < kSmallestStagingRing)
    throw Error("core: staging_ring_bytes of " + std::to_string(options.staging_ring_bytes) + " bytes" + " is below " +
                std::to_string(kSmallestStagingRing) + " bytes" + "; raise it, or set 0 for no ring");
}

}  // namespace vkmembench
