#include "bench/run/hostile_profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "allocator/base/check.h"
#include "scenarios/profiles/profile_reader.h"

namespace vkmembench {
namespace {

template <typename Change>
void for_each_answer(DeviceProfile& profile, const Change& change) {
  for (BufferRule& rule : profile.buffers) change(rule.answer);
  for (ImageRule& rule : profile.images) change(rule.answer);
  for (ExactBuffer& row : profile.exact_buffers) change(row.answer);
  for (ExactImage& row : profile.exact_images) change(row.answer);
}

void align_to(DeviceProfile& profile, Bytes alignment) {
  for_each_answer(profile, [&](RequirementAnswer& answer) {
    answer.alignment = std::max(answer.alignment, alignment);
    answer.size_rounding = std::max(answer.size_rounding, alignment);
  });
}

void without_coherence(DeviceProfile& profile, Bytes atom) {
  for (VkMemoryType& type : profile.memory.memoryTypes)
    type.propertyFlags &= ~VkMemoryPropertyFlags{VK_MEMORY_PROPERTY_HOST_COHERENT_BIT};
  profile.limits.nonCoherentAtomSize = atom;
}

void heaps_of(DeviceProfile& profile, Bytes bytes) {
  for (std::uint32_t heap = 0; heap < profile.memory.memoryHeapCount; ++heap)
    profile.memory.memoryHeaps[heap].size = profile.budgets[heap] = bytes;
}

// As drivers that run on the CPU are.
void with_one_type(DeviceProfile& profile) {
  profile.memory.memoryHeapCount = profile.memory.memoryTypeCount = 1;
  profile.memory.memoryHeaps[0] = {2 * kGiB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT};
  profile.memory.memoryTypes[0] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                       VK_MEMORY_PROPERTY_HOST_COHERENT_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT,
                                   0};
  profile.budgets[0] = 2 * kGiB;
  profile.has_memory_budget = false;
  std::erase(profile.extensions, "VK_EXT_memory_budget");
  profile.limits.bufferImageGranularity = 64;
  for_each_answer(profile, [](RequirementAnswer& answer) { answer.memory_type_bits = 1; });
}

void require_dedicated(DeviceProfile& profile) {
  for_each_answer(profile, [](RequirementAnswer& answer) { answer.requires_dedicated = true; });
}

// Some usages of buffers, and targets.
void require_dedicated_by_usage(DeviceProfile& profile) {
  BufferRule storage = profile.buffers.back();
  storage.any_usage = VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT;
  storage.answer.requires_dedicated = true;
  profile.buffers.insert(profile.buffers.begin(), storage);
  ImageRule target = profile.images.back();
  target.any_usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
  target.answer.requires_dedicated = true;
  profile.images.insert(profile.images.begin(), target);
}

}  // namespace

std::span<const HostileProfile> hostile_profiles() {
  static constexpr std::array kProfiles = std::to_array<HostileProfile>({
      {"eight-allocations", "maxMemoryAllocationCount 8",
       [](DeviceProfile& p) { p.limits.maxMemoryAllocationCount = 8; }},
      {"one-allocation", "maxMemoryAllocationCount 1", [](DeviceProfile& p) { p.limits.maxMemoryAllocationCount = 1; }},
      {"budget-zero", "reports budgets of 0", [](DeviceProfile& p) { p.budgets.fill(0); }},
      {"budget-above-heap", "reports budgets above the heaps", [](DeviceProfile& p) { p.budgets.fill(~Bytes{0}); }},
      {"granularity-64k", "bufferImageGranularity 64 KiB",
       [](DeviceProfile& p) { p.limits.bufferImageGranularity = 64 * kKiB; }},
      {"granularity-1m", "bufferImageGranularity 1 MiB",
       [](DeviceProfile& p) { p.limits.bufferImageGranularity = kMiB; }},
      {"incoherent-64", "no coherent memory, atoms of 64 B", [](DeviceProfile& p) { without_coherence(p, 64); }},
      {"incoherent-256", "no coherent memory, atoms of 256 B", [](DeviceProfile& p) { without_coherence(p, 256); }},
      {"allocation-1m", "maxMemoryAllocationSize 1 MiB", [](DeviceProfile& p) { p.max_memory_allocation_size = kMiB; }},
      {"allocation-odd", "maxMemoryAllocationSize 1,048,573",
       [](DeviceProfile& p) { p.max_memory_allocation_size = kMiB - 3; }},
      {"alignment-64k", "aligns everything to 64 KiB", [](DeviceProfile& p) { align_to(p, 64 * kKiB); }},
      {"alignment-4m", "aligns everything to 4 MiB", [](DeviceProfile& p) { align_to(p, 4 * kMiB); }},
      {"dedicated-always", "requires dedicated memory for everything", require_dedicated},
      {"dedicated-sometimes", "requires dedicated memory by usage", require_dedicated_by_usage},
      {"dedicated-small", "the same, with maxMemoryAllocationSize 1 MiB",
       [](DeviceProfile& p) {
         require_dedicated_by_usage(p);
         p.max_memory_allocation_size = kMiB;
       }},
      {"one-type", "one heap and one memory type, all of which the host maps", with_one_type},
      {"heaps-8m", "heaps of 8 MiB", [](DeviceProfile& p) { heaps_of(p, 8 * kMiB); }},
      {"heaps-1b", "heaps of one byte", [](DeviceProfile& p) { heaps_of(p, 1); }},
  });
  return kProfiles;
}

DeviceProfile make_profile(const HostileProfile& row) {
  const std::string file = fmt::format("{}.json", kHostileBase);
  const auto base = std::ranges::find(shipped_profiles(), file, &EmbeddedFile::name);
  VKMEMBENCH_CHECK(base != shipped_profiles().end(), "the hostile profiles change a shipped one");
  DeviceProfile profile = parse_profile(base->text, file);
  profile.name = "Hostile: " + std::string(row.name);
  profile.description = row.description;
  row.change(profile);
  return profile;
}

}  // namespace vkmembench
