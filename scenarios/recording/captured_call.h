#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>

#include "allocator/base/bytes.h"
#include "scenarios/recording/image_pages.h"
#include "scenarios/trace/shape.h"

namespace vkmembench {

// What a call of a recorded program did, and what of a CapturedCall says more.
enum class CallKind : std::uint8_t {
  create,       // object; of a buffer size, other: usage, number: flags; of an image its shape but for memory
  destroy,      // object
  allocate,     // other: the memory; size; number: its type; traits
  give_back,    // other: the memory
  bind,         // object, other: the memory; offset in it; size that is required there
  bind_plane,   // likewise; number: the plane
  bind_pages,   // object; pages
  bind_texels,  // object; texels
  map,          // other: the memory; offset, size
  unmap,        // other
  flush,        // other, offset, size
  invalidate,   // other, offset, size
  copy,         // object to other, both buffers; size
  copy_texels,  // object, an image, to other; number: 1 where that is an image too; size in texels of all planes
  upload,       // object; size, of an image in texels; offset, other: texels of planes 1 and 2
  use,          // object
  rename,       // object; text
  submit,       // which is where a program's work may end
  present,
  frame_boundary,
  budget,    // number: a heap; size: what the program was told that it may use of it
  leave_out  // text: what the trace cannot say; size: how often, where not once
};

// What an allocation asks besides its size and type.
struct MemoryTraits {
  std::uint64_t dedicated_to = 0;  // handle of a resource
  float priority = 0.5F;
  VkExternalMemoryHandleTypeFlags export_handles = 0;
  std::uint32_t device_mask = 0;
};

// What few calls say.
struct CallDetails {
  Shape shape{};
  ImagePages image_pages{};
  VkSparseMemoryBind pages{};
  VkSparseImageMemoryBind texels{};
  MemoryTraits traits{};
  std::string text{};
};

// One call on its way from the thread that made it to the one that writes. Handles are those of one device.
struct CapturedCall {
  CallKind kind = CallKind::submit;
  bool image = false;  // whether the object is one; else it is a buffer
  std::uint32_t number = 0;
  std::uint64_t object = 0;
  std::uint64_t other = 0;
  Offset offset = 0;
  Bytes size = 0;
  std::unique_ptr<CallDetails> more{};
  std::uint32_t thread = 0;  // numbered from 0 in order of appearance in the process
};
static_assert(sizeof(CapturedCall) <= 64, "one line of a cache: the writer has the others");

// A Vulkan handle as a number: a pointer or, where pointers are short, a number already.
template <typename Handle>
[[nodiscard]] std::uint64_t handle_number(Handle handle) {
  if constexpr (std::is_pointer_v<Handle>)
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(handle));
  else
    return handle;
}

}  // namespace vkmembench
