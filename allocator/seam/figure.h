#pragma once

#include <cstdint>
#include <string_view>

namespace vkmembench {

// What only a strategy knows of itself: counts, bytes and shares since it was made.
enum class Figure : std::uint8_t {
  defrag_bytes_moved,
  defrag_moves_count,
  defrag_passes_count,
  defrag_ignored_count,
  defrag_bytes_freed,
  defrag_blocks_freed_count,
  defrag_efficiency_ratio,
  defrag_frag_before_ratio,
  defrag_frag_after_ratio,
  pressure_callback_count,
  pressure_freed_bytes,
  tier_migrations_count,
  tier_bytes,
  adaptive_grow_count,
  adaptive_shrink_count,
  adaptive_copied_bytes,
  reuse_hit_ratio,
  reuse_held_bytes_peak,
  bindless_peak_count,
  bindless_refused_count,
  kind_created_count,
  kind_live_peak_bytes,
  count,
};

struct StrategyFigure {
  Figure figure{};
  double value = 0;
  std::string_view scope = {};  // of figures of one kind of buffer: the kind
};

// A share of something: those of several add up to nothing, their mean says something.
[[nodiscard]] constexpr bool is_ratio(Figure figure) {
  switch (figure) {
    case Figure::defrag_efficiency_ratio:
    case Figure::defrag_frag_before_ratio:
    case Figure::defrag_frag_after_ratio:
    case Figure::reuse_hit_ratio:
      return true;
    default:
      return false;
  }
}

}  // namespace vkmembench
