#include "bench/fuzz/byte_device.h"

#include <algorithm>

#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kVisible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
constexpr VkMemoryPropertyFlags kCoherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

struct TypeFlags {
  VkMemoryPropertyFlags device, coherent, cached;
};
// A discrete GPU, one with a mapped heap, one that shares everything, and one without coherent memory.
constexpr std::array<TypeFlags, 4> kTypes = {
    {{kLocal, kVisible | kCoherent, kVisible | kCached},
     {kLocal | kVisible | kCoherent, kVisible | kCoherent, kVisible | kCached},
     {kLocal | kVisible | kCoherent | kCached, kLocal | kVisible | kCoherent, kLocal | kVisible | kCached},
     {kLocal, kVisible, kVisible | kCached}}};

void decide_memory(DeviceProfile& profile, ByteSource& bytes) {
  constexpr std::array<Bytes, 6> kHeaps = {64 * kMiB, 8 * kMiB, kMiB, 300'001, 1, 600 * kMiB};
  const TypeFlags& types = bytes.pick(kTypes);
  profile.memory.memoryTypes[0].propertyFlags = types.device;
  profile.memory.memoryTypes[1].propertyFlags = types.coherent;
  profile.memory.memoryTypes[2].propertyFlags = types.cached;
  for (std::uint32_t heap = 0; heap < profile.memory.memoryHeapCount; ++heap) {
    const Bytes size = bytes.pick(kHeaps);
    const std::array<Bytes, 5> budgets = {size, size / 2, 0, size + 1, ~Bytes{0}};
    profile.memory.memoryHeaps[heap].size = size;
    profile.budgets[heap] = bytes.pick(budgets);
  }
}

void decide_limits(DeviceProfile& profile, ByteSource& bytes) {
  constexpr std::array<Bytes, 4> kGranularities = {1024, 1, 64 * kKiB, kMiB};
  constexpr std::array<std::uint32_t, 4> kCounts = {4096, 32, 8, 1};
  constexpr std::array<Bytes, 5> kSizes = {24 * kMiB, kMiB, 1'000'003, 64 * kKiB, ~Bytes{0}};
  constexpr std::array<Bytes, 4> kAtoms = {64, 1, 256, 4096};
  profile.limits.bufferImageGranularity = bytes.pick(kGranularities);
  profile.limits.maxMemoryAllocationCount = bytes.pick(kCounts);
  profile.max_memory_allocation_size = bytes.pick(kSizes);
  profile.limits.nonCoherentAtomSize = bytes.pick(kAtoms);
  profile.has_memory_budget = !bytes.yes();
  profile.has_maintenance4 = !bytes.yes();
  profile.has_dedicated_allocation = !bytes.yes();
}

void decide_answer(RequirementAnswer& answer, ByteSource& bytes) {
  constexpr std::array<Bytes, 6> kAlignments = {64, 1, 256, 4096, 64 * kKiB, 4 * kMiB};
  constexpr std::array<Bytes, 4> kRoundings = {16, 1, 256, 64 * kKiB};
  constexpr std::array<std::uint32_t, 4> kTypeBits = {0b0111, 0b0001, 0b0110, 0b0010};
  answer.alignment = bytes.pick(kAlignments);
  answer.size_rounding = std::min(answer.alignment, bytes.pick(kRoundings));  // the bound of maintenance4
  answer.memory_type_bits = bytes.pick(kTypeBits);
  const std::uint32_t dedicated = bytes.below(4);
  answer.prefers_dedicated = dedicated >= 2;
  answer.requires_dedicated = dedicated == 3;
}

// What cannot be asked for cannot be required.
void require_nothing(DeviceProfile& profile) {
  for (BufferRule& rule : profile.buffers) rule.answer.requires_dedicated = false;
  for (ImageRule& rule : profile.images) rule.answer.requires_dedicated = false;
}

}  // namespace

DeviceProfile device_of(ByteSource& bytes) {
  DeviceProfile profile = test_profile();
  profile.exact_buffers.clear();
  decide_memory(profile, bytes);
  decide_limits(profile, bytes);
  for (BufferRule& rule : profile.buffers) decide_answer(rule.answer, bytes);
  decide_answer(profile.images.back().answer, bytes);
  if (!profile.has_dedicated_allocation) require_nothing(profile);
  return profile;
}

}  // namespace vkmembench
