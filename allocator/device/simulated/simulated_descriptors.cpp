#include <algorithm>

#include "allocator/device/simulated/simulated_state.h"

// Descriptor sets of one binding of storage buffers. No command binds a set, so what pending work uses is not known.
namespace vkmembench::simulated {
namespace {

constexpr Bytes kDescriptorBytes = 16;  // that the model charges for

bool has_update_after_bind(const VkDescriptorSetLayoutCreateInfo& info) {
  const auto* flags = chained_in<VkDescriptorSetLayoutBindingFlagsCreateInfo>(
      info.pNext, VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO);
  return flags != nullptr && flags->bindingCount > 0 &&
         (flags->pBindingFlags[0] & VK_DESCRIPTOR_BINDING_UPDATE_AFTER_BIND_BIT) != 0;
}

// Aborts where no pipeline layout could take the set, too: the simulated device has none to complain later.
void check_create(const Device& device, const VkDescriptorSetLayoutCreateInfo& info) {
  VKMEMBENCH_CHECK(info.sType == VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                   "VkDescriptorSetLayoutCreateInfo without its sType");
  VKMEMBENCH_CHECK(info.bindingCount == 1 && info.pBindings[0].descriptorType == VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                   "layouts of other than one binding of storage buffers are not simulated");
  const auto* flags = chained_in<VkDescriptorSetLayoutBindingFlagsCreateInfo>(
      info.pNext, VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO);
  VKMEMBENCH_CHECK(flags == nullptr || flags->bindingCount == 0 || flags->pBindingFlags[0] == 0 ||
                       device.profile.has_update_after_bind,
                   "binding flags, which the device lacks");
  const bool pool_flag = (info.flags & VK_DESCRIPTOR_SET_LAYOUT_CREATE_UPDATE_AFTER_BIND_POOL_BIT) != 0;
  VKMEMBENCH_CHECK(!pool_flag || device.profile.has_update_after_bind, "update-after-bind, which the device lacks");
  VKMEMBENCH_CHECK(!has_update_after_bind(info) || pool_flag,
                   "update-after-bind binding in a layout that is not for update-after-bind pools");
  const VkPhysicalDeviceLimits& plain = device.profile.limits;
  const std::uint32_t most =
      pool_flag ? std::min(device.profile.max_stage_update_after_bind_storage_buffers,
                           device.profile.max_set_update_after_bind_storage_buffers)
                : std::min(plain.maxPerStageDescriptorStorageBuffers, plain.maxDescriptorSetStorageBuffers);
  VKMEMBENCH_CHECK(info.pBindings[0].descriptorCount <= most, "layout of more storage buffers than the limits allow");
}

void check_buffer(const Device& device, const VkDescriptorBufferInfo& info) {
  const auto& buffer = object_on<Buffer>(device, info.buffer);
  VKMEMBENCH_CHECK((buffer.usage & VK_BUFFER_USAGE_STORAGE_BUFFER_BIT) != 0, "descriptor of no storage buffer");
  VKMEMBENCH_CHECK(buffer.memory != VK_NULL_HANDLE, "descriptor of a buffer without memory");
  static_cast<void>(object_on<Memory>(device, buffer.memory));  // aborts when it was freed
  const VkPhysicalDeviceLimits& limits = device.profile.limits;
  const Bytes alignment = std::max<Bytes>(limits.minStorageBufferOffsetAlignment, 1);
  VKMEMBENCH_CHECK(is_aligned(info.offset, alignment), "descriptor at an unaligned offset");
  VKMEMBENCH_CHECK(info.offset < buffer.size, "descriptor beyond the buffer");
  const Bytes range = info.range == VK_WHOLE_SIZE ? buffer.size - info.offset : info.range;
  VKMEMBENCH_CHECK(range > 0 && range <= buffer.size - info.offset, "descriptor of nothing, or beyond the buffer");
  VKMEMBENCH_CHECK(range <= limits.maxStorageBufferRange, "descriptor of more than maxStorageBufferRange");
}

void write(const Device& device, const VkWriteDescriptorSet& info) {
  auto& set = object_on<DescriptorSet>(device, info.dstSet);
  const auto& layout = object_on<DescriptorSetLayout>(device, set.layout);
  VKMEMBENCH_CHECK(info.sType == VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, "VkWriteDescriptorSet without its sType");
  VKMEMBENCH_CHECK(info.dstBinding == layout.binding && info.descriptorType == VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                   "write of a binding or a type that the layout lacks");
  VKMEMBENCH_CHECK(info.descriptorCount > 0, "write of no descriptors");
  VKMEMBENCH_CHECK(info.dstArrayElement < layout.count && info.descriptorCount <= layout.count - info.dstArrayElement,
                   "write beyond the layout's descriptors");
  for (std::uint32_t i = 0; i < info.descriptorCount; ++i) {
    check_buffer(device, info.pBufferInfo[i]);
    set.buffers[info.dstArrayElement + i] = info.pBufferInfo[i];
  }
}

void give_back(Device& device, VkDescriptorSet handle) {
  auto& set = object_on<DescriptorSet>(device, handle);
  set.buffers.clear();
  device.descriptor_sets.give(set);
}

}  // namespace

VkResult create_descriptor_set_layout(VkDevice handle, const VkDescriptorSetLayoutCreateInfo* info,
                                      const VkAllocationCallbacks* /*unused*/, VkDescriptorSetLayout* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::create_descriptor_set_layout);
  check_create(device, *info);
  DescriptorSetLayout& layout = device.descriptor_set_layouts.take();
  layout.binding = info->pBindings[0].binding;
  layout.count = info->pBindings[0].descriptorCount;
  layout.update_after_bind = (info->flags & VK_DESCRIPTOR_SET_LAYOUT_CREATE_UPDATE_AFTER_BIND_POOL_BIT) != 0;
  *out = handle_of<VkDescriptorSetLayout>(layout);
  return VK_SUCCESS;
}

