#include "allocator/device/simulated/simulated_state.h"

namespace vkmembench::simulated {
namespace {

void answer(const Requirements& from, VkMemoryRequirements& to) {
  to = {from.size, from.alignment(), from.memory_type_bits};
}

void answer(const Requirements& from, VkMemoryRequirements2& to) {
  answer(from, to.memoryRequirements);
  auto* dedicated =
      chained_out<VkMemoryDedicatedRequirements>(to.pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS);
  if (dedicated == nullptr) return;
  dedicated->prefersDedicatedAllocation = from.prefers_dedicated || from.requires_dedicated ? VK_TRUE : VK_FALSE;
  dedicated->requiresDedicatedAllocation = from.requires_dedicated ? VK_TRUE : VK_FALSE;
}

// The same whether the resource is there or only described.
Requirements required_of(const Device& device, const VkBufferCreateInfo& info) {
  const Requirements required = device.requirements.of_buffer(info.size, info.usage);
  if ((info.flags & VK_BUFFER_CREATE_SPARSE_BINDING_BIT) != 0) return in_pages(required);
  return (info.flags & VK_BUFFER_CREATE_PROTECTED_BIT) != 0 ? device.requirements.protect(required) : required;
}
Requirements required_of(const Device& device, const VkImageCreateInfo& info) {
  Requirements required = device.requirements.of_image(info);
  if ((info.flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) != 0)
    required.size = sparse_layout(format_info(info.format), info.extent, info.imageType == VK_IMAGE_TYPE_3D,
                                  info.mipLevels, info.arrayLayers)
                        .bytes;
  if ((info.flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT) != 0) return in_pages(required);
  required.in_parts = (info.flags & VK_IMAGE_CREATE_DISJOINT_BIT) != 0;
  return (info.flags & VK_IMAGE_CREATE_PROTECTED_BIT) != 0 ? device.requirements.protect(required) : required;
}

void check_create(const Device& device, const VkBufferCreateInfo& info) {
  VKMEMBENCH_CHECK(info.sType == VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, "VkBufferCreateInfo without its sType");
  VKMEMBENCH_CHECK(info.size > 0, "buffer of no bytes");
  VKMEMBENCH_CHECK(info.usage != 0, "buffer without usage");
  VKMEMBENCH_CHECK((info.usage & ~device.buffer_usages) == 0, "buffer of a usage whose feature is off");
  VKMEMBENCH_CHECK((info.flags & ~device.buffer_flags) == 0, "buffer of a flag whose feature is off");
}

void check_create(const Device& device, const VkImageCreateInfo& info) {
  VKMEMBENCH_CHECK(info.sType == VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO, "VkImageCreateInfo without its sType");
  VKMEMBENCH_CHECK(info.extent.width > 0 && info.extent.height > 0 && info.extent.depth > 0 && info.mipLevels > 0 &&
                       info.arrayLayers > 0,
                   "image without texels");
  VKMEMBENCH_CHECK((info.usage & ~image_usages_of(device.info.features)) == 0, "image of a usage whose feature is off");
  VKMEMBENCH_CHECK(device.formats.supports(info),
                   "image of a format, extent or usage that the device does not support");
}

// What memory a part needs, or the whole of a resource. Misuse aborts.
void check_fit(const Requirements& required, const Memory& memory, Offset offset) {
  VKMEMBENCH_CHECK((required.memory_type_bits >> memory.type & 1u) != 0, "bind to a memory type the resource excludes");
  VKMEMBENCH_CHECK(is_aligned(offset, required.alignment()), "bind at an unaligned offset");
  VKMEMBENCH_CHECK(required.size <= memory.size && offset <= memory.size - required.size, "bind beyond the memory");
}

// Gives the resource its memory. `mine` says whether dedicated memory is this resource's. Misuse aborts.
void bind(const Device& device, Resource& resource, VkDeviceMemory memory_handle, Offset offset, bool mine) {
  const auto& memory = object_on<Memory>(device, memory_handle);
  const Requirements& required = resource.required;
  VKMEMBENCH_CHECK(resource.memory == VK_NULL_HANDLE, "bind of a resource that has memory");
  VKMEMBENCH_CHECK(!required.in_parts, "bind of a resource as a whole that is bound in parts");
  check_fit(required, memory, offset);
  VKMEMBENCH_CHECK(!memory.is_dedicated() || (mine && offset == 0), "bind to memory dedicated to another resource");
  VKMEMBENCH_CHECK(!required.requires_dedicated || mine, "bind of a resource that requires dedicated memory");
  resource.memory = memory_handle;
  resource.offset = offset;
}

void bind(const Device& device, VkBuffer buffer, VkDeviceMemory memory_handle, Offset offset) {
  const auto& memory = object_on<Memory>(device, memory_handle);
  bind(device, object_on<Buffer>(device, buffer), memory_handle, offset, memory.dedicated_buffer == buffer);
}

void bind(const Device& device, VkImage image, VkDeviceMemory memory_handle, Offset offset) {
  const auto& memory = object_on<Memory>(device, memory_handle);
  bind(device, object_on<Image>(device, image), memory_handle, offset, memory.dedicated_image == image);
}

std::size_t plane_index(const Image& image, VkImageAspectFlagBits aspect) {
  const std::size_t index = aspect == VK_IMAGE_ASPECT_PLANE_0_BIT ? 0 : aspect == VK_IMAGE_ASPECT_PLANE_1_BIT ? 1 : 2;
  VKMEMBENCH_CHECK(image.required.in_parts && index < image.format->plane_count,
                   "a plane of an image that has it not, or not apart");
  return index;
}

void bind_plane(const Device& device, const VkBindImageMemoryInfo& info, VkImageAspectFlagBits aspect) {
  auto& image = object_on<Image>(device, info.image);
  const auto& memory = object_on<Memory>(device, info.memory);
  Image::Plane& plane = image.planes[plane_index(image, aspect)];
  VKMEMBENCH_CHECK(plane.memory == VK_NULL_HANDLE, "bind of a plane that has memory");
  VKMEMBENCH_CHECK(!memory.is_dedicated(), "bind of a plane to memory dedicated to a resource");
  check_fit(plane.required, memory, info.memoryOffset);
  plane.memory = info.memory;
  plane.offset = info.memoryOffset;
}

// What binding the resource costs by, and destroying it. Memory that is gone already is nobody's alone.
bool is_dedicated(const Resource& resource) {
  const auto* memory = live_object_of<Memory>(resource.memory);
  return memory != nullptr && memory->is_dedicated();
}
CallSubject subject_of(const Buffer& buffer) {
  return {.bytes = buffer.required.size, .dedicated = is_dedicated(buffer)};
}
CallSubject subject_of(const Image& image) {
  return {.bytes = image.required.size, .image_usage = image.usage, .dedicated = is_dedicated(image)};
}

template <typename Kind>
void charge(Device& device, EntryPoint call, const Kind& resource) {
  if (device.options.model_clock) [[unlikely]]
    device.charge(call, subject_of(resource));
}

}  // namespace

VkResult create_buffer(VkDevice handle, const VkBufferCreateInfo* info, const VkAllocationCallbacks* /*unused*/,
                       VkBuffer* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::create_buffer, {.bytes = info->size});
  check_create(device, *info);
  if (info->size > device.info.max_buffer_size) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  Buffer& buffer = device.buffers.take();
  buffer.required = required_of(device, *info);
  buffer.memory = VK_NULL_HANDLE;
  buffer.size = info->size;
  buffer.usage = info->usage;
  *out = handle_of<VkBuffer>(buffer);
  return VK_SUCCESS;
}

