#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <string_view>

#include "allocator/device/memory_use.h"
#include "allocator/seam/buffer_kind.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// What the generators ask for, interned once and used by index.

struct BufferShape {
  BufferKind kind = BufferKind::vertex;
  MemoryUse memory = MemoryUse::device;
  std::string_view tag;
  bool evictable = false;
  std::string_view pool = "";    // a named pool of the allocator core, "" for none
  Bytes alignment = 0;           // beyond what the device asks for, 0 for none
  VkBufferUsageFlags usage = 0;  // instead of the kind's, 0 for the kind's
};
// Interns a shape with the name of its kind. Requires a kind other than none.
[[nodiscard]] std::uint32_t intern(TraceBuilder& out, const BufferShape& shape);

// An interned image shape and the bytes that an image of it asks for.
struct ImageShape {
  std::uint32_t shape = 0;
  Bytes size = 0;
};

// Texel formats by block size. A device that lacks the first of a family gets another of the same block size.
enum class TexelFamily : std::uint8_t { rgba8, rgba16f, bc7, depth32 };

struct TextureShape {
  TexelFamily texels = TexelFamily::rgba8;
  VkExtent2D extent{1, 1};
  bool mips = true;  // the full chain
  std::string_view tag;
  bool evictable = false;
};
// A sampled image that is filled by uploads.
[[nodiscard]] ImageShape intern(TraceBuilder& out, const TextureShape& shape);

struct TargetShape {
  TexelFamily texels = TexelFamily::rgba8;
  VkExtent2D extent{1, 1};
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
  bool transient = false;  // an attachment that lives on the chip only, else it is sampled by later passes
  std::string_view tag;
};
// An attachment for colour or depth, as the texels say.
[[nodiscard]] ImageShape intern(TraceBuilder& out, const TargetShape& shape);

}  // namespace vkmembench
