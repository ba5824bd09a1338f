#include "allocator/device/simulated/simulated_device.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "allocator/base/error.h"
#include "allocator/device/simulated/simulated_state.h"

namespace vkmembench {
namespace simulated {
namespace {

std::array<std::uint8_t, VK_UUID_SIZE> uuid_bytes(const std::string& hex) {
  std::array<std::uint8_t, VK_UUID_SIZE> bytes{};
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); };
  for (std::size_t i = 0; i < bytes.size() && 2 * i + 1 < hex.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  return bytes;
}

DeviceInfo describe(const DeviceProfile& profile, DeviceFeatureSet features) {
  DeviceInfo info;
  info.name = profile.name;
  info.type = profile.type;
  info.simulated = true;
  info.vendor_id = profile.vendor_id;
  info.device_id = profile.device_id;
  info.api_version = profile.api_version;
  info.driver_id = profile.driver_id;
  info.driver_name = profile.driver_name;
  info.driver_info = profile.driver_info;
  info.driver_version = profile.driver_version;
  info.uuid = profile.uuid;
  info.limits = profile.limits;
  info.max_memory_allocation_size = profile.max_memory_allocation_size;
  info.max_buffer_size = profile.max_buffer_size;
  info.memory = profile.memory;
  info.budgets = profile.budgets;
  info.has_storage_image_multisample = profile.limits.storageImageSampleCounts > VK_SAMPLE_COUNT_1_BIT;
  info.has_sparse_binding = profile.has_sparse_binding;
  info.has_sparse_residency = profile.has_sparse_residency;
  info.has_memory_budget = profile.has_memory_budget;
  info.has_memory_priority = profile.has_memory_priority;
  info.has_dedicated_allocation = profile.has_dedicated_allocation;
  info.has_maintenance4 = profile.has_maintenance4;
  info.has_update_after_bind = profile.has_update_after_bind;
  info.offered = profile.offered;
  info.exportable_buffers = info.exportable_images = profile.exportable;
  info.features = profile.offered & features;
  info.max_bindless_storage_buffers =
      profile.has_update_after_bind
          ? std::min(profile.max_stage_update_after_bind_storage_buffers,
                     profile.max_set_update_after_bind_storage_buffers)
          : std::min(profile.limits.maxPerStageDescriptorStorageBuffers, profile.limits.maxDescriptorSetStorageBuffers);
  std::ranges::copy_if(profile.extensions, std::back_inserter(info.extensions_used), [](const std::string& name) {
    return std::ranges::none_of(kDeviceFeatures, [&](const DeviceFeatureInfo& row) { return row.extension == name; });
  });
  for (const Provenance& row : profile.provenance)
    info.provenance.emplace_back(row.group, row.kind + " " + row.when + ": " + row.from);
  return info;
}

VkBufferCreateFlags buffer_flags_of(const DeviceInfo& info) {
  VkBufferCreateFlags flags = 0;
  if (info.has(DeviceFeature::protected_memory)) flags |= VK_BUFFER_CREATE_PROTECTED_BIT;
  if (info.has_sparse_binding) flags |= VK_BUFFER_CREATE_SPARSE_BINDING_BIT;
  if (info.has_sparse_residency) flags |= VK_BUFFER_CREATE_SPARSE_RESIDENCY_BIT;
  return flags;
}

void require(const DeviceProfile& profile, bool holds, const char* what) {
  if (!holds) throw Error("device profile '" + profile.name + "': " + what + "; correct the profile");
}

const DeviceProfile& consistent(const DeviceProfile& profile) {
  const VkPhysicalDeviceMemoryProperties& memory = profile.memory;
  require(profile, memory.memoryHeapCount > 0 && memory.memoryHeapCount <= VK_MAX_MEMORY_HEAPS, "1 to 16 heaps needed");
  require(profile, memory.memoryTypeCount > 0 && memory.memoryTypeCount <= VK_MAX_MEMORY_TYPES, "1 to 32 types needed");
  for (std::uint32_t i = 0; i < memory.memoryTypeCount; ++i)
    require(profile, memory.memoryTypes[i].heapIndex < memory.memoryHeapCount, "a memory type names a missing heap");
  require(profile, is_power_of_two(profile.limits.nonCoherentAtomSize), "nonCoherentAtomSize is no power of two");
  const auto sound = [&](const auto& rule) {
    return is_power_of_two(rule.answer.alignment) && is_power_of_two(rule.answer.size_rounding) &&
           rule.answer.memory_type_bits != 0 &&
           (std::uint64_t{rule.answer.memory_type_bits} >> memory.memoryTypeCount) == 0;
  };
  const char* unsound =
      "a requirement has a rounding or alignment that is no power of two, or memory types that are missing";
  require(profile, std::ranges::all_of(profile.buffers, sound), unsound);
  require(profile, std::ranges::all_of(profile.images, sound), unsound);
  require(profile, std::ranges::all_of(profile.exact_buffers, sound), unsound);
  require(profile, std::ranges::all_of(profile.exact_images, sound), unsound);
  const auto askable = [&](const auto& rule) {
    return profile.has_dedicated_allocation || !rule.answer.requires_dedicated;
  };
  const char* unaskable = "a requirement asks for dedicated memory, which no allocator can know without the feature";
  require(profile, std::ranges::all_of(profile.buffers, askable), unaskable);
  require(profile, std::ranges::all_of(profile.images, askable), unaskable);
  require(profile, std::ranges::all_of(profile.exact_buffers, askable), unaskable);
  require(profile, std::ranges::all_of(profile.exact_images, askable), unaskable);
  return profile;
}

bool is_offered(const DeviceProfile& profile, EntryPoint call) {
  switch (call) {
    case EntryPoint::get_physical_device_memory_properties2:
    case EntryPoint::get_buffer_memory_requirements2:
    case EntryPoint::get_image_memory_requirements2:
    case EntryPoint::bind_buffer_memory2:
    case EntryPoint::bind_image_memory2:
      return profile.api_version >= VK_API_VERSION_1_1;
    case EntryPoint::get_device_buffer_memory_requirements:
    case EntryPoint::get_device_image_memory_requirements:
      return profile.has_maintenance4;
    case EntryPoint::get_image_sparse_memory_requirements:
    case EntryPoint::queue_bind_sparse:
      return profile.has_sparse_binding;
    default:
      return true;
  }
}

DeviceTable table_of(const DeviceProfile& profile) {
  DeviceTable table;
#define VKMEMBENCH_ROW(vulkan, snake, dispatch) \
  if (is_offered(profile, EntryPoint::snake)) table.snake = &simulated::snake;
  VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  return table;
}

class Owner final : public DeviceOwner {
 public:
  Owner(const DeviceProfile& profile, const SimulatedOptions& options) : device_(profile, options) {}

