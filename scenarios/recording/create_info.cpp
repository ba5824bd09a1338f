#include "scenarios/recording/create_info.h"

#include <fmt/format.h>

#include "allocator/base/vulkan_names.h"
#include "scenarios/recording/newer_structures.h"

namespace vkmembench {
namespace {

// Calls visit(structure) for each of a chain.
template <typename Visit>
void for_each_structure(const void* next, Visit visit) {
  for (auto* structure = static_cast<const VkBaseInStructure*>(next); structure != nullptr;
       structure = structure->pNext)
    visit(*structure);
}

template <typename Structure>
const Structure& as(const VkBaseInStructure& structure) {
  return reinterpret_cast<const Structure&>(structure);
}

void leave_out_structure(const VkBaseInStructure& structure, const char* of, const LeaveOut& leave_out) {
  leave_out(fmt::format("structures {} of {}", static_cast<int>(structure.sType), of));
}

void note_sharing(VkSharingMode mode, const LeaveOut& leave_out) {
  if (mode == VK_SHARING_MODE_CONCURRENT) leave_out("sharing between queue families");
}

ImageDimensions dimensions_of(const VkImageCreateInfo& info) {
  const bool is_flat = info.extent.depth == 1;
  switch (info.imageType) {
    case VK_IMAGE_TYPE_1D:
      return ImageDimensions::one;
    case VK_IMAGE_TYPE_2D:
      return is_flat && info.extent.height > 1 ? ImageDimensions::by_extent : ImageDimensions::two;
    case VK_IMAGE_TYPE_3D:
      return is_flat ? ImageDimensions::three : ImageDimensions::by_extent;
    default:
      return ImageDimensions::by_extent;
  }
}

}  // namespace

std::uint32_t usage_of(const VkBufferCreateInfo& info, const LeaveOut& leave_out) {
  std::uint64_t usage = info.usage;
  note_sharing(info.sharingMode, leave_out);
  for_each_structure(info.pNext, [&](const VkBaseInStructure& structure) {
    switch (static_cast<int>(structure.sType)) {
      case static_cast<int>(kBufferUsage2Type):
        usage = as<BufferUsage2>(structure).usage;
        return;
      case VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO:  // its memory says what is exported
      case VK_STRUCTURE_TYPE_DEDICATED_ALLOCATION_BUFFER_CREATE_INFO_NV:
        return;
      case VK_STRUCTURE_TYPE_BUFFER_OPAQUE_CAPTURE_ADDRESS_CREATE_INFO:
        return leave_out("opaque capture addresses");
      default:
        return leave_out_structure(structure, "VkBufferCreateInfo", leave_out);
    }
  });
  if (usage >> 32 != 0) leave_out("usages of buffers beyond 32 bits");
  const auto known = static_cast<std::uint32_t>(usage);
  return known == 0 ? std::uint32_t{VK_BUFFER_USAGE_STORAGE_BUFFER_BIT} : known;
}

std::unique_ptr<CallDetails> details_of(const VkImageCreateInfo& info, const LeaveOut& leave_out) {
  if (find_format(info.format) == nullptr) {
    leave_out(fmt::format("images of format {}", static_cast<int>(info.format)));
    return nullptr;
  }
  auto details = std::make_unique<CallDetails>();
  Shape* const shape = &details->shape;
  shape->image = true;
  shape->format = {info.format};
  shape->extent = info.extent;
  shape->mips = info.mipLevels;
  shape->layers = info.arrayLayers;
  shape->samples = info.samples;
  shape->tiling = info.tiling == VK_IMAGE_TILING_LINEAR ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL;
  shape->usage = info.usage;
  shape->flags = info.flags;
  shape->type = dimensions_of(info);
  note_sharing(info.sharingMode, leave_out);
  bool is_swapchains = false;
  for_each_structure(info.pNext, [&](const VkBaseInStructure& structure) {
    switch (structure.sType) {
      case VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO: {
        const auto& list = as<VkImageFormatListCreateInfo>(structure);
        if ((info.flags & VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT) == 0) return;
        for (std::uint32_t i = 0; i < list.viewFormatCount; ++i)
          if (find_format(list.pViewFormats[i]) != nullptr) shape->view_formats.push_back(list.pViewFormats[i]);
        return;
      }
      case VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT:
        return set_modifier(*shape, as<VkImageDrmFormatModifierExplicitCreateInfoEXT>(structure).drmFormatModifier);
      case VK_STRUCTURE_TYPE_IMAGE_SWAPCHAIN_CREATE_INFO_KHR:
        is_swapchains = as<VkImageSwapchainCreateInfoKHR>(structure).swapchain != VK_NULL_HANDLE;
        return;
      case VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO:
      case VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_LIST_CREATE_INFO_EXT:  // the driver says which
      case VK_STRUCTURE_TYPE_DEDICATED_ALLOCATION_IMAGE_CREATE_INFO_NV:
        return;
      default:
        return leave_out_structure(structure, "VkImageCreateInfo", leave_out);
    }
  });
  return is_swapchains ? nullptr : std::move(details);
}

std::unique_ptr<CallDetails> details_of(const VkMemoryAllocateInfo& info, const LeaveOut& leave_out) {
  if (info.pNext == nullptr) return nullptr;
  auto details = std::make_unique<CallDetails>();
  MemoryTraits* const traits = &details->traits;
  for_each_structure(info.pNext, [&](const VkBaseInStructure& structure) {
    switch (structure.sType) {
      case VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO: {
        const auto& dedicated = as<VkMemoryDedicatedAllocateInfo>(structure);
        traits->dedicated_to =
            dedicated.image != VK_NULL_HANDLE ? handle_number(dedicated.image) : handle_number(dedicated.buffer);
        return;
      }
      case VK_STRUCTURE_TYPE_MEMORY_PRIORITY_ALLOCATE_INFO_EXT:
        traits->priority = as<VkMemoryPriorityAllocateInfoEXT>(structure).priority;
        return;
      case VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO:
        traits->export_handles = as<VkExportMemoryAllocateInfo>(structure).handleTypes;
        return;
      case VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO: {
        const auto& flags = as<VkMemoryAllocateFlagsInfo>(structure);
        if ((flags.flags & VK_MEMORY_ALLOCATE_DEVICE_MASK_BIT) != 0) traits->device_mask = flags.deviceMask;
        return;
      }
      case VK_STRUCTURE_TYPE_MEMORY_OPAQUE_CAPTURE_ADDRESS_ALLOCATE_INFO:
        if (as<VkMemoryOpaqueCaptureAddressAllocateInfo>(structure).opaqueCaptureAddress != 0)
          leave_out("opaque capture addresses");
        return;
      case VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR:
      case VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT:
        return leave_out("imports of memory (replayed as memory of its own)");
      default:
        return leave_out_structure(structure, "VkMemoryAllocateInfo", leave_out);
    }
  });
  return details;
}

bool has_chosen_modifier(const VkImageCreateInfo& info) {
  bool has_list = false;
  for_each_structure(info.pNext, [&](const VkBaseInStructure& structure) {
    has_list = has_list || structure.sType == VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_LIST_CREATE_INFO_EXT;
  });
  return has_list;
}

void set_modifier(Shape& shape, std::uint64_t modifier) {
  shape.drm_modifier = modifier;
  shape.tiling = modifier == 0 ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL;
}

std::optional<VkImageAspectFlagBits> plane_of(const VkBindImageMemoryInfo& bind) {
  std::optional<VkImageAspectFlagBits> plane;
  for_each_structure(bind.pNext, [&](const VkBaseInStructure& structure) {
    if (structure.sType == VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO)
      plane = as<VkBindImagePlaneMemoryInfo>(structure).planeAspect;
  });
  return plane;
}

std::uint32_t plane_number(VkImageAspectFlagBits plane) {
  switch (plane) {
    case VK_IMAGE_ASPECT_PLANE_1_BIT:
    case VK_IMAGE_ASPECT_MEMORY_PLANE_1_BIT_EXT:
      return 1;
    case VK_IMAGE_ASPECT_PLANE_2_BIT:
    case VK_IMAGE_ASPECT_MEMORY_PLANE_2_BIT_EXT:
      return 2;
    case VK_IMAGE_ASPECT_MEMORY_PLANE_3_BIT_EXT:
      return 3;
    default:
      return 0;
  }
}

bool ends_frame(const void* next) {
  bool ends = false;
  for_each_structure(next, [&](const VkBaseInStructure& structure) {
    ends = ends || (structure.sType == kFrameBoundaryType && (as<FrameBoundary>(structure).flags & kFrameEnds) != 0);
  });
  return ends;
}

}  // namespace vkmembench
