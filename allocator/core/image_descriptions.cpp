#include "allocator/core/image_descriptions.h"

#include <algorithm>
#include <initializer_list>
#include <new>

#include "allocator/base/check.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

// Flags that change neither how an image is bound nor how it is copied.
constexpr VkImageCreateFlags kPlainFlags =
    VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT | VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT | VK_IMAGE_CREATE_2D_ARRAY_COMPATIBLE_BIT;

bool describable(const VkImageCreateInfo& info) {
  if (info.pNext != nullptr || (info.flags & ~kPlainFlags) != 0 || info.sharingMode != VK_SHARING_MODE_EXCLUSIVE ||
      info.initialLayout != VK_IMAGE_LAYOUT_UNDEFINED)
    return false;
  return find_format(info.format) != nullptr;
}

bool equal(const VkImageCreateInfo& a, const VkImageCreateInfo& b) {
  return a.format == b.format && a.extent.width == b.extent.width && a.extent.height == b.extent.height &&
         a.extent.depth == b.extent.depth && a.mipLevels == b.mipLevels && a.arrayLayers == b.arrayLayers &&
         a.usage == b.usage && a.samples == b.samples && a.tiling == b.tiling && a.imageType == b.imageType &&
         a.flags == b.flags;
}

std::uint32_t hash_of(const VkImageCreateInfo& info) {
  std::uint64_t hash = 0;
  for (const std::uint32_t word :
       {static_cast<std::uint32_t>(info.format), info.extent.width, info.extent.height, info.extent.depth,
        info.mipLevels, info.arrayLayers, info.usage,
        static_cast<std::uint32_t>(info.samples) << 8 | static_cast<std::uint32_t>(info.tiling) << 4 |
            static_cast<std::uint32_t>(info.imageType),
        info.flags})
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;  // Fibonacci hashing (Knuth, vol. 3, 6.4)
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

const ImageDescriptions::Entry* ImageDescriptions::find(const Entry* from, const VkImageCreateInfo& info) {
  while (from != nullptr && !equal(from->info, info)) from = from->next;
  return from;
}

std::optional<std::uint32_t> ImageDescriptions::intern(const VkImageCreateInfo& info) try {
  // What is not describable is equal to nothing in the table but for what equal() leaves out.
  if (info.pNext != nullptr || info.sharingMode != VK_SHARING_MODE_EXCLUSIVE ||
      info.initialLayout != VK_IMAGE_LAYOUT_UNDEFINED)
    return std::nullopt;
  std::atomic<const Entry*>& bucket = buckets_[hash_of(info) % kBuckets];
  if (const Entry* known = find(bucket.load(std::memory_order_acquire), info)) return known->number;
  if (!describable(info)) return std::nullopt;

  const std::lock_guard lock(adding_);
  const Entry* head = bucket.load(std::memory_order_relaxed);
  if (const Entry* known = find(head, info)) return known->number;
  if (count_ == kMost) return std::nullopt;
  Slab& slab = slabs_.get(count_ / kSlab, [](std::pmr::memory_resource& memory) { return make_pmr<Slab>(memory); });
  Entry& entry = slab[count_ % kSlab];
  entry.info = info;
  entry.info.queueFamilyIndexCount = 0;
  entry.info.pQueueFamilyIndices = nullptr;
  entry.number = count_++;
  entry.next = head;
  bucket.store(&entry, std::memory_order_release);
  return entry.number;
} catch (const std::bad_alloc&) {
  return std::nullopt;
}

const VkImageCreateInfo& ImageDescriptions::at(std::uint32_t number) const {
  const Slab* slab = number < kMost ? slabs_.find(number / kSlab) : nullptr;
  VKMEMBENCH_CHECK(slab != nullptr, "a description is looked up by the number that intern() gave");
  return (*slab)[number % kSlab].info;
}

}  // namespace vkmembench
