#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "allocator/seam/strategy.h"
#include "allocator/strategy/vma/vma_header.h"
#include "allocator/transfer/command_ring.h"

namespace vkmembench {

// What VMA does not keep and a move needs, at an allocation's pUserData.
struct VmaRecord {
  Allocation allocation;  // as its user has it
  VkBufferCreateInfo buffer{};
  VkImageCreateInfo image{};
  std::uint64_t user = 0;
  Bytes size = 0;  // that the device requires
  std::uint32_t used_frame = 0;
  std::uint32_t uses = 0;
  std::uint32_t maps = 0;   // not yet undone
  bool was_mapped = false;  // the host may have written it
  bool has_contents = false;
  bool marked = false;
  bool is_plain = true;  // can be created again from its info: no chain, unprotected
  bool shared = false;   // with aliases, which cannot follow it
};

// Owns the records; safe from any thread.
class VmaRecords {
 public:
  [[nodiscard]] VmaRecord* take();
  void give(VmaRecord* record);
  void clear_marks();

 private:
  std::mutex mutex_;
  std::deque<VmaRecord> records_;
  std::vector<VmaRecord*> spare_;
};

// Defragments VMA's default pools with VMA's own passes, some in each frame: the copies are its user's to make, and
// made here. Which allocations move is VMA's choice; what the request does not select is ignored. VMA reports the end
// when a pass held nothing but ignored moves, though others remain: the passes go on until it offers none, or
// kIdlePasses in a row moved nothing.
class VmaDefragmenter {
 public:
  static constexpr std::uint32_t kIdlePasses = 256;

  // Requires a listener, an allocator and records that outlive it.
  VmaDefragmenter(const Device& device, VmaAllocator allocator, VmaRecords& records, StrategyListener& listener);
  ~VmaDefragmenter();
  VmaDefragmenter(const VmaDefragmenter&) = delete;
  VmaDefragmenter& operator=(const VmaDefragmenter&) = delete;

  // From the next frame on, in place of what runs. From any thread.
  void request(const DefragmentRequest& wanted);
  void begin_frame(std::uint32_t frame);
  [[nodiscard]] const DefragmentTotals& totals() const { return totals_; }

 private:
  struct Move {
    VmaRecord* record;
    std::uint64_t resource;  // new
    VmaDefragmentationMove* move;
  };

  void start(const DefragmentRequest& request);
  void finish();
  void pass();
  [[nodiscard]] bool is_selected(const VmaRecord& record) const;
  [[nodiscard]] VkResult prepare(VmaDefragmentationMove& move);
  void copy(VkCommandBuffer commands, const VmaRecord& record, std::uint64_t to) const;
  [[nodiscard]] double fragmentation() const;
  [[nodiscard]] VmaStatistics held() const;

  Device device_;
  VmaAllocator allocator_;
  VmaRecords& records_;
  StrategyListener& listener_;
  CommandRing ring_;
  DefragmentTotals totals_;
  std::mutex wanting_;
  std::optional<DefragmentRequest> wanted_;
  DefragmentRequest request_;
  VmaDefragmentationContext context_ = nullptr;  // nullptr while none runs
  std::uint32_t idle_passes_ = 0;
  std::uint32_t frame_ = 0;
  std::vector<Move> moves_;  // of the pass
};

}  // namespace vkmembench
