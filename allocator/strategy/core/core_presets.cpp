#include "allocator/strategy/core/core_presets.h"

namespace vkmembench {

std::vector<StrategyPreset> core_presets() {
  return {
      {"core-default", "the allocator core: size-class pools with growing blocks"},
      {"core-speed",
       "the core for least time: first good fit, large device-only resources dedicated",
       // Larger blocks, kept longer: a few driver calls where core-memory makes hundreds. A frame never pays for
       // evictions, and an upload not for a staging buffer of its own.
       {{"growth_ratio", 0.25},
        {"placement", std::string("first_fit")},
        {"dedicated_above_bytes", std::uint64_t{64 * kMiB}},
        {"keep_empty_ratio", 1.0},
        {"evict", std::string("never")},
        {"staging_ring_bytes", std::uint64_t{16 * kMiB}}}},
      {"core-memory",
       "the core for least waste: best fit, tight blocks, within the budget if it can",
       // What is above a MiB has a block of its own, so that its end gives it back.
       {{"min_block_bytes", std::uint64_t{512 * kKiB}},
        {"big_block_bytes", std::uint64_t{kMiB}},
        {"growth_ratio", 0.015625},
        {"placement", std::string("best_fit")},
        {"prefer_within_budget", true},
        {"keep_empty_blocks", std::uint64_t{1}},
        {"keep_empty_ratio", 0.03125},
        {"auto_defragment", true}}},
      {"core-pools",
       "the core with named pools, and buffers kept for reuse by kind and size",
       // An eighth of the table's block sizes suits programs that hold up to a GiB.
       {{"named_pools", true}, {"named_pool_scale", 0.125}, {"reuse", true}, {"reuse_prewarm", true}}},
      {"core-tiers",
       "the core, where buffers move to the memory that suits how often they are used",
       {{"tiers", true}}},
      {"core-arenas",
       "the core with an arena a lane: threads that never queue",
       // Lanes beyond eight share: what an arena keeps for itself is not worth more.
       {{"arenas", std::uint64_t{8}}}},
  };
}

}  // namespace vkmembench
