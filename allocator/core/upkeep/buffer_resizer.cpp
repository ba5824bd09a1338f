#include "allocator/core/upkeep/buffer_resizer.h"

#include <algorithm>
#include <new>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

// What the buffer's memory was asked for; where that was by properties, which no record keeps, the type that it is in.
MemoryChoice memory_of(const AllocationRecord& record, const Allocation& buffer) {
  MemoryChoice choice = record.memory;
  if (choice.use == MemoryUse::custom) choice.types = 1u << buffer.memory_type;
  return choice;
}

}  // namespace

Expected<Allocation> BufferResizer::resize(const Allocation& buffer, Bytes size) {
  VKMEMBENCH_CHECK(size > 0, "a buffer has bytes");
  const AllocationRecord record = allocator_.record(buffer);
  if (buffer.image || record.resource != buffer.resource) return VK_ERROR_FEATURE_NOT_PRESENT;
  if (size == record.asked) return buffer;
  if (const VkResult result = move(buffer, {memory_of(record, buffer), size}); result != VK_SUCCESS) return result;
  ++(size > record.asked ? totals_.grown : totals_.shrunk);
  totals_.copied_bytes += std::min(size, record.asked);
  return moved_.back().after;
}

VkResult BufferResizer::move(const Allocation& buffer, const MoveTarget& target) try {
  if (!mover_) mover_.emplace(allocator_);
  moved_.clear();
  VkResult result = mover_->add(buffer, target);
  if (result == VK_SUCCESS) result = mover_->submit();
  if (result == VK_SUCCESS) result = mover_->wait(kNoTimeout, moved_);
  if (result == VK_SUCCESS && moved_.empty()) return VK_ERROR_FEATURE_NOT_PRESENT;
  return result;
} catch (const std::bad_alloc&) {
  mover_.reset();
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}

}  // namespace vkmembench
