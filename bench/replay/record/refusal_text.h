#pragma once

#include <string>

#include "bench/replay/record/recording.h"

namespace vkmembench {

[[nodiscard]] bool is_resize(const Trace& trace, const Refusal& refusal);
[[nodiscard]] Bytes asked_bytes(const Trace& trace, const Refusal& refusal);
// "buffer 1 of 64 bytes: out_of_device_memory: " with the limit that refused, and the remedy.
[[nodiscard]] std::string refusal_text(const Trace& trace, const Refusal& refusal);
// "vkAllocateMemory of 64 bytes in memory type 1, ..." with the rule that it breaks, and where.
[[nodiscard]] std::string invalid_call_text(const Trace& trace, const VkPhysicalDeviceMemoryProperties& memory,
                                            const InvalidCall& call);

}  // namespace vkmembench
