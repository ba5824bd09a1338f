#pragma once

#include <cstdint>
#include <span>

#include "scenarios/trace/trace.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {

inline constexpr std::uint64_t kMaxStartFrame = 10'000'000;
inline constexpr std::size_t kMaxMixParts = 1u << 16;

struct MixPart {
  Trace trace;
  std::uint32_t lane = 0;         // added to the lanes of its events
  std::uint64_t start_frame = 0;  // of the mix, in which its frame 0 is
};

// One trace in which the parts run side by side: frame f of a part is frame start_frame + f of the mix; within a frame
// the parts follow each other in their order; what a part does before its first frame is done before start_frame
// begins. The id of an object is its part in the upper 16 bits and its own id below, or its index where a part has ids
// of 2^48 and above. Throws Error when lanes leave 16 bits. Requires at most kMaxMixParts parts.
[[nodiscard]] Trace merge_traces(std::span<const MixPart> parts, std::uint32_t frames_in_flight,
                                 const TraceLimits& limits = {});

}  // namespace vkmembench