void destroy_descriptor_set_layout(VkDevice handle, VkDescriptorSetLayout layout,
                                   const VkAllocationCallbacks* /*unused*/) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::destroy_descriptor_set_layout);
  if (layout != VK_NULL_HANDLE) device.descriptor_set_layouts.give(object_on<DescriptorSetLayout>(device, layout));
}

VkResult create_descriptor_pool(VkDevice handle, const VkDescriptorPoolCreateInfo* info,
                                const VkAllocationCallbacks* /*unused*/, VkDescriptorPool* out) {
  Device& device = device_of(handle);
  VKMEMBENCH_CHECK(info->sType == VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                   "VkDescriptorPoolCreateInfo without its sType");
  VKMEMBENCH_CHECK(info->maxSets > 0, "descriptor pool of no sets");
  VKMEMBENCH_CHECK(info->poolSizeCount == 1 && info->pPoolSizes[0].type == VK_DESCRIPTOR_TYPE_STORAGE_BUFFER &&
                       info->pPoolSizes[0].descriptorCount > 0,
                   "descriptor pools of other than storage buffers are not simulated");
  device.charge(EntryPoint::create_descriptor_pool, {.bytes = info->pPoolSizes[0].descriptorCount * kDescriptorBytes});
  DescriptorPool& pool = device.descriptor_pools.take();
  pool.update_after_bind = (info->flags & VK_DESCRIPTOR_POOL_CREATE_UPDATE_AFTER_BIND_BIT) != 0;
  pool.free_sets = info->maxSets;
  pool.free_descriptors = info->pPoolSizes[0].descriptorCount;
  pool.sets.clear();
  *out = handle_of<VkDescriptorPool>(pool);
  return VK_SUCCESS;
}

void destroy_descriptor_pool(VkDevice handle, VkDescriptorPool pool_handle, const VkAllocationCallbacks* /*unused*/) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::destroy_descriptor_pool);
  if (pool_handle == VK_NULL_HANDLE) return;
  auto& pool = object_on<DescriptorPool>(device, pool_handle);
  for (const VkDescriptorSet set : pool.sets) give_back(device, set);
  pool.sets.clear();
  device.descriptor_pools.give(pool);
}

VkResult allocate_descriptor_sets(VkDevice handle, const VkDescriptorSetAllocateInfo* info, VkDescriptorSet* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::allocate_descriptor_sets);
  auto& pool = object_on<DescriptorPool>(device, info->descriptorPool);
  VKMEMBENCH_CHECK(info->descriptorSetCount > 0, "allocation of no descriptor sets");
  std::uint64_t descriptors = 0;
  for (std::uint32_t i = 0; i < info->descriptorSetCount; ++i) {
    const auto& layout = object_on<DescriptorSetLayout>(device, info->pSetLayouts[i]);
    VKMEMBENCH_CHECK(!layout.update_after_bind || pool.update_after_bind,
                     "update-after-bind set from a pool that is not for it");
    descriptors += layout.count;
    out[i] = VK_NULL_HANDLE;
  }
  if (info->descriptorSetCount > pool.free_sets || descriptors > pool.free_descriptors)
    return VK_ERROR_OUT_OF_POOL_MEMORY;
  pool.free_sets -= info->descriptorSetCount;
  pool.free_descriptors -= static_cast<std::uint32_t>(descriptors);
  for (std::uint32_t i = 0; i < info->descriptorSetCount; ++i) {
    DescriptorSet& set = device.descriptor_sets.take();
    set.layout = info->pSetLayouts[i];
    set.buffers.assign(object_on<DescriptorSetLayout>(device, set.layout).count, {});
    out[i] = handle_of<VkDescriptorSet>(set);
    pool.sets.push_back(out[i]);
  }
  return VK_SUCCESS;
}

void update_descriptor_sets(VkDevice handle, std::uint32_t count, const VkWriteDescriptorSet* writes,
                            std::uint32_t copies, const VkCopyDescriptorSet* /*unused*/) {
  Device& device = device_of(handle);
  VKMEMBENCH_CHECK(copies == 0, "copies of descriptors are not simulated");
  Bytes bytes = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    write(device, writes[i]);
    bytes += writes[i].descriptorCount * kDescriptorBytes;
  }
  device.charge(EntryPoint::update_descriptor_sets, {.bytes = bytes});
}

}  // namespace vkmembench::simulated

namespace vkmembench {

VkDescriptorBufferInfo simulated_descriptor(VkDescriptorSet handle, std::uint32_t element) {
  const auto& set = simulated::object_of<simulated::DescriptorSet>(handle);
  VKMEMBENCH_CHECK(element < set.buffers.size(), "descriptor beyond the set");
  return set.buffers[element];
}

}  // namespace vkmembench
