#pragma once

#include <cstdint>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"
#include "allocator/placement/tlsf.h"

namespace vkmembench {

// What an allocation is aligned to, and rounded up to, beyond what the device asks: nothing; 64 B below 256 KiB, 4 KiB
// below 1 MiB, 2 MiB above; or a power of two of the user's.
enum class AlignmentPolicy : std::uint8_t { device, smart, custom };
// Whether an exhausted memory type may be replaced by the next best.
enum class FallbackPolicy : std::uint8_t { allow, forbid };

// Every choice that an Allocator leaves to its user.
struct AllocatorOptions {
  Bytes small_limit_bytes = 256 * kKiB;  // largest allocation of each class
  Bytes medium_limit_bytes = kMiB;
  Bytes big_limit_bytes = 16 * kMiB;
  Bytes small_block_bytes = 0;  // block size of each class, 0: grows with the pool
  Bytes medium_block_bytes = 0;
  Bytes big_block_bytes = 0;
  Bytes large_block_bytes = 0;
  Bytes first_block_bytes = kMiB;    // least block that grows while little is held in all
  Bytes min_block_bytes = 4 * kMiB;  // bounds of blocks that grow
  Bytes max_block_bytes = 256 * kMiB;
  double growth_ratio = 0.125;  // of a pool's bytes: its next block
  AlignmentPolicy alignment = AlignmentPolicy::device;
  Bytes custom_alignment_bytes = 4 * kKiB;
  FallbackPolicy fallback = FallbackPolicy::allow;
  Fit placement = Fit::good_fit;
  bool borrow = true;                   // a pool without room uses gaps of other classes before it grows
  Bytes dedicated_above_bytes = 0;      // device-only resources from this size on get memory of their own, 0: none
  bool prefer_within_budget = false;    // passes a heap's budget only rather than refuse
  std::uint32_t keep_empty_blocks = 8;  // of a pool
  double keep_empty_ratio = 0.25;       // empty blocks of all pools, of live bytes
  std::uint32_t prewarm_blocks = 0;     // of each class, in the best device-local type, at creation
  bool keep_mapped = true;              // a mapped block stays mapped until it is given back
  bool named_pools = false;             // adds kNamedPools, fitted to the device
  double named_pool_scale = 1;          // of their block sizes
  bool pool_fallback = true;            // whether other pools serve when a named one is exhausted
};

// Throws Error when the options contradict each other.
void check_options(const AllocatorOptions& options);
// Throws Error when they do, or contradict the device.
void check_options(const AllocatorOptions& options, const DeviceInfo& device);

// The alignment that the policy adds for an allocation of this size; 1 for none.
[[nodiscard]] Bytes policy_alignment(const AllocatorOptions& options, Bytes size);

}  // namespace vkmembench