void destroy_buffer(VkDevice handle, VkBuffer buffer, const VkAllocationCallbacks* /*unused*/) {
  Device& device = device_of(handle);
  if (buffer == VK_NULL_HANDLE) return device.charge(EntryPoint::destroy_buffer);
  auto& destroyed = object_on<Buffer>(device, buffer);
  charge(device, EntryPoint::destroy_buffer, destroyed);
  device.buffers.give(destroyed);
}

VkResult create_image(VkDevice handle, const VkImageCreateInfo* info, const VkAllocationCallbacks* /*unused*/,
                      VkImage* out) {
  Device& device = device_of(handle);
  check_create(device, *info);
  const Requirements required = required_of(device, *info);
  device.charge(EntryPoint::create_image, {.bytes = required.size, .image_usage = info->usage});
  Image& image = device.images.take();
  image.required = required;
  image.memory = VK_NULL_HANDLE;
  image.format = &format_info(info->format);
  image.extent = info->extent;
  image.mips = info->mipLevels;
  image.layers = info->arrayLayers;
  image.samples = static_cast<std::uint32_t>(info->samples);
  image.three = info->imageType == VK_IMAGE_TYPE_3D;
  image.residency = (info->flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) != 0;
  if ((info->flags & VK_IMAGE_CREATE_DISJOINT_BIT) != 0)
    for (std::uint32_t plane = 0; plane < image.format->plane_count; ++plane)
      image.planes[plane] = {device.requirements.of_plane(*info, plane)};
  image.usage = info->usage;
  *out = handle_of<VkImage>(image);
  return VK_SUCCESS;
}

