#include "allocator/testing/test_device.h"

#include <algorithm>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kHost = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
constexpr VkMemoryPropertyFlags kCoherent = kHost | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

DeviceProfile basic(const std::string& name) {
  DeviceProfile profile;
  profile.name = name;
  profile.type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
  profile.uuid = std::string(32, '0');
  profile.api_version = VK_API_VERSION_1_3;
  profile.has_dedicated_allocation = true;
  profile.has_maintenance4 = true;
  profile.limits.maxMemoryAllocationCount = 4096;
  profile.limits.bufferImageGranularity = 1;
  profile.limits.nonCoherentAtomSize = 64;
  profile.limits.minMemoryMapAlignment = 64;
  profile.limits.maxImageDimension1D = profile.limits.maxImageDimension2D = 16384;
  profile.limits.maxImageDimension3D = 2048;
  profile.limits.maxImageArrayLayers = 2048;
  FormatRule format;
  format.formats = {"*"};
  format.optimal = format.linear = 0xff;
  profile.formats.push_back(format);
  BufferRule buffer;
  buffer.answer.alignment = buffer.answer.size_rounding = 16;
  buffer.answer.memory_type_bits = ~0u;
  profile.buffers.push_back(buffer);
  ImageRule image;
  image.answer.alignment = image.answer.size_rounding = 256;
  image.answer.memory_type_bits = ~0u;
  profile.images.push_back(image);
  return profile;
}

void add_heap(DeviceProfile& profile, Bytes size, VkMemoryHeapFlags flags) {
  const std::uint32_t heap = profile.memory.memoryHeapCount++;
  profile.memory.memoryHeaps[heap] = {size, flags};
  profile.budgets[heap] = size;
}

void add_type(DeviceProfile& profile, std::uint32_t heap, VkMemoryPropertyFlags flags) {
  profile.memory.memoryTypes[profile.memory.memoryTypeCount++] = {flags, heap};
}

// Type bits name only types that exist.
DeviceProfile finished(DeviceProfile profile) {
  const std::uint32_t all = (1u << profile.memory.memoryTypeCount) - 1;
  for (BufferRule& rule : profile.buffers) rule.answer.memory_type_bits &= all;
  for (ImageRule& rule : profile.images) rule.answer.memory_type_bits &= all;
  return profile;
}

}  // namespace

std::vector<DeviceProfile> test_profiles() {
  std::vector<DeviceProfile> profiles;

  DeviceProfile discrete = basic("discrete");
  add_heap(discrete, 256 * kMiB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT);
  add_heap(discrete, 512 * kMiB, 0);
  add_type(discrete, 0, kLocal);
  add_type(discrete, 1, kCoherent);
  add_type(discrete, 1, kCoherent | kCached);
  profiles.push_back(finished(discrete));

  DeviceProfile unified = basic("unified");
  unified.limits.bufferImageGranularity = 64;
  add_heap(unified, 512 * kMiB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT);
  add_type(unified, 0, kLocal | kCoherent | kCached);
  profiles.push_back(finished(unified));

  DeviceProfile pages = discrete;  // buffers and images 64 KiB apart, images aligned to less
  pages.name = "pages";
  pages.limits.bufferImageGranularity = 64 * kKiB;
  profiles.push_back(finished(pages));

  DeviceProfile mobile = basic("mobile");  // memory that needs flushing, Vulkan 1.0
  mobile.api_version = VK_API_VERSION_1_0;
  mobile.has_dedicated_allocation = mobile.has_maintenance4 = false;
  mobile.limits.bufferImageGranularity = 1024;
  mobile.limits.nonCoherentAtomSize = 128;
  add_heap(mobile, 512 * kMiB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT);
  add_type(mobile, 0, kLocal);
  add_type(mobile, 0, kLocal | kHost | kCached);
  profiles.push_back(finished(mobile));

  DeviceProfile dedicated = discrete;  // images want memory of their own
  dedicated.name = "dedicated";
  dedicated.images.front().answer.prefers_dedicated = true;
  profiles.push_back(finished(dedicated));

  DeviceProfile crowded = discrete;
  crowded.name = "crowded";
  crowded.limits.maxMemoryAllocationCount = 24;
  profiles.push_back(finished(crowded));
  return profiles;
}

DeviceProfile test_profile(const std::string& name) {
  const std::vector<DeviceProfile> all = test_profiles();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& profile) { return profile.name == name; });
  VKMEMBENCH_CHECK(found != all.end(), "a test profile is asked for by its name");
  return *found;
}

}  // namespace vkmembench
