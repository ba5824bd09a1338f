#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "allocator/device/memory_use.h"

namespace vkmembench {

// What a buffer is for, where its user knows: the key of free lists and of figures by kind.
enum class BufferKind : std::uint8_t { none, vertex, index, uniform, storage, indirect, staging, ray_tracing, count };
inline constexpr std::size_t kBufferKindCount = static_cast<std::size_t>(BufferKind::count);

// What buffers of a kind are made with unless their user says otherwise.
struct BufferKindInfo {
  std::string_view name;
  VkBufferUsageFlags usage = 0;  // beside transfer source and destination
  MemoryUse memory = MemoryUse::device;
};
inline constexpr std::array<BufferKindInfo, kBufferKindCount> kBufferKinds = {{
    {"", 0, MemoryUse::device},
    {"vertex", VK_BUFFER_USAGE_VERTEX_BUFFER_BIT, MemoryUse::device},
    {"index", VK_BUFFER_USAGE_INDEX_BUFFER_BIT, MemoryUse::device},
    {"uniform", VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT, MemoryUse::dynamic},
    {"storage", VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::device},
    {"indirect", VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::device},
    {"staging", 0, MemoryUse::upload},
    {"ray_tracing", VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::device},
}};
[[nodiscard]] constexpr const BufferKindInfo& info_of(BufferKind kind) {
  return kBufferKinds[static_cast<std::size_t>(kind)];
}

}  // namespace vkmembench
