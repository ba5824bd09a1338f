#pragma once

#include <cstdint>
#include <span>

#include "allocator/base/parameter.h"
#include "allocator/core/arenas.h"
#include "allocator/core/pools/options.h"
#include "allocator/core/upkeep/adaptive_buffer.h"
#include "allocator/core/upkeep/buffer_reuse.h"
#include "allocator/core/upkeep/pressure.h"
#include "allocator/core/upkeep/tiers.h"
#include "allocator/strategy/common/defragment_driver.h"

namespace vkmembench {

// What the strategies of the `core` family are made with: the options of each part that they build.
// core_parameters() names and bounds each.
struct CoreOptions {
  AllocatorOptions allocator;
  std::uint32_t arenas = 1;  // whole allocators side by side; see Arenas
  bool reuses = false;       // released buffers are kept for reuse
  ReuseSettings reuse;
  Bytes staging_ring_bytes = 0;  // of the ring that uploads go through, 0: a staging buffer for each
  PressureSettings pressure;
  AdaptiveSettings adaptive;
  bool moves_tiers = false;  // buffers for the device move to the memory that suits their use
  TierSettings tiers;
  AutoDefragment defragment;
};

// The parameters of the `core` family, defaults taken from CoreOptions{}.
[[nodiscard]] std::span<const Parameter> core_parameters();
// Throws Error for an unknown name, another type, or a value out of bounds.
[[nodiscard]] CoreOptions core_options(const Parameters& parameters);
// Throws Error when the options contradict each other.
void check_options(const CoreOptions& options);

}  // namespace vkmembench
