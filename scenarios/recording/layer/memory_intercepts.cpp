// Resources and their memory. What is created is noted after it, what is destroyed before: so a handle that comes again
// is never two things at once.

#include <optional>
#include <span>
#include <vector>

#include "scenarios/recording/create_info.h"
#include "scenarios/recording/layer/noting.h"

namespace vkmembench {
namespace {

CapturedCall bound(bool image, std::uint64_t resource, VkDeviceMemory memory, Offset offset, Bytes required) {
  return {.kind = CallKind::bind,
          .image = image,
          .object = resource,
          .other = handle_number(memory),
          .offset = offset,
          .size = required};
}

Bytes bytes_required(const LayeredDevice& layered, VkDevice device, VkBuffer buffer) {
  VkMemoryRequirements requirements{};
  layered.next.get_buffer_memory_requirements(device, buffer, &requirements);
  return requirements.size;
}
Bytes bytes_required(const LayeredDevice& layered, VkDevice device, VkImage image) {
  VkMemoryRequirements requirements{};
  layered.next.get_image_memory_requirements(device, image, &requirements);
  return requirements.size;
}

Bytes bytes_required(const LayeredDevice& layered, VkDevice device, VkImage image, VkImageAspectFlagBits plane) {
  if (layered.next.get_image_memory_requirements2 == nullptr) return 1;
  VkImagePlaneMemoryRequirementsInfo which{};
  which.sType = VK_STRUCTURE_TYPE_IMAGE_PLANE_MEMORY_REQUIREMENTS_INFO;
  which.planeAspect = plane;
  const VkImageMemoryRequirementsInfo2 query{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, &which, image};
  VkMemoryRequirements2 answer{};
  answer.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2;
  layered.next.get_image_memory_requirements2(device, &query, &answer);
  return answer.memoryRequirements.size;
}

// Of the texels, not of what the driver keeps beside them.
ImagePages pages_of(const LayeredDevice& layered, VkDevice device, VkImage image) {
  VkMemoryRequirements requirements{};
  layered.next.get_image_memory_requirements(device, image, &requirements);
  std::uint32_t count = 0;
  layered.next.get_image_sparse_memory_requirements(device, image, &count, nullptr);
  std::vector<VkSparseImageMemoryRequirements> all(count);
  layered.next.get_image_sparse_memory_requirements(device, image, &count, all.data());
  for (const VkSparseImageMemoryRequirements& row : all)
    if ((row.formatProperties.aspectMask & VK_IMAGE_ASPECT_METADATA_BIT) == 0) return {row, requirements.alignment};
  return {};
}

CapturedCall bound_image(const LayeredDevice& layered, VkDevice device, const VkBindImageMemoryInfo& bind) {
  const std::optional<VkImageAspectFlagBits> aspect = plane_of(bind);
  const Bytes required =
      aspect ? bytes_required(layered, device, bind.image, *aspect) : bytes_required(layered, device, bind.image);
  CapturedCall call = bound(true, handle_number(bind.image), bind.memory, bind.memoryOffset, required);
  if (aspect) {
    call.kind = CallKind::bind_plane;
    call.number = plane_number(*aspect);
  }
  return call;
}

}  // namespace

VKAPI_ATTR VkResult VKAPI_CALL intercept_create_buffer(VkDevice device, const VkBufferCreateInfo* info,
                                                       const VkAllocationCallbacks* callbacks, VkBuffer* buffer) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.create_buffer(device, info, callbacks, buffer);
  if (result != VK_SUCCESS) return result;
  note(layered, [&] {
    return CapturedCall{.kind = CallKind::create,
                        .number = info->flags,
                        .object = handle_number(*buffer),
                        .other = usage_of(*info, leaving_out(layered)),
                        .size = info->size};
  });
  return result;
}

