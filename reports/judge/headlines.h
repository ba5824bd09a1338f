#pragma once

#include <array>
#include <string_view>

namespace vkmembench {

// The few metrics by which strategies are told apart first; lower is better in each.
struct Headline {
  std::string_view metric;
  const char* heading;  // of a column
};
inline constexpr auto kHeadlines = std::to_array<Headline>({
    {"mem.reserved_peak_bytes", "reserved"},
    {"mem.reserved_over_live_ratio", "/ live"},
    {"frag.external_ratio.mean", "frag mean"},
    {"api.allocate_memory_count", "allocations"},
    {"time.create_buffer_ns.p50", "buffer p50"},
    {"time.create_image_ns.p50", "image p50"},
    {"time.frame_ns.p99", "frame p99"},
});

}  // namespace vkmembench
