#pragma once

#include <deque>
#include <mutex>

#include "allocator/base/expected.h"
#include "allocator/seam/named_pool.h"
#include "allocator/strategy/vma/vma_header.h"

namespace vkmembench {

// VMA's own pools, each made on first use in a memory type: those that the program declares, and those for memory that
// is exported, which VMA says of a pool and never of one allocation. Safe from any thread.
class VmaPools {
 public:
  // Requires an allocator that is set before the first of(), and outlives clear().
  explicit VmaPools(const VmaAllocator& allocator) : allocator_(allocator) {}
  VmaPools(const VmaPools&) = delete;
  VmaPools& operator=(const VmaPools&) = delete;

  // What a pool is for; nothing: none is needed.
  struct Purpose {
    const NamedPool* named = nullptr;  // outlives the pool
    VkExternalMemoryHandleTypeFlags export_handles = 0;
    [[nodiscard]] bool needs_pool() const { return named != nullptr || export_handles != 0; }
    friend bool operator==(const Purpose&, const Purpose&) = default;
  };

  [[nodiscard]] Expected<VmaPool> of(std::uint32_t memory_type, const Purpose& purpose) {
    const std::lock_guard lock(mutex_);
    for (const Row& row : rows_)
      if (row.memory_type == memory_type && row.purpose == purpose) return row.pool;
    Row& row = rows_.emplace_back();
    row.memory_type = memory_type;
    row.purpose = purpose;
    const VkResult made = make(row);
    if (made == VK_SUCCESS) return row.pool;
    rows_.pop_back();
    return made;
  }
  void clear() {
    for (const Row& row : rows_) vmaDestroyPool(allocator_, row.pool);
    rows_.clear();
  }

 private:
  struct Row {
    std::uint32_t memory_type = 0;
    Purpose purpose;
    VkExportMemoryAllocateInfo exported{};  // VMA keeps its address
    VmaPool pool = nullptr;
  };

  VkResult make(Row& row) {
    VmaPoolCreateInfo info{};
    info.memoryTypeIndex = row.memory_type;
    info.priority = kDefaultPriority;
    if (const NamedPool* named = row.purpose.named) {
      info.blockSize = named->block_bytes;
      info.minBlockCount = named->min_blocks;
      info.maxBlockCount = named->max_blocks;
      if (named->order != PoolOrder::general) info.flags |= VMA_POOL_CREATE_LINEAR_ALGORITHM_BIT;
    }
    if (row.purpose.export_handles != 0) {
      row.exported.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO;
      row.exported.handleTypes = row.purpose.export_handles;
      info.pMemoryAllocateNext = &row.exported;
    }
    return vmaCreatePool(allocator_, &info, &row.pool);
  }

  const VmaAllocator& allocator_;
  std::mutex mutex_;
  std::deque<Row> rows_;
};

}  // namespace vkmembench
