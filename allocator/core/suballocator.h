#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "allocator/base/expected.h"
#include "allocator/core/ask.h"
#include "allocator/core/pools/arena_place.h"
#include "allocator/core/pools/memory_source.h"
#include "allocator/core/pools/options.h"
#include "allocator/core/residents.h"

namespace vkmembench {

// Finds ranges for what is asked of an allocator: tries memory types in the order of the use, in each the pool that was
// named, memory of its own, the pool of the size class and gaps of others, then a new block; and makes room where a
// heap is exhausted. Safe from any thread like the Allocator.
class Suballocator {
 public:
  // Requires all of them to outlive it.
  Suballocator(MemorySource& source, const AllocatorOptions& options, const ArenaPlace& arena,
               RequirementsReader& requirements, Residents& residents);
  Suballocator(const Suballocator&) = delete;
  Suballocator& operator=(const Suballocator&) = delete;

  // A range that the record is put into, its `requested` and `fallback` filled in; refusals are those of
  // Allocator::create_buffer(), and counted.
  [[nodiscard]] Expected<Range*> allocate(const Ask& ask, AllocationRecord& record);
  // The pool whose gaps a buffer tries first, and what it needs there; nullptr when it tries something else before.
  [[nodiscard]] Pool* first_pool(const Ask& ask, PoolNeed& need);
  // The memory types that suit the choice, best first; made in `own` where it is none of the uses.
  [[nodiscard]] const MemoryTypeOrder& order_of(const MemoryChoice& choice, std::optional<MemoryTypeOrder>& own) const {
    return vkmembench::order_of(choice, type_orders_, info().memory, own);
  }
  [[nodiscard]] const MemoryTypeOrder& order_of(MemoryUse use) const {  // Requires one of the uses.
    return type_orders_[static_cast<std::size_t>(use)];
  }

  // Give back what nobody uses of a heap, here, or in every arena; the bytes given.
  Bytes trim_own(std::uint32_t heap);
  Bytes trim(std::uint32_t heap);
  // The same, else what is kept for reuse.
  Bytes make_room(std::uint32_t heap);
  // See Allocator.
  void set_reclaim(std::function<Bytes(std::uint32_t heap)> reclaim) { reclaim_ = std::move(reclaim); }
  void set_evict(std::function<Bytes(std::uint32_t heap, Bytes wanted)> evict) { evict_ = std::move(evict); }

  // bufferImageGranularity, at least 1.
  [[nodiscard]] Bytes page() const { return page_; }

 private:
  // How hard to try: as the options say; or in exact blocks, beyond the budget and despite remembered refusals.
  enum class Effort : std::uint8_t { usual, last_resort };

  // Memory of the best type that has it; of one type; of a named pool.
  [[nodiscard]] Expected<Range*> allocate(const Ask& ask, AllocationRecord& record, Effort effort);
  [[nodiscard]] Expected<Range*> allocate_in(std::uint32_t memory_type, const Ask& ask, const AllocationRecord& record,
                                             Effort effort);
  [[nodiscard]] Expected<Range*> allocate_named(std::uint32_t memory_type, PoolId id, const PoolNeed& need,
                                                const AllocationRecord& record);
  [[nodiscard]] PoolNeed need_of(std::uint32_t memory_type, const Ask& ask) const;
  // Whether it has memory of its own or none.
  [[nodiscard]] static bool needs_own_memory(const Ask& ask);
  // Whether it would rather have memory of its own.
  [[nodiscard]] bool prefers_dedicated(const Ask& ask) const;
  Bytes make_room(std::uint32_t heap, const PoolNeed& need, const AllocationRecord& record);
  [[nodiscard]] const DeviceInfo& info() const { return *source_.device().info; }

  MemorySource& source_;
  MemoryBudget& budget_;
  const AllocatorOptions& options_;
  const ArenaPlace& arena_;
  RequirementsReader& requirements_;
  Residents& residents_;
  PoolTable& pools_;
  MemoryTypeOrders type_orders_;
  Bytes page_;
  bool apart_;  // optimal images have pools of their own
  std::function<Bytes(std::uint32_t heap)> reclaim_;
  std::function<Bytes(std::uint32_t heap, Bytes wanted)> evict_;
};

}  // namespace vkmembench
