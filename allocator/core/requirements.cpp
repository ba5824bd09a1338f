#include "allocator/core/requirements.h"

#include <bit>

namespace vkmembench {
namespace {

constexpr Bytes kLargestRemembered =
    kMiB;  // above, whether the device prefers a dedicated allocation may depend on size
constexpr std::uint64_t kValid = std::uint64_t{1} << 63;

std::size_t slot_of(std::uint64_t key) { return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15u) >> 58); }

// A query through a *2 entry point, with the wish for dedicated memory.
template <typename Info, typename Query>
Requirements ask2(const Device& device, const Info& info, Query query) {
  VkMemoryDedicatedRequirements dedicated{};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS;
  VkMemoryRequirements2 asked{};
  asked.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2;
  asked.pNext = &dedicated;
  query(device.handle, &info, &asked);
  Requirements requirements = requirements_of(asked.memoryRequirements);
  requirements.prefers_dedicated = dedicated.prefersDedicatedAllocation != VK_FALSE;
  requirements.requires_dedicated = dedicated.requiresDedicatedAllocation != VK_FALSE;
  return requirements;
}

}  // namespace

Requirements requirements_of(const VkMemoryRequirements& asked) {
  Requirements requirements;
  requirements.size = asked.size;
  requirements.alignment_log2 = asked.alignment == 0 ? 0 : static_cast<std::uint8_t>(std::countr_zero(asked.alignment));
  requirements.type_bits = asked.memoryTypeBits;
  return requirements;
}

RequirementsReader::RequirementsReader(const Device& device)
    : device_(device),
      ask_dedicated_(device.info->has_dedicated_allocation && device.fn.get_buffer_memory_requirements2 != nullptr &&
                     device.fn.get_image_memory_requirements2 != nullptr),
      may_remember_(device.info->has_maintenance4) {}

Requirements RequirementsReader::ask(VkBuffer buffer) const {
  if (ask_dedicated_) {
    VkBufferMemoryRequirementsInfo2 info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2;
    info.buffer = buffer;
    return ask2(device_, info, device_.fn.get_buffer_memory_requirements2);
  }
  VkMemoryRequirements asked{};
  device_.fn.get_buffer_memory_requirements(device_.handle, buffer, &asked);
  return requirements_of(asked);
}

Requirements RequirementsReader::of_buffer(VkBuffer buffer, const VkBufferCreateInfo& info) {
  if (!may_remember_ || info.size > kLargestRemembered || info.flags != 0 || info.pNext != nullptr) return ask(buffer);
  const std::uint64_t key = info.usage | kValid;
  Known& known = known_[slot_of(key)];
  if (known.key.load(std::memory_order_acquire) == key) {
    Requirements requirements;
    requirements.alignment_log2 = known.alignment_log2;
    requirements.size = align_up(info.size, requirements.alignment());
    requirements.type_bits = known.type_bits;
    requirements.at_most = true;
    return requirements;
  }
  const Requirements requirements = ask(buffer);
  if (!requirements.prefers_dedicated) remember(key, requirements);
  return requirements;
}

void RequirementsReader::remember(std::uint64_t key, const Requirements& requirements) {
  const std::lock_guard lock(writing_);
  Known& known = known_[slot_of(key)];
  if (known.key.load(std::memory_order_relaxed) != 0) return;  // a slot is written once, so readers need no lock
  known.alignment_log2 = requirements.alignment_log2;
  known.type_bits = requirements.type_bits;
  known.key.store(key, std::memory_order_release);
}

Requirements RequirementsReader::of_image(VkImage image) const {
  if (ask_dedicated_) {
    VkImageMemoryRequirementsInfo2 info{};
    info.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2;
    info.image = image;
    return ask2(device_, info, device_.fn.get_image_memory_requirements2);
  }
  VkMemoryRequirements asked{};
  device_.fn.get_image_memory_requirements(device_.handle, image, &asked);
  return requirements_of(asked);
}

}  // namespace vkmembench