VKAPI_ATTR void VKAPI_CALL intercept_destroy_buffer(VkDevice device, VkBuffer buffer,
                                                    const VkAllocationCallbacks* callbacks) {
  LayeredDevice& layered = vkmembench::layered(device);
  if (buffer != VK_NULL_HANDLE)
    note(layered, [&] { return CapturedCall{.kind = CallKind::destroy, .object = handle_number(buffer)}; });
  layered.next.destroy_buffer(device, buffer, callbacks);
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_create_image(VkDevice device, const VkImageCreateInfo* info,
                                                      const VkAllocationCallbacks* callbacks, VkImage* image) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.create_image(device, info, callbacks, image);
  if (result != VK_SUCCESS) return result;
  note(layered, [&] {
    std::unique_ptr<CallDetails> details = details_of(*info, leaving_out(layered));
    if (details && has_chosen_modifier(*info) && layered.next.get_image_drm_format_modifier_properties_ext != nullptr) {
      VkImageDrmFormatModifierPropertiesEXT chosen{};
      chosen.sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_PROPERTIES_EXT;
      if (layered.next.get_image_drm_format_modifier_properties_ext(device, *image, &chosen) == VK_SUCCESS)
        set_modifier(details->shape, chosen.drmFormatModifier);
    }
    if (details && (info->flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) != 0)
      details->image_pages = pages_of(layered, device, *image);
    return CapturedCall{
        .kind = CallKind::create, .image = true, .object = handle_number(*image), .more = std::move(details)};
  });
  return result;
}

VKAPI_ATTR void VKAPI_CALL intercept_destroy_image(VkDevice device, VkImage image,
                                                   const VkAllocationCallbacks* callbacks) {
  LayeredDevice& layered = vkmembench::layered(device);
  if (image != VK_NULL_HANDLE) {
    note(layered,
         [&] { return CapturedCall{.kind = CallKind::destroy, .image = true, .object = handle_number(image)}; });
  }
  layered.next.destroy_image(device, image, callbacks);
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_allocate_memory(VkDevice device, const VkMemoryAllocateInfo* info,
                                                         const VkAllocationCallbacks* callbacks,
                                                         VkDeviceMemory* memory) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.allocate_memory(device, info, callbacks, memory);
  if (result != VK_SUCCESS) return result;
  note(layered, [&] {
    CapturedCall call{.kind = CallKind::allocate,
                      .number = info->memoryTypeIndex,
                      .other = handle_number(*memory),
                      .size = info->allocationSize};
    if (info->pNext != nullptr) call.more = details_of(*info, leaving_out(layered));
    return call;
  });
  return result;
}

VKAPI_ATTR void VKAPI_CALL intercept_free_memory(VkDevice device, VkDeviceMemory memory,
                                                 const VkAllocationCallbacks* callbacks) {
  LayeredDevice& layered = vkmembench::layered(device);
  if (memory != VK_NULL_HANDLE)
    note(layered, [&] { return CapturedCall{.kind = CallKind::give_back, .other = handle_number(memory)}; });
  layered.next.free_memory(device, memory, callbacks);
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_bind_buffer_memory(VkDevice device, VkBuffer buffer, VkDeviceMemory memory,
                                                            VkDeviceSize offset) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.bind_buffer_memory(device, buffer, memory, offset);
  if (result != VK_SUCCESS) return result;
  note(layered,
       [&] { return bound(false, handle_number(buffer), memory, offset, bytes_required(layered, device, buffer)); });
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_bind_image_memory(VkDevice device, VkImage image, VkDeviceMemory memory,
                                                           VkDeviceSize offset) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.bind_image_memory(device, image, memory, offset);
  if (result != VK_SUCCESS) return result;
  note(layered,
       [&] { return bound(true, handle_number(image), memory, offset, bytes_required(layered, device, image)); });
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_bind_buffer_memory2(VkDevice device, std::uint32_t count,
                                                             const VkBindBufferMemoryInfo* infos) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.bind_buffer_memory2(device, count, infos);
  if (result != VK_SUCCESS) return result;
  for (const VkBindBufferMemoryInfo& bind : std::span(infos, count)) {
    note(layered, [&] {
      return bound(false, handle_number(bind.buffer), bind.memory, bind.memoryOffset,
                   bytes_required(layered, device, bind.buffer));
    });
  }
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_bind_image_memory2(VkDevice device, std::uint32_t count,
                                                            const VkBindImageMemoryInfo* infos) {
  LayeredDevice& layered = vkmembench::layered(device);
  const VkResult result = layered.next.bind_image_memory2(device, count, infos);
  if (result != VK_SUCCESS) return result;
  for (const VkBindImageMemoryInfo& bind : std::span(infos, count)) {
    if (bind.memory == VK_NULL_HANDLE) continue;  // of a swapchain
    note(layered, [&] { return bound_image(layered, device, bind); });
  }
  return result;
}

}  // namespace vkmembench
