#include "allocator/core/descriptors/bindless_registry.h"

#include <algorithm>
#include <new>
#include <string>

#include "allocator/base/check.h"
#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/memory_use.h"

namespace vkmembench {
namespace {

constexpr VkDescriptorType kType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

std::uint32_t checked_capacity(const DeviceInfo& device, std::uint32_t asked) {
  const std::uint32_t most = std::min(device.max_bindless_storage_buffers, kMaxBindlessSlots);
  if (most == 0)
    throw Error("bindless registry: " + device.name + " has no storage buffer descriptors; pick another device");
  if (asked > most)
    throw Error("bindless registry: " + std::to_string(asked) + " slots asked, " + device.name + " has " +
                std::to_string(device.max_bindless_storage_buffers) + " and the registry at most " +
                std::to_string(kMaxBindlessSlots) + "; ask for " + std::to_string(most) + " or fewer");
  return asked == 0 ? most : asked;
}

void require(VkResult result, const Device& device, const char* what) {
  if (result == VK_SUCCESS) return;
  throw Error("bindless registry: " + std::string(what) + " on " + device.info->name +
              " failed: " + result_name(result) + "; ask for fewer slots, or free device memory");
}

VkWriteDescriptorSet write_of(VkDescriptorSet set, std::uint32_t slot, const VkDescriptorBufferInfo* parts,
                              std::uint32_t count) {
  VkWriteDescriptorSet write{};
  write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
  write.dstSet = set;
  write.dstArrayElement = slot;
  write.descriptorCount = count;
  write.descriptorType = kType;
  write.pBufferInfo = parts;
  return write;
}

}  // namespace

BindlessRegistry::BindlessRegistry(const Device& device, const BindlessSettings& settings)
    : BindlessRegistry(device, checked_capacity(*device.info, settings.capacity), settings.frames_in_flight) {
  // From here on the destructor cleans up after a failure.
  make_sets();
  if (plain()) make_placeholder();
}

BindlessRegistry::BindlessRegistry(const Device& device, std::uint32_t capacity, std::uint32_t frames_in_flight)
    : device_(device), capacity_(capacity), frames_in_flight_(frames_in_flight), memory_(device.host) {
  VKMEMBENCH_CHECK(frames_in_flight > 0, "a bindless registry needs a frame in flight");
}

BindlessRegistry::~BindlessRegistry() {
  device_.fn.destroy_descriptor_pool(device_.handle, pool_, nullptr);
  device_.fn.destroy_descriptor_set_layout(device_.handle, layout_, nullptr);
  device_.fn.destroy_buffer(device_.handle, placeholder_.buffer, nullptr);
  if (placeholder_memory_ != VK_NULL_HANDLE) device_.fn.free_memory(device_.handle, placeholder_memory_, nullptr);
}

bool BindlessRegistry::plain() const { return !device_.info->has_update_after_bind; }

void BindlessRegistry::make_sets() {
  const std::uint32_t set_count = plain() ? frames_in_flight_ : 1;
  const VkDescriptorBindingFlags binding_flags = VK_DESCRIPTOR_BINDING_UPDATE_AFTER_BIND_BIT |
                                                 VK_DESCRIPTOR_BINDING_UPDATE_UNUSED_WHILE_PENDING_BIT |
                                                 VK_DESCRIPTOR_BINDING_PARTIALLY_BOUND_BIT;
  VkDescriptorSetLayoutBindingFlagsCreateInfo flags{};
  flags.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO;
  flags.bindingCount = 1;
  flags.pBindingFlags = &binding_flags;
  const VkDescriptorSetLayoutBinding binding = {0, kType, capacity_, VK_SHADER_STAGE_ALL, nullptr};
  VkDescriptorSetLayoutCreateInfo layout{};
  layout.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
  layout.bindingCount = 1;
  layout.pBindings = &binding;
  const VkDescriptorPoolSize size = {kType, capacity_ * set_count};
  VkDescriptorPoolCreateInfo pool{};
  pool.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
  pool.maxSets = set_count;
  pool.poolSizeCount = 1;
  pool.pPoolSizes = &size;
  if (!plain()) {
    layout.pNext = &flags;
    layout.flags = VK_DESCRIPTOR_SET_LAYOUT_CREATE_UPDATE_AFTER_BIND_POOL_BIT;
    pool.flags = VK_DESCRIPTOR_POOL_CREATE_UPDATE_AFTER_BIND_BIT;
  }
  const DeviceTable& fn = device_.fn;
  require(fn.create_descriptor_set_layout(device_.handle, &layout, nullptr, &layout_), device_, "the layout");
  require(fn.create_descriptor_pool(device_.handle, &pool, nullptr, &pool_), device_, "the descriptor pool");
  const std::pmr::vector<VkDescriptorSetLayout> layouts(set_count, layout_, &memory_);
  VkDescriptorSetAllocateInfo allocate{};
  allocate.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
  allocate.descriptorPool = pool_;
  allocate.descriptorSetCount = set_count;
  allocate.pSetLayouts = layouts.data();
  sets_.resize(set_count);
  require(fn.allocate_descriptor_sets(device_.handle, &allocate, sets_.data()), device_, "the descriptor sets");
}

void BindlessRegistry::make_placeholder() {
  const DeviceTable& fn = device_.fn;
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = 16;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  require(fn.create_buffer(device_.handle, &info, nullptr, &placeholder_.buffer), device_, "the placeholder's buffer");
  placeholder_.range = info.size;
  VkMemoryRequirements needs{};
  fn.get_buffer_memory_requirements(device_.handle, placeholder_.buffer, &needs);
  const MemoryTypeOrders orders = order_memory_types(device_.info->memory);
  const int type = orders[static_cast<std::size_t>(MemoryUse::device)].pick(needs.memoryTypeBits);
  VKMEMBENCH_CHECK(type >= 0, "a storage buffer has a memory type");
  VkMemoryAllocateInfo memory{};
  memory.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  memory.allocationSize = needs.size;
  memory.memoryTypeIndex = static_cast<std::uint32_t>(type);
  require(fn.allocate_memory(device_.handle, &memory, nullptr, &placeholder_memory_), device_,
          "the placeholder's memory");
  require(fn.bind_buffer_memory(device_.handle, placeholder_.buffer, placeholder_memory_, 0), device_,
          "binding the placeholder's memory");

  const std::pmr::vector<VkDescriptorBufferInfo> parts(capacity_, placeholder_, &memory_);
  std::pmr::vector<VkWriteDescriptorSet> writes(&memory_);
  for (const VkDescriptorSet set : sets_) writes.push_back(write_of(set, 0, parts.data(), capacity_));
  fn.update_descriptor_sets(device_.handle, static_cast<std::uint32_t>(writes.size()), writes.data(), 0, nullptr);
}

// Also makes room for all that can become of the slots: what removes, moves and shows them needs no memory.
void BindlessRegistry::add_slot() {
  if (slots_.size() == slots_.capacity()) {
    const std::size_t room = std::min<std::size_t>(capacity_, std::max<std::size_t>(2 * slots_.size(), 16));
    free_.reserve(room);
    retired_.reserve(room);
    if (plain()) {
      changes_.reserve(room * (frames_in_flight_ + 2));  // one a slot in each frame that a set is behind
      writes_.reserve(room);
    }
    slots_.reserve(room);
  }
  slots_.emplace_back();
}

bool BindlessRegistry::can_describe(Offset offset, Bytes bytes) const {
  const VkPhysicalDeviceLimits& limits = device_.info->limits;
  return offset % std::max<VkDeviceSize>(limits.minStorageBufferOffsetAlignment, 1) == 0 &&
         bytes <= limits.maxStorageBufferRange;
}

Expected<BindlessId> BindlessRegistry::add(VkBuffer buffer, Offset offset, Bytes bytes) {
  VKMEMBENCH_CHECK(buffer != VK_NULL_HANDLE && bytes > 0, "registration of no buffer or of no bytes");
  const bool fits = can_describe(offset, bytes);
  const std::lock_guard lock(mutex_);
  const bool full = free_.empty() && slots_.size() == capacity_;
  if (!fits || full) {
    ++counts_.refused;
    return fits ? VK_ERROR_OUT_OF_POOL_MEMORY : VK_ERROR_FEATURE_NOT_PRESENT;
  }
  auto index = static_cast<std::uint32_t>(slots_.size());
  if (free_.empty()) {
    try {
      add_slot();
    } catch (const std::bad_alloc&) {
      ++counts_.refused;
      return VK_ERROR_OUT_OF_HOST_MEMORY;
    }
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.part = {buffer, offset, bytes};
  slot.live = true;
  if (++slot.generation == 0) slot.generation = 1;
  counts_.peak = std::max(counts_.peak, ++counts_.live);
  show(index);
  return BindlessId{index, slot.generation};
}

VkResult BindlessRegistry::remove(BindlessId id) {
  const std::lock_guard lock(mutex_);
  if (!is_live(id)) return VK_ERROR_UNKNOWN;
  slots_[id.slot].live = false;
  slots_[id.slot].part = placeholder_;
  --counts_.live;
  retired_.push_back({frames_, id.slot});
  if (plain()) show(id.slot);
  return VK_SUCCESS;
}

VkResult BindlessRegistry::moved(BindlessId id, VkBuffer buffer) {
  VKMEMBENCH_CHECK(buffer != VK_NULL_HANDLE, "registration of no buffer");
  const std::lock_guard lock(mutex_);
  if (!is_live(id)) return VK_ERROR_UNKNOWN;
  slots_[id.slot].part.buffer = buffer;
  show(id.slot);
  return VK_SUCCESS;
}

VkResult BindlessRegistry::resized(BindlessId id, VkBuffer buffer, Bytes bytes) {
  VKMEMBENCH_CHECK(buffer != VK_NULL_HANDLE && bytes > 0, "registration of no buffer or of no bytes");
  const std::lock_guard lock(mutex_);
  if (!is_live(id)) return VK_ERROR_UNKNOWN;
  VkDescriptorBufferInfo& part = slots_[id.slot].part;
  if (!can_describe(part.offset, bytes)) return VK_ERROR_FEATURE_NOT_PRESENT;
  if (part.buffer == buffer && part.range == bytes) return VK_SUCCESS;
  part.buffer = buffer;
  part.range = bytes;
  show(id.slot);
  return VK_SUCCESS;
}

bool BindlessRegistry::contains(BindlessId id) const {
  const std::lock_guard lock(mutex_);
  return is_live(id);
}

bool BindlessRegistry::is_live(BindlessId id) const {
  return id.slot < slots_.size() && slots_[id.slot].live && slots_[id.slot].generation == id.generation;
}

void BindlessRegistry::show(std::uint32_t index) {
  Slot& slot = slots_[index];
  if (!plain()) {
    const VkWriteDescriptorSet write = write_of(current(), index, &slot.part, 1);
    device_.fn.update_descriptor_sets(device_.handle, 1, &write, 0, nullptr);
  } else if (slot.change != frames_) {
    slot.change = frames_;
    changes_.push_back({frames_, index});
  }
}

void BindlessRegistry::begin_frame(std::uint64_t frame) {
  const std::lock_guard lock(mutex_);
  if (frames_ > 0) {
    VKMEMBENCH_CHECK(frame >= last_frame_, "frames begin in order");
    if (frame == last_frame_) return;
  }
  last_frame_ = frame;
  ++frames_;
  auto due = retired_.begin();
  for (; due != retired_.end() && due->frame + frames_in_flight_ <= frames_; ++due) free_.push_back(due->slot);
  retired_.erase(retired_.begin(), due);
  // The set of this frame was last written frames_in_flight frames ago, with all that had changed before.
  const auto shown = std::find_if(changes_.begin(), changes_.end(),
                                  [this](const Event& change) { return change.frame + frames_in_flight_ >= frames_; });
  changes_.erase(changes_.begin(), shown);
  if (!changes_.empty()) write_changes();
}

void BindlessRegistry::write_changes() {
  writes_.clear();
  for (const Event& change : changes_) {
    const Slot& slot = slots_[change.slot];
    if (slot.change == change.frame) writes_.push_back(write_of(current(), change.slot, &slot.part, 1));
  }
  device_.fn.update_descriptor_sets(device_.handle, static_cast<std::uint32_t>(writes_.size()), writes_.data(), 0,
                                    nullptr);
}

VkDescriptorSet BindlessRegistry::descriptor_set() const {
  const std::lock_guard lock(mutex_);
  return current();
}

BindlessCounts BindlessRegistry::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace vkmembench