void destroy_image(VkDevice handle, VkImage image, const VkAllocationCallbacks* /*unused*/) {
  Device& device = device_of(handle);
  if (image == VK_NULL_HANDLE) return device.charge(EntryPoint::destroy_image);
  auto& destroyed = object_on<Image>(device, image);
  charge(device, EntryPoint::destroy_image, destroyed);
  device.images.give(destroyed);
}

void get_buffer_memory_requirements(VkDevice handle, VkBuffer buffer, VkMemoryRequirements* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_buffer_memory_requirements);
  answer(object_on<Buffer>(device, buffer).required, *out);
}

void get_image_memory_requirements(VkDevice handle, VkImage image, VkMemoryRequirements* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_image_memory_requirements);
  answer(object_on<Image>(device, image).required, *out);
}

void get_buffer_memory_requirements2(VkDevice handle, const VkBufferMemoryRequirementsInfo2* info,
                                     VkMemoryRequirements2* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_buffer_memory_requirements2);
  answer(object_on<Buffer>(device, info->buffer).required, *out);
}

void get_image_memory_requirements2(VkDevice handle, const VkImageMemoryRequirementsInfo2* info,
                                    VkMemoryRequirements2* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_image_memory_requirements2);
  const auto& image = object_on<Image>(device, info->image);
  const auto* plane = chained_in<VkImagePlaneMemoryRequirementsInfo>(
      info->pNext, VK_STRUCTURE_TYPE_IMAGE_PLANE_MEMORY_REQUIREMENTS_INFO);
  answer(plane == nullptr ? image.required : image.planes[plane_index(image, plane->planeAspect)].required, *out);
}

void get_device_buffer_memory_requirements(VkDevice handle, const VkDeviceBufferMemoryRequirements* info,
                                           VkMemoryRequirements2* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_device_buffer_memory_requirements);
  check_create(device, *info->pCreateInfo);
  VKMEMBENCH_CHECK(info->pCreateInfo->size <= device.info.max_buffer_size,
                   "requirements of a buffer beyond maxBufferSize");
  answer(required_of(device, *info->pCreateInfo), *out);
}

void get_device_image_memory_requirements(VkDevice handle, const VkDeviceImageMemoryRequirements* info,
                                          VkMemoryRequirements2* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_device_image_memory_requirements);
  check_create(device, *info->pCreateInfo);
  answer(required_of(device, *info->pCreateInfo), *out);
}

VkResult bind_buffer_memory(VkDevice handle, VkBuffer buffer, VkDeviceMemory memory, VkDeviceSize offset) {
  Device& device = device_of(handle);
  bind(device, buffer, memory, offset);
  charge(device, EntryPoint::bind_buffer_memory, object_on<Buffer>(device, buffer));
  return VK_SUCCESS;
}

VkResult bind_image_memory(VkDevice handle, VkImage image, VkDeviceMemory memory, VkDeviceSize offset) {
  Device& device = device_of(handle);
  bind(device, image, memory, offset);
  charge(device, EntryPoint::bind_image_memory, object_on<Image>(device, image));
  return VK_SUCCESS;
}

VkResult bind_buffer_memory2(VkDevice handle, std::uint32_t count, const VkBindBufferMemoryInfo* infos) {
  Device& device = device_of(handle);
  for (std::uint32_t i = 0; i < count; ++i) bind(device, infos[i].buffer, infos[i].memory, infos[i].memoryOffset);
  if (count > 0) charge(device, EntryPoint::bind_buffer_memory2, object_on<Buffer>(device, infos[0].buffer));
  return VK_SUCCESS;
}

VkResult bind_image_memory2(VkDevice handle, std::uint32_t count, const VkBindImageMemoryInfo* infos) {
  Device& device = device_of(handle);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto* plane =
        chained_in<VkBindImagePlaneMemoryInfo>(infos[i].pNext, VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO);
    if (plane != nullptr)
      bind_plane(device, infos[i], plane->planeAspect);
    else
      bind(device, infos[i].image, infos[i].memory, infos[i].memoryOffset);
  }
  if (count > 0) charge(device, EntryPoint::bind_image_memory2, object_on<Image>(device, infos[0].image));
  return VK_SUCCESS;
}

}  // namespace vkmembench::simulated
