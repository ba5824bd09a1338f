#include "allocator/core/pools/options.h"

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

using Member = std::variant<Bytes CoreOptions::*, std::uint32_t CoreOptions::*, double CoreOptions::*,
                            bool CoreOptions::*, AlignmentPolicy CoreOptions::*, FallbackPolicy CoreOptions::*,
                            Fit CoreOptions::*, EvictPolicy CoreOptions::*>;

struct Row {
  std::string_view name;
  Member member;
  double min;
  double max;
  std::string_view description;
};

constexpr Bytes kSmallestStagingRing = 64 * kKiB;

constexpr double kKi = static_cast<double>(kKiB);
constexpr double kMi = static_cast<double>(kMiB);
constexpr double kGi = static_cast<double>(kGiB);

constexpr Row kRows[] = {
    {"small_limit_bytes", &CoreOptions::small_limit_bytes, 1, kGi, "largest allocation of the small class"},
    {"medium_limit_bytes", &CoreOptions::medium_limit_bytes, 1, kGi, "largest allocation of the medium class"},
    {"big_limit_bytes", &CoreOptions::big_limit_bytes, 1, 4 * kGi,
     "largest allocation of the big class; above is large"},
    {"small_block_bytes", &CoreOptions::small_block_bytes, 0, 4 * kGi, "block size of the small class, 0 to grow"},
    {"medium_block_bytes", &CoreOptions::medium_block_bytes, 0, 4 * kGi, "block size of the medium class, 0 to grow"},
    {"big_block_bytes", &CoreOptions::big_block_bytes, 0, 4 * kGi, "block size of the big class, 0 to grow"},
    {"large_block_bytes", &CoreOptions::large_block_bytes, 0, 16 * kGi,
     "block size for allocations above the big class, such as 32, 64 or 128 MiB; 0 to grow"},
    {"first_block_bytes", &CoreOptions::first_block_bytes, 4 * kKi, kGi,
     "smallest block while less than 4 min_block_bytes are held in all"},
    {"min_block_bytes", &CoreOptions::min_block_bytes, 4 * kKi, kGi, "smallest block of a pool that grows"},
    {"max_block_bytes", &CoreOptions::max_block_bytes, 4 * kKi, 4 * kGi, "largest block of a pool that grows"},
    {"growth_ratio", &CoreOptions::growth_ratio, 0, 4, "next block of a pool as a share of the bytes it holds"},
    {"alignment", &CoreOptions::alignment, 0, 0,
     "device: as the device asks; smart: 64 B below 256 KiB, 4 KiB below 1 MiB, 2 MiB above; custom: "
     "custom_alignment_bytes"},
    {"custom_alignment_bytes", &CoreOptions::custom_alignment_bytes, 1, 256 * kMi,
     "a power of two, for alignment=custom"},
    {"fallback", &CoreOptions::fallback, 0, 0, "whether the next best memory type serves when the best is exhausted"},
    {"placement", &CoreOptions::placement, 0, 0, "how far a free range is searched for"},
    {"borrow", &CoreOptions::borrow, 0, 0, "use gaps in blocks of other classes before making a block"},
    {"dedicated_above_bytes", &CoreOptions::dedicated_above_bytes, 0, 16 * kGi,
     "device-only resources from this size on get memory of their own, 0 for none"},
    {"prefer_within_budget", &CoreOptions::prefer_within_budget, 0, 0,
     "pass a heap's budget only when every memory type would otherwise refuse"},
    {"keep_empty_blocks", &CoreOptions::keep_empty_blocks, 0, 4096, "empty blocks that a pool may keep"},
    {"keep_empty_ratio", &CoreOptions::keep_empty_ratio, 0, 16, "bytes of empty blocks kept, as a share of live bytes"},
    {"prewarm_blocks", &CoreOptions::prewarm_blocks, 0, 64, "blocks of each class made at creation"},
    {"arenas", &CoreOptions::arenas, 1, kMaxArenas, "whole allocators side by side: lane modulo arenas asks its own"},
    {"keep_mapped", &CoreOptions::keep_mapped, 0, 0, "leave a mapped block mapped until it is given back"},
    {"named_pools", &CoreOptions::named_pools, 0, 0, "serve requests that name a pool from pools of their own"},
    {"named_pool_scale", &CoreOptions::named_pool_scale, 1.0 / 1024, 16,
     "block size of the named pools against their table, as far as the device can make it"},
    {"pool_fallback", &CoreOptions::pool_fallback, 0, 0, "whether other pools serve when a named one is exhausted"},
    {"reuse", &CoreOptions::reuse, 0, 0, "keep released buffers and hand them out again for up to half their size"},
    {"reuse_prewarm", &CoreOptions::reuse_prewarm, 0, 0, "with reuse: make small buffers of each kind at creation"},
    {"staging_ring_bytes", &CoreOptions::staging_ring_bytes, 0, kGi,
     "size of the ring that uploads go through, at least 64 KiB and halved where the device has no room; 0 for a "
     "staging buffer an upload"},
    {"pressure_at", &CoreOptions::pressure_at, 0.01, 1, "share of a heap's budget that counts as memory pressure"},
    {"evict", &CoreOptions::evict, 0, 0, "when evictable resources go: never, over the budget or at pressure_at of it"},
    {"evict_idle_frames", &CoreOptions::evict_idle_frames, 0, 1e9,
     "frames without use after which eviction takes first"},
    {"adaptive_shrink_frames", &CoreOptions::adaptive_shrink_frames, 1, 1e6,
     "frames that a resized buffer is less than half used before it shrinks"},
    {"tiers", &CoreOptions::tiers, 0, 0, "move buffers between host-visible, device and host memory by their use"},
    {"tier_scan_frames", &CoreOptions::tier_scan_frames, 1, 1e6,
     "with tiers: frames from one look at the uses to the next"},
    {"tier_moves_per_frame", &CoreOptions::tier_moves_per_frame, 1, 1e6,
     "with tiers: buffers moved in a frame at most"},
    {"tier_bytes_per_frame", &CoreOptions::tier_bytes_per_frame, 1, 16 * kGi,
     "with tiers: bytes moved in a frame at most; a single larger buffer still moves alone"},
    {"auto_defragment", &CoreOptions::auto_defragment, 0, 0, "defragment when memory is scattered"},
    {"auto_defragment_above", &CoreOptions::auto_defragment_above, 0, 1,
     "external fragmentation that auto_defragment acts on"},
    {"auto_defragment_frames", &CoreOptions::auto_defragment_frames, 1, 1e9,
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

ParameterInfo info_of(const Row& row) {
  return std::visit(
      [&row](auto member) {
        const CoreOptions defaults;
        using T = std::remove_cvref_t<decltype(defaults.*member)>;
        ParameterValue value;
        if constexpr (std::is_enum_v<T>) {
          value = std::string(names_of<T>()[static_cast<std::size_t>(defaults.*member)]);
        } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double>) {
          value = defaults.*member;
        } else {
          value = std::uint64_t{defaults.*member};
        }
        return ParameterInfo{row.name, value, row.min, row.max, names_of<T>(), row.description};
      },
      row.member);
}

// Requires a value that check_parameter() passed.
void assign(CoreOptions& options, const Row& row, const ParameterValue& value) {
  std::visit(
      [&](auto member) {
        using T = std::remove_cvref_t<decltype(options.*member)>;
        if constexpr (std::is_enum_v<T>) {
          const auto names = names_of<T>();
          const auto found = std::find(names.begin(), names.end(), std::get<std::string>(value));
          options.*member = static_cast<T>(found - names.begin());
        } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double>) {
          options.*member = std::get<T>(value);
        } else {
          options.*member = static_cast<T>(std::get<std::uint64_t>(value));
        }
      },
      row.member);
}

