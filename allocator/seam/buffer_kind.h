#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"
#include "allocator/device/memory_use.h"

namespace vkmembench {

// What a buffer is for, where its user knows: the key of free lists and of figures by kind.
enum class BufferKind : std::uint8_t { none, vertex, index, uniform, storage, indirect, staging, ray_tracing, count };
inline constexpr std::size_t kBufferKindCount = static_cast<std::size_t>(BufferKind::count);

// What buffers of a kind are made with unless their user says otherwise.
struct BufferKindInfo {
  std::string_view name;
  VkBufferUsageFlags usage = 0;  // transfer source and destination come beside
  MemoryUse memory = MemoryUse::device;
};
inline constexpr std::array<BufferKindInfo, kBufferKindCount> kBufferKinds = {{
    {"", 0, MemoryUse::device},
    {"vertex", VK_BUFFER_USAGE_VERTEX_BUFFER_BIT, MemoryUse::device},
    {"index", VK_BUFFER_USAGE_INDEX_BUFFER_BIT, MemoryUse::device},
    {"uniform", VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT, MemoryUse::dynamic},
    {"storage", VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::device},
    {"indirect", VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::device},
    {"staging", VK_BUFFER_USAGE_TRANSFER_SRC_BIT, MemoryUse::upload},
    {"ray_tracing", VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, MemoryUse::device},
}};
[[nodiscard]] constexpr const BufferKindInfo& info_of(BufferKind kind) {
  return kBufferKinds[static_cast<std::size_t>(kind)];
}

// Everything that makes a buffer of a kind right on a device.
struct BufferPlan {
  VkBufferCreateInfo info{};  // exclusive, with transfer source and destination
  MemoryUse memory = MemoryUse::device;
  Bytes alignment = 1;  // that offsets into it are multiples of, and its size is
};
// Whether the host writes to it: as kBufferKinds says, or in any case.
enum class HostAccess : std::uint8_t { as_usual, yes };
// A buffer of at least `size` bytes, bound whole or in parts at multiples of the plan's alignment; `usage` comes beside
// that of its kind. Requires size > 0.
[[nodiscard]] BufferPlan plan_buffer(BufferKind kind, Bytes size, const DeviceInfo& device,
                                     HostAccess host = HostAccess::as_usual, VkBufferUsageFlags usage = 0);
// What offsets into a buffer of this usage must be multiples of, as descriptors, texel views or acceleration structure
// scratch; at least 4.
[[nodiscard]] Bytes offset_alignment(VkBufferUsageFlags usage, const DeviceInfo& device);
// Bytes of one of several elements that lie in one buffer and are bound with dynamic offsets.
[[nodiscard]] Bytes dynamic_stride(Bytes element, VkBufferUsageFlags usage, const DeviceInfo& device);

// Bytes that n draw or dispatch commands take in an indirect buffer.
enum class IndirectCommand : std::uint8_t { draw, draw_indexed, dispatch };
[[nodiscard]] constexpr Bytes indirect_bytes(IndirectCommand command, std::uint64_t count) {
  switch (command) {
    case IndirectCommand::draw:
      return count * sizeof(VkDrawIndirectCommand);
    case IndirectCommand::draw_indexed:
      return count * sizeof(VkDrawIndexedIndirectCommand);
    case IndirectCommand::dispatch:
      return count * sizeof(VkDispatchIndirectCommand);
  }
  return 0;
}

}  // namespace vkmembench
