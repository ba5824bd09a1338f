#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <optional>

#include "allocator/core/pools/lazy_table.h"

namespace vkmembench {

// The distinct VkImageCreateInfo of an allocator's images, each kept once, so that an image can be created again from a
// number. Safe from any thread; finding one that is known takes no lock.
class ImageDescriptions {
 public:
  static constexpr std::uint32_t kMost = 16384;  // distinct ones that are kept

  // Requires a resource that outlives it.
  explicit ImageDescriptions(std::pmr::memory_resource& memory) : slabs_(memory) {}
  ImageDescriptions(const ImageDescriptions&) = delete;
  ImageDescriptions& operator=(const ImageDescriptions&) = delete;

  // The description's number; nullopt for what cannot be created again from it (a pNext chain, sparse or protected
  // images, concurrent sharing, a format whose copies we do not know) and, once the table is full or there is no host
  // memory for more, for new ones.
  [[nodiscard]] std::optional<std::uint32_t> intern(const VkImageCreateInfo& info);
  // Requires a number of intern().
  [[nodiscard]] const VkImageCreateInfo& at(std::uint32_t number) const;

 private:
  struct Entry {
    VkImageCreateInfo info{};
    std::uint32_t number = 0;
    const Entry* next = nullptr;  // of the same bucket
  };
  static constexpr std::uint32_t kBuckets = 1024;
  static constexpr std::uint32_t kSlab = 256;
  using Slab = std::array<Entry, kSlab>;

  [[nodiscard]] static const Entry* find(const Entry* from, const VkImageCreateInfo& info);

  std::array<std::atomic<const Entry*>, kBuckets> buckets_{};
  LazyTable<Slab, kMost / kSlab> slabs_;
  std::mutex adding_;
  std::uint32_t count_ = 0;
};

}  // namespace vkmembench
