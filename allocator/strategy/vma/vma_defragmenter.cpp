#include "allocator/strategy/vma/vma_defragmenter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "allocator/strategy/common/defragment_driver.h"
#include "allocator/transfer/copies.h"

namespace vkmembench {
namespace {

VmaDefragmentationFlags flags_of(DefragmentAlgorithm algorithm) {
  switch (algorithm) {
    case DefragmentAlgorithm::fast:
      return VMA_DEFRAGMENTATION_FLAG_ALGORITHM_FAST_BIT;
    case DefragmentAlgorithm::balanced:
      return VMA_DEFRAGMENTATION_FLAG_ALGORITHM_BALANCED_BIT;
    // VMA 3.2.1 keeps an index of blocks from one extensive pass to the next, and reads beyond them when a block was
    // freed in between, as blocks are while a program runs.
    case DefragmentAlgorithm::full:
    case DefragmentAlgorithm::extensive:
      break;
  }
  return VMA_DEFRAGMENTATION_FLAG_ALGORITHM_FULL_BIT;
}

bool can_copy(const VmaRecord& record) {
  if (record.maps > 0 || !record.is_plain) return false;
  if (record.allocation.image) {
    constexpr VkImageUsageFlags kBoth = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    // What the host wrote to an image is no texels that a copy would take along.
    if (record.was_mapped || record.image.tiling == VK_IMAGE_TILING_LINEAR) return false;
    return !record.has_contents || (record.image.usage & kBoth) == kBoth;
  }
  constexpr VkBufferUsageFlags kBoth = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  return (record.buffer.usage & kBoth) == kBoth;
}

}  // namespace

VmaRecord* VmaRecords::take() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return &records_.emplace_back();
  VmaRecord* record = spare_.back();
  spare_.pop_back();
  *record = {};
  return record;
}

void VmaRecords::give(VmaRecord* record) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(record);
}

void VmaRecords::clear_marks() {
  const std::lock_guard lock(mutex_);
  for (VmaRecord& record : records_) record.marked = false;
}

VmaDefragmenter::VmaDefragmenter(const Device& device, VmaAllocator allocator, VmaRecords& records,
                                 StrategyListener& listener)
    : device_(device), allocator_(allocator), records_(records), listener_(listener), ring_(device, 1) {}

VmaDefragmenter::~VmaDefragmenter() {
  if (context_ != nullptr) vmaEndDefragmentation(allocator_, context_, nullptr);
}

void VmaDefragmenter::request(const DefragmentRequest& wanted) {
  const std::lock_guard lock(wanting_);
  wanted_ = wanted;
}

// Both walk all of VMA's ranges, once a request.
double VmaDefragmenter::fragmentation() const {
  VmaTotalStatistics total{};
  vmaCalculateStatistics(allocator_, &total);
  double scattered = 0;
  double bytes = 0;
  for (const VmaDetailedStatistics& type : total.memoryType) {
    const Bytes free = type.statistics.blockBytes - type.statistics.allocationBytes;
    if (free == 0) continue;
    bytes += static_cast<double>(free);
    scattered += static_cast<double>(free - std::min(free, type.unusedRangeSizeMax));
  }
  return bytes > 0 ? scattered / bytes : 0.0;
}

VmaStatistics VmaDefragmenter::held() const {
  std::array<VmaBudget, VK_MAX_MEMORY_HEAPS> budgets{};
  vmaGetHeapBudgets(allocator_, budgets.data());
  VmaStatistics sum{};
  for (std::uint32_t heap = 0; heap < device_.info->memory.memoryHeapCount; ++heap) {
    sum.blockBytes += budgets[heap].statistics.blockBytes;
    sum.blockCount += budgets[heap].statistics.blockCount;
  }
  return sum;
}

void VmaDefragmenter::start(const DefragmentRequest& request) {
  if (context_ != nullptr) finish();
  request_ = request;
  idle_passes_ = 0;
  VmaDefragmentationInfo info{};
  info.flags = flags_of(request.algorithm);
  info.maxBytesPerPass = request.max_bytes_per_pass;
  info.maxAllocationsPerPass = request.max_moves_per_pass;
  if (vmaBeginDefragmentation(allocator_, &info, &context_) != VK_SUCCESS) {
    context_ = nullptr;
    listener_.noticed({.kind = Notice::Kind::failed});
    return;
  }
  totals_.frag_before = fragmentation();
}

void VmaDefragmenter::finish() {
  vmaEndDefragmentation(allocator_, context_, nullptr);
  context_ = nullptr;
  totals_.frag_after = fragmentation();
  if (request_.select == DefragmentSelect::marked) records_.clear_marks();
}

void VmaDefragmenter::begin_frame(std::uint32_t frame) {
  frame_ = frame;
  std::optional<DefragmentRequest> wanted;
  {
    const std::lock_guard lock(wanting_);
    wanted = std::exchange(wanted_, std::nullopt);
  }
  if (wanted) start(*wanted);
  for (std::uint32_t i = 0; i < request_.passes_per_frame && context_ != nullptr; ++i) pass();
}

