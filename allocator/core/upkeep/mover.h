#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/pools/allocation_record.h"
#include "allocator/transfer/command_ring.h"

namespace vkmembench {

// An allocation that lives elsewhere now.
struct Moved {
  std::uint64_t user = 0;
  Allocation before;  // its resource is gone
  Allocation after;   // its contents came along
};

// Where an allocation should live, and a buffer's new size; 0 keeps it.
struct MoveTarget {
  MemoryChoice memory = {};
  Bytes size = 0;
};

// Moves allocations of an Allocator to other memory: creates the resource anew there, lets the device copy the contents
// and destroys the old one once the device is through. add() as many as wanted, submit(), then wait(). From add() to
// wait() nobody writes or maps the allocation; destroying it is allowed, and then it is gone after wait(). Requires
// that what the device does with it was submitted, to the device's queue, before submit(); and that no other thread
// uses the queue or the allocator during these calls.
class Mover {
 public:
  // Requires an allocator that outlives it.
  explicit Mover(Allocator& allocator);
  ~Mover();  // waits for the device; what nobody waited for stays where it was
  Mover(const Mover&) = delete;
  Mover& operator=(const Mover&) = delete;

  // Makes at once what its submissions need of the device, so that none does; see CommandRing::prepare().
  void make_ready() { ring_.prepare(); }

  // Whether the allocation can be created anew and copied, and nobody holds its address. Memory of its own does not
  // matter here.
  [[nodiscard]] bool can_move(const Allocation& allocation) const;

  // Puts the allocation into memory for `target`, the best type first as for a new one, and for a buffer's new size
  // copies what both sizes hold. A failure leaves it as it was: VK_ERROR_FEATURE_NOT_PRESENT when it cannot move or
  // moves already, VK_TIMEOUT while the device is busy with both last submissions, or what the driver says.
  [[nodiscard]] VkResult add(const Allocation& allocation, const MoveTarget& target);
  // The same into a range claimed for it; see Pool. A failure gives the range back.
  [[nodiscard]] VkResult add(Range* from, Range* to);
  // Hands what was added to the device. After a failure all of that stays where it was.
  [[nodiscard]] VkResult submit();
  // Waits for what was submitted, then makes it final and appends it to `moved`. VK_TIMEOUT: nothing changed, and a
  // later wait() may succeed; the same after std::bad_alloc. Any other failure: all of it stays where it was, and the
  // device works on none of it any more. What was destroyed or mapped meanwhile does not move.
  [[nodiscard]] VkResult wait(std::uint64_t timeout_ns, std::pmr::vector<Moved>& moved);
  // Waits for the device only, making nothing final; fails likewise.
  [[nodiscard]] VkResult wait_for_device(std::uint64_t timeout_ns);

  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }  // submitted, and then not moved

 private:
  struct Pending {
    Range* from = nullptr;
    Range* to = nullptr;
    AllocationRecord record;  // of the new resource
  };

  [[nodiscard]] Expected<std::uint64_t> create(const AllocationRecord& record) const;
  void destroy(bool image, std::uint64_t resource) const;
  [[nodiscard]] VkResult start(Range* from, Range* to, const AllocationRecord& record);
  [[nodiscard]] VkResult prepare(const Pending& move);
  void record_copy(VkCommandBuffer commands, const Range& from, const AllocationRecord& to) const;
  void commit(const Pending& move, std::pmr::vector<Moved>& moved);
  void undo(const Pending& move);
  void forget_submitted();

  AllocatorParts parts_;
  CommandRing ring_;
  std::pmr::vector<Pending> pending_;  // submitted first
  std::size_t submitted_ = 0;          // of them
  std::uint64_t dropped_ = 0;
};

// Of a buffer that can be created anew.
[[nodiscard]] VkBufferCreateInfo buffer_info(const AllocationRecord& record);
// Whether the allocation in a used range can be created anew from what is known of it, copied, and is at rest.
[[nodiscard]] bool can_move(const Range& range, const ImageDescriptions& images);

}  // namespace vkmembench
