#pragma once

#include <vulkan/vulkan_core.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "scenarios/recording/captured_call.h"

namespace vkmembench {

// Hears what a trace cannot say of a structure.
using LeaveOut = std::function<void(std::string what)>;

// What Vulkan's structures ask for, in the words of a trace; memory is not known yet. nullptr for an image whose memory
// is not its program's (a swapchain's) or whose format no trace names.
[[nodiscard]] std::unique_ptr<CallDetails> details_of(const VkImageCreateInfo& info, const LeaveOut& leave_out);
[[nodiscard]] std::uint32_t usage_of(const VkBufferCreateInfo& info, const LeaveOut& leave_out);
// nullptr where it asks for a size and a type alone.
[[nodiscard]] std::unique_ptr<CallDetails> details_of(const VkMemoryAllocateInfo& info, const LeaveOut& leave_out);

// Whether the image gets its DRM format modifier from the driver, by a list, and what then becomes of its shape.
[[nodiscard]] bool has_chosen_modifier(const VkImageCreateInfo& info);
void set_modifier(Shape& shape, std::uint64_t modifier);

// The aspect of the plane that the bind names, one of several; none where it is of the whole image. Its number is from
// 0.
[[nodiscard]] std::optional<VkImageAspectFlagBits> plane_of(const VkBindImageMemoryInfo& bind);
[[nodiscard]] std::uint32_t plane_number(VkImageAspectFlagBits plane);

// Of a submit, present or sparse bind: whether a frame ends with it, as VK_EXT_frame_boundary says.
[[nodiscard]] bool ends_frame(const void* next);

}  // namespace vkmembench