std::string bytes_text(Bytes bytes) { return to_text(ParameterValue{bytes}) + " bytes"; }

void check_block(std::string_view name, Bytes bytes, const DeviceInfo& device) {
  if (bytes > device.max_memory_allocation_size)
    throw Error(std::string(name) + " of " + bytes_text(bytes) + " is above the device's maxMemoryAllocationSize of " +
                bytes_text(device.max_memory_allocation_size) + "; choose a smaller one");
  Bytes largest_heap = 0;
  for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap)
    largest_heap = std::max(largest_heap, device.memory.memoryHeaps[heap].size);
  if (bytes > largest_heap)
    throw Error(std::string(name) + " of " + bytes_text(bytes) + " is above the device's largest heap of " +
                bytes_text(largest_heap) + "; choose a smaller one");
}

}  // namespace

std::span<const ParameterInfo> core_parameters() {
  static const std::vector<ParameterInfo> infos = [] {
    std::vector<ParameterInfo> all;
    for (const Row& row : kRows) all.push_back(info_of(row));
    return all;
  }();
  return infos;
}

CoreOptions core_options(const Parameters& parameters) {
  CoreOptions options;
  const std::span<const ParameterInfo> infos = core_parameters();
  for (const auto& entry : parameters) {
    std::size_t i = 0;
    while (i < infos.size() && infos[i].name != entry.first) ++i;
    if (i == infos.size()) {
      std::vector<std::string_view> names;
      for (const ParameterInfo& info : infos) names.push_back(info.name);
      throw Error("core: unknown parameter '" + entry.first + "'" + did_you_mean(entry.first, names));
    }
    check_parameter(infos[i], entry.second);
    assign(options, kRows[i], entry.second);
  }
  return options;
}

