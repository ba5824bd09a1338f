#pragma once

#include <string>

#include "allocator/device/simulated/device_profile.h"

namespace vkmembench {

// A small device for tests: a device heap of 64 MiB and a host heap of 32 MiB; types in order device-local; host
// coherent; host cached and not coherent; lazily allocated. Buffers round to 16 bytes and require 64-byte alignment,
// images 256. A set holds 100 storage buffers with update-after-bind, else 8.
inline DeviceProfile test_profile() {
  constexpr VkImageUsageFlags kAllUsages = 0xff;
  DeviceProfile profile;
  profile.name = "test";
  profile.type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
  profile.vendor_id = 0x1234;
  profile.device_id = 0x5678;
  profile.uuid = "000102030405060708090a0b0c0d0e0f";
  profile.api_version = VK_API_VERSION_1_3;
  profile.extensions = {"VK_EXT_memory_budget"};
  profile.has_memory_budget = true;
  profile.has_dedicated_allocation = true;
  profile.has_maintenance4 = true;
  profile.has_update_after_bind = true;
  profile.has_sparse_binding = profile.has_sparse_residency = true;
  profile.memory.memoryHeapCount = 2;
  profile.memory.memoryHeaps[0] = {64 * kMiB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT};
  profile.memory.memoryHeaps[1] = {32 * kMiB, 0};
  profile.memory.memoryTypeCount = 4;
  profile.memory.memoryTypes[0] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
  profile.memory.memoryTypes[1] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, 1};
  profile.memory.memoryTypes[2] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, 1};
  profile.memory.memoryTypes[3] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT, 0};
  profile.budgets = {60 * kMiB, 30 * kMiB};
  profile.limits.maxImageDimension1D = 4096;
  profile.limits.maxImageDimension2D = 4096;
  profile.limits.maxImageDimension3D = 256;
  profile.limits.maxImageArrayLayers = 64;
  profile.limits.maxMemoryAllocationCount = 32;
  profile.limits.bufferImageGranularity = 1024;
  profile.limits.nonCoherentAtomSize = 64;
  profile.limits.minMemoryMapAlignment = 64;
  profile.limits.minStorageBufferOffsetAlignment = 32;
  profile.limits.maxStorageBufferRange = 16 * 1024;
  profile.limits.maxPerStageDescriptorStorageBuffers = 8;
  profile.limits.maxDescriptorSetStorageBuffers = 12;
  profile.max_stage_update_after_bind_storage_buffers = 200;
  profile.max_set_update_after_bind_storage_buffers = 100;
  profile.max_memory_allocation_size = 24 * kMiB;
  profile.formats = {{{"R64*"}, 0, 0, VK_SAMPLE_COUNT_1_BIT, 0},
                     {{"BC*"}, 0x07, 0, VK_SAMPLE_COUNT_1_BIT, 2048},
                     {{"*"}, kAllUsages, 0x07, VK_SAMPLE_COUNT_1_BIT | VK_SAMPLE_COUNT_4_BIT, 0}};
  const RequirementAnswer plain = {.alignment = 64, .size_rounding = 16, .memory_type_bits = 0b0111};
  BufferRule uniform{.any_usage = VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT, .answer = plain};
  uniform.answer.alignment = 256;
  profile.buffers = {uniform, {.any_usage = 0, .answer = plain}};
  ImageRule transient;
  transient.any_usage = VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT;
  transient.answer = {.alignment = 256, .memory_type_bits = 0b1001, .requires_dedicated = true};
  ImageRule image;
  image.answer = {.alignment = 256, .size_rounding = 256, .memory_type_bits = 0b0111, .prefers_dedicated = true};
  profile.images = {transient, image};
  profile.exact_buffers = {{.size = 777, .usage = 0, .answer = plain, .required_bytes = 4096}};
  const auto cost = [&](EntryPoint call, std::uint64_t base, std::uint64_t per_mib) {
    profile.costs[static_cast<std::size_t>(call)] = {base, per_mib};
  };
  cost(EntryPoint::allocate_memory, 1000, 100);
  cost(EntryPoint::free_memory, 500, 50);
  cost(EntryPoint::create_buffer, 10, 0);
  cost(EntryPoint::cmd_copy_buffer, 7, 1024);
  profile.provenance = {{"memory", "assumed", "2026-01-01", "a test"}};
  return profile;
}

}  // namespace vkmembench