  [[nodiscard]] vkmembench::Device device() const override {
    vkmembench::Device view;
    view.fn = table_of(device_.profile);
    view.instance = reinterpret_cast<VkInstance>(&device_.physical);
    view.physical = reinterpret_cast<VkPhysicalDevice>(&device_.physical);
    view.handle = reinterpret_cast<VkDevice>(&device_.self);
    view.queue = reinterpret_cast<VkQueue>(&device_.queue);
    view.info = &device_.info;
    view.model_ns = device_.options.model_clock ? &device_.model_ns : nullptr;
    return view;
  }

  // Handles to it are not const.
  mutable simulated::Device device_;  // NOLINT(readability-identifier-naming): private
};

}  // namespace

Device::Device(const DeviceProfile& from, const SimulatedOptions& with)
    : self{kDeviceMagic, this},
      physical{kDeviceMagic, this},
      queue{kDeviceMagic, this},
      profile(consistent(from)),
      options(with),
      requirements(profile),
      formats(profile),
      info(describe(profile, with.features)),
      buffer_usages(buffer_usages_of(info.features)),
      buffer_flags(buffer_flags_of(info)),
      memories(*this),
      buffers(*this),
      images(*this),
      fences(*this),
      command_buffers(*this),
      command_pools(*this),
      descriptor_set_layouts(*this),
      descriptor_pools(*this),
      descriptor_sets(*this) {}

Device::~Device() {
  memories.for_each_live([this](Memory& memory) { release(memory); });
  drop_freed();
  self.magic = physical.magic = queue.magic = 0;
}

void Device::drop_freed() {
  for (const auto& [bytes, size] : freed) Backing::drop(bytes, size);
  freed.clear();
  freed_bytes = 0;
}

void Device::release(Memory& memory) {
  constexpr Bytes kMostFreed = 512 * kMiB;
  for (Backing* backing : {&memory.device, &memory.host}) {
    std::byte* bytes = backing->take();
    if (bytes == nullptr) continue;
    const std::lock_guard lock(queue_mutex);
    freed.emplace_back(bytes, memory.size);
    freed_bytes += memory.size;
    if (freed_bytes > kMostFreed) drop_freed();
  }
  heap_usage[profile.memory.memoryTypes[memory.type].heapIndex].fetch_sub(memory.size, std::memory_order_relaxed);
  memory_count.fetch_sub(1, std::memory_order_relaxed);
}

void get_physical_device_properties(VkPhysicalDevice handle, VkPhysicalDeviceProperties* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_physical_device_properties);
  const DeviceProfile& profile = device.profile;
  *out = {};
  out->apiVersion = profile.api_version;
  out->driverVersion = profile.driver_version;
  out->vendorID = profile.vendor_id;
  out->deviceID = profile.device_id;
  out->deviceType = profile.type;
  profile.name.copy(out->deviceName, VK_MAX_PHYSICAL_DEVICE_NAME_SIZE - 1);
  const auto uuid = uuid_bytes(profile.uuid);
  std::ranges::copy(uuid, out->pipelineCacheUUID);
  out->limits = profile.limits;
}

