#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "allocator/base/bytes.h"

namespace vkmembench {

// How a pool divides its blocks: any gap that fits; in turn round the block, for what is freed in the order of its
// creation; or at the top, for what is freed in reverse.
enum class PoolOrder : std::uint8_t { general, ring, stack };
inline constexpr std::array<std::string_view, 3> kPoolOrderNames = {"general", "ring", "stack"};

// A pool that its users ask for by name: blocks of one size, a bounded number of them.
struct NamedPool {
  std::string_view name;
  Bytes block_bytes = 0;
  std::uint32_t min_blocks = 0;  // made on first use and kept
  std::uint32_t max_blocks = 1;
  PoolOrder order = PoolOrder::general;
};

// A named pool of an Allocator.
enum class PoolId : std::uint8_t { none = 0xff };

// The pools that scenarios may name. A strategy without named pools serves such requests like any other.
inline constexpr std::array<NamedPool, 6> kNamedPools = {{
    {"vertex", 64 * kMiB, 2, 8, PoolOrder::general},
    {"uniform", 16 * kMiB, 1, 4, PoolOrder::general},
    {"storage", 128 * kMiB, 1, 6, PoolOrder::general},
    {"ray_tracing", 256 * kMiB, 1, 4, PoolOrder::general},
    {"ring", 16 * kMiB, 1, 4, PoolOrder::ring},
    {"stack", 16 * kMiB, 1, 4, PoolOrder::stack},
}};

}  // namespace vkmembench