bool VmaDefragmenter::is_selected(const VmaRecord& record) const {
  if (record.shared) return false;
  if (request_.select == DefragmentSelect::all) return true;
  if (request_.select == DefragmentSelect::marked) return record.marked;
  return frame_ - record.used_frame > request_.idle_frames || record.uses > request_.min_uses ||
         record.size > request_.min_size;
}

void VmaDefragmenter::copy(VkCommandBuffer commands, const VmaRecord& record, std::uint64_t to) const {
  if (!record.allocation.image)
    record_buffer_copy(device_, commands, record.allocation.buffer(), buffer_of(to), {0, 0, record.buffer.size});
  else if (record.has_contents)
    record_image_copy(device_, commands, record.allocation.as_image(), image_of(to), record.image);
}

// Makes the resource anew in the memory that VMA chose and records the copy.
VkResult VmaDefragmenter::prepare(VmaDefragmentationMove& move) {
  VmaAllocationInfo source{};
  vmaGetAllocationInfo(allocator_, move.srcAllocation, &source);
  auto* record = static_cast<VmaRecord*>(source.pUserData);
  if (record == nullptr || !is_selected(*record) || !can_copy(*record)) return VK_ERROR_FEATURE_NOT_PRESENT;
  const bool is_image = record->allocation.image;
  const Expected<std::uint64_t> made =
      is_image ? create_resource(device_, record->image) : create_resource(device_, record->buffer);
  if (!made) return made.result();
  VkResult result = is_image ? vmaBindImageMemory(allocator_, move.dstTmpAllocation, image_of(*made))
                             : vmaBindBufferMemory(allocator_, move.dstTmpAllocation, buffer_of(*made));
  if (result == VK_SUCCESS) {
    const Expected<VkCommandBuffer> commands = ring_.commands();
    result = commands.result();
    if (commands) copy(*commands, *record, *made);
  }
  if (result != VK_SUCCESS) {
    destroy_resource(device_, *made, is_image);
    return result;
  }
  moves_.push_back({record, *made, &move});
  return VK_SUCCESS;
}

void VmaDefragmenter::pass() {
  WorkClock clock(device_);
  clock.start();
  const VmaStatistics before = held();
  VmaDefragmentationPassMoveInfo offered{};
  if (vmaBeginDefragmentationPass(allocator_, context_, &offered) != VK_INCOMPLETE) {
    finish();
    return;
  }
  moves_.clear();
  for (std::uint32_t i = 0; i < offered.moveCount; ++i)
    if (prepare(offered.pMoves[i]) != VK_SUCCESS)
      offered.pMoves[i].operation = VMA_DEFRAGMENTATION_MOVE_OPERATION_IGNORE;
  VkResult result = ring_.submit();
  clock.stop();
  if (result == VK_SUCCESS) result = ring_.wait_all();
  clock.start();
  if (result != VK_SUCCESS) {
    ring_.settle();
    for (const Move& move : moves_) {
      destroy_resource(device_, move.resource, move.record->allocation.image);
      move.move->operation = VMA_DEFRAGMENTATION_MOVE_OPERATION_IGNORE;
    }
    moves_.clear();
    listener_.noticed({.kind = Notice::Kind::failed});
  }
  for (const Move& move : moves_)
    destroy_resource(device_, move.record->allocation.resource, move.record->allocation.image);
  const std::uint32_t offered_count = offered.moveCount;
  (void)vmaEndDefragmentationPass(allocator_, context_, &offered);  // its VK_SUCCESS may come too early
  const VmaStatistics after = held();
  clock.stop();

  Bytes bytes = 0;
  for (const Move& move : moves_) {
    Allocation& allocation = move.record->allocation;
    VmaAllocationInfo placed{};
    vmaGetAllocationInfo(allocator_, static_cast<VmaAllocation>(allocation.token), &placed);
    allocation.resource = move.resource;
    allocation.memory = placed.deviceMemory;
    allocation.offset = placed.offset;
    bytes += allocation.charged;
    listener_.moved(move.record->user, allocation);
  }
  const Bytes freed = before.blockBytes - std::min(before.blockBytes, after.blockBytes);
  ++totals_.passes;
  totals_.moves += moves_.size();
  totals_.bytes_moved += bytes;
  totals_.ignored += offered_count - moves_.size();
  totals_.bytes_freed += freed;
  totals_.blocks_freed += before.blockCount - std::min(before.blockCount, after.blockCount);
  listener_.noticed({.kind = Notice::Kind::defragment_pass,
                     .bytes = bytes,
                     .limit = freed,
                     .count = moves_.size(),
                     .ns = clock.ns()});
  idle_passes_ = moves_.empty() ? idle_passes_ + 1 : 0;
  if (idle_passes_ >= kIdlePasses || result == VK_ERROR_DEVICE_LOST) finish();
}

}  // namespace vkmembench