void get_physical_device_memory_properties(VkPhysicalDevice handle, VkPhysicalDeviceMemoryProperties* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_physical_device_memory_properties);
  *out = device.profile.memory;
}

void get_physical_device_memory_properties2(VkPhysicalDevice handle, VkPhysicalDeviceMemoryProperties2* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_physical_device_memory_properties2);
  out->memoryProperties = device.profile.memory;
  auto* budget = chained_out<VkPhysicalDeviceMemoryBudgetPropertiesEXT>(
      out->pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT);
  if (budget == nullptr || !device.profile.has_memory_budget) return;
  for (std::uint32_t heap = 0; heap < VK_MAX_MEMORY_HEAPS; ++heap) {
    budget->heapBudget[heap] = device.profile.budgets[heap];
    budget->heapUsage[heap] = device.heap_usage[heap].load(std::memory_order_relaxed);
  }
}

VkResult get_physical_device_image_format_properties(VkPhysicalDevice handle, VkFormat format, VkImageType type,
                                                     VkImageTiling tiling, VkImageUsageFlags usage,
                                                     VkImageCreateFlags flags, VkImageFormatProperties* out) {
  Device& device = device_of(handle);
  device.charge(EntryPoint::get_physical_device_image_format_properties);
  return device.formats.properties(format, type, tiling, usage, flags, *out);
}

}  // namespace simulated

std::unique_ptr<DeviceOwner> open_simulated_device(const DeviceProfile& profile, const SimulatedOptions& options) {
  return std::make_unique<simulated::Owner>(profile, options);
}

SimulatedLeaks simulated_leaks(const DeviceOwner& owner) {
  const auto& device = dynamic_cast<const simulated::Owner&>(owner).device_;
  SimulatedLeaks leaks;
  leaks.buffers = device.buffers.live();
  leaks.images = device.images.live();
  leaks.memories = device.memories.live();
  device.memories.for_each_live([&](const simulated::Memory& memory) { leaks.memory_bytes += memory.size; });
  leaks.fences = device.fences.live();
  leaks.command_pools = device.command_pools.live();
  leaks.command_buffers = device.command_buffers.live();
  leaks.descriptor_set_layouts = device.descriptor_set_layouts.live();
  leaks.descriptor_pools = device.descriptor_pools.live();
  leaks.descriptor_sets = device.descriptor_sets.live();
  return leaks;
}

}  // namespace vkmembench
