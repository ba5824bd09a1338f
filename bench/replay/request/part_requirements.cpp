#include "bench/replay/request/part_requirements.h"

#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/planes.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/resource.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

VkMemoryRequirements plane_requirements(const Device& device, VkImage image, VkImageAspectFlagBits aspect) {
  VkImagePlaneMemoryRequirementsInfo plane{};
  plane.sType = VK_STRUCTURE_TYPE_IMAGE_PLANE_MEMORY_REQUIREMENTS_INFO;
  plane.planeAspect = aspect;
  const VkImageMemoryRequirementsInfo2 query{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, &plane, image};
  VkMemoryRequirements2 answer{};
  answer.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2;
  device.fn.get_image_memory_requirements2(device.handle, &query, &answer);
  return answer.memoryRequirements;
}

}  // namespace

std::string why_not_in_parts(const Shape& shape, const Device& device) {
  const DeviceInfo& info = *device.info;
  if (is_disjoint(shape))
    return device.fn.get_image_memory_requirements2 != nullptr && device.fn.bind_image_memory2 != nullptr
               ? std::string()
               : fmt::format("{} binds no planes apart", info.name);
  if (!is_sparse(shape)) return {};
  if (!info.has_sparse_binding) return fmt::format("{} binds no sparse memory", info.name);
  // Of buffers the flags have the same bits.
  if ((shape.flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) != 0 && !info.has_sparse_residency)
    return fmt::format("{} has no sparse residency", info.name);
  if ((shape.flags & VK_IMAGE_CREATE_SPARSE_ALIASED_BIT) != 0) return "pages that resources share are not replayed";
  return {};
}

std::vector<VkMemoryRequirements> part_requirements(const Device& device, const BufferRequest& request) {
  BufferRequest page = request;
  page.size = kSparsePage;
  const Expected<std::uint64_t> buffer = create_resource(device, chained_info(page).get());
  if (!buffer) return {};
  const VkMemoryRequirements answer = requirements_of(device, *buffer, false);
  destroy_resource(device, *buffer, false);
  return {answer};
}

std::vector<VkMemoryRequirements> part_requirements(const Device& device, const ImageRequest& request) {
  const Expected<std::uint64_t> image = create_resource(device, chained_info(request).get());
  if (!image) return {};
  std::vector<VkMemoryRequirements> answers;
  if ((request.flags & VK_IMAGE_CREATE_DISJOINT_BIT) == 0) {
    answers.push_back(requirements_of(device, *image, true));
  } else {
    for (std::uint32_t plane = 0; plane < format_info(request.format).plane_count; ++plane)
      answers.push_back(plane_requirements(device, image_of(*image), plane_aspect(plane)));
  }
  destroy_resource(device, *image, true);
  return answers;
}

Bytes part_bytes(const Event& event, bool image, const std::vector<VkMemoryRequirements>& requirements) {
  if (operands_of(event.op) == Operands::plane)
    return event.plane() < requirements.size() ? requirements[event.plane()].size : 0;
  const Bytes size = align_up(event.size(), requirements.front().alignment);
  if (!image) return size;
  const Bytes whole = requirements.front().size;
  return event.page_offset() < whole ? std::min(size, whole - event.page_offset()) : 0;
}

}  // namespace vkmembench
