#include "bench/replay/account/figure_ids.h"

#include <array>
#include <cstddef>

namespace vkmembench {

std::string_view metric_id(Figure figure) {
  // In the order of Figure.
  constexpr auto kIds = std::to_array<std::string_view>({
      "defrag.bytes_moved",
      "defrag.moves_count",
      "defrag.passes_count",
      "defrag.ignored_count",
      "defrag.bytes_freed",
      "defrag.blocks_freed_count",
      "defrag.efficiency_ratio",
      "defrag.frag_before_ratio",
      "defrag.frag_after_ratio",
      "pressure.callback_count",
      "pressure.freed_bytes",
      "tier.migrations_count",
      "tier.bytes",
      "adaptive.grow_count",
      "adaptive.shrink_count",
      "adaptive.copied_bytes",
      "reuse.hit_ratio",
      "reuse.held_bytes_peak",
      "bindless.peak_count",
      "bindless.refused_count",
      "kind.created_count",
      "kind.live_peak_bytes",
  });
  static_assert(kIds.size() == static_cast<std::size_t>(Figure::count));
  return kIds[static_cast<std::size_t>(figure)];
}

}  // namespace vkmembench
