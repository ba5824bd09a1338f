#pragma once

#include <array>
#include <cstdint>

#include "allocator/host/host_snapshot.h"
#include "allocator/host/vulkan_callbacks.h"

namespace vkmembench {

// Categories of a replay's host memory: what strategy and driver hold as metadata, by scope and operation below,
// and what the trace's host_alloc events hold, by their own categories below.
inline constexpr std::string_view kMetadata = "metadata";
inline constexpr std::string_view kStrategyMetadata = "metadata::strategy";
inline constexpr std::string_view kDriverMetadata = "metadata::driver";
inline constexpr std::string_view kTraceMemory = "trace";
// What instance and device hold from their opening on, by scope below.
inline constexpr std::string_view kDeviceMemory = "device";

// The host memory of one replay, when it was tracked.
struct HostRecord {
  bool tracked = false;
  HostSnapshot at_peak;                 // when the most allocations were live
  std::uint64_t peak_count = 0;         // of live allocations
  std::uint64_t folded_categories = 0;  // of the trace, that count as "(other)"
  HostSnapshot at_end;                  // when the strategy is gone: what is live is leaked
  std::array<VulkanScopeCounts, kHostScopeCount> driver{};
};

}  // namespace vkmembench
