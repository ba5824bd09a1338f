#pragma once

#include "allocator/strategy/families.h"

namespace vkmembench {

// What ships of the `core` family.
inline constexpr PresetRow kCorePresets[] = {
    {"core-default", "the allocator core: size-class pools with growing blocks"},
    // Larger blocks, kept longer: a few driver calls where core-memory makes hundreds. A frame never pays for
    // evictions, and an upload not for a staging buffer of its own.
    {"core-speed", "the core for least time: first good fit, large device-only resources dedicated",
     "growth_ratio=0.25,placement=first_fit,dedicated_above_bytes=64MiB,keep_empty_ratio=1,evict=never,"
     "staging_ring_bytes=16MiB"},
    // What is above a MiB has a block of its own, so that its end gives it back.
    {"core-memory", "the core for least waste: best fit, tight blocks, within the budget if it can",
     "min_block_bytes=512KiB,big_block_bytes=1MiB,growth_ratio=0.015625,placement=best_fit,prefer_within_budget=true,"
     "keep_empty_blocks=1,keep_empty_ratio=0.03125,auto_defragment=true"},
    // An eighth of the table's block sizes suits programs that hold up to a GiB.
    {"core-pools", "the core with named pools, and buffers kept for reuse by kind and size",
     "named_pools=true,named_pool_scale=0.125,reuse=true,reuse_prewarm=true"},
    {"core-tiers", "the core, where buffers move to the memory that suits how often they are used", "tiers=true"},
    // Lanes beyond eight share: what an arena keeps for itself is not worth more.
    {"core-arenas", "the core with an arena a lane: threads that never queue", "arenas=8"},
};

}  // namespace vkmembench