void check_options(const CoreOptions& options) {
  if (options.small_limit_bytes > options.medium_limit_bytes || options.medium_limit_bytes > options.big_limit_bytes)
    throw Error("core: small_limit_bytes, medium_limit_bytes and big_limit_bytes must not decrease; set them in order");
  if (options.min_block_bytes > options.max_block_bytes)
    throw Error("core: min_block_bytes is above max_block_bytes; lower the one or raise the other");
  if (options.alignment == AlignmentPolicy::custom && !is_power_of_two(options.custom_alignment_bytes))
    throw Error("core: custom_alignment_bytes of " + bytes_text(options.custom_alignment_bytes) +
                " is no power of two; use one such as 4096");
  if (options.arenas < 1 || options.arenas > kMaxArenas)
    throw Error("core: " + std::to_string(options.arenas) + " arenas; choose 1 to " + std::to_string(kMaxArenas));
  if (options.staging_ring_bytes != 0 && options.staging_ring_bytes < kSmallestStagingRing)
    throw Error("core: staging_ring_bytes of " + bytes_text(options.staging_ring_bytes) + " is below " +
                bytes_text(kSmallestStagingRing) + "; raise it, or set 0 for no ring");
}

void check_options(const CoreOptions& options, const DeviceInfo& device) {
  check_options(options);
  check_block("core: small_block_bytes", options.small_block_bytes, device);
  check_block("core: medium_block_bytes", options.medium_block_bytes, device);
  check_block("core: big_block_bytes", options.big_block_bytes, device);
  check_block("core: large_block_bytes", options.large_block_bytes, device);
}

Bytes policy_alignment(const CoreOptions& options, Bytes size) {
  switch (options.alignment) {
    case AlignmentPolicy::device:
      return 1;
    case AlignmentPolicy::smart:
      return size < 256 * kKiB ? 64 : size < kMiB ? 4 * kKiB : 2 * kMiB;
    case AlignmentPolicy::custom:
      return options.custom_alignment_bytes;
  }
  return 1;
}

}  // namespace vkmembench
