#include "allocator/core/buffer_batch.h"

#include <algorithm>
#include <bit>
#include <memory_resource>
#include <new>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/device/resource.h"

namespace vkmembench {
namespace {

// How many buffers are made, placed and bound together.
constexpr std::size_t kAtOnce = 64;

// The bucket of a size: largest sizes first, eight a doubling.
constexpr unsigned kStepBits = 3;
constexpr std::size_t kBuckets = std::size_t{65} << kStepBits;
std::size_t bucket_of(Bytes size) {
  const auto log2 = static_cast<unsigned>(std::bit_width(size | 1u)) - 1;
  const Bytes step = log2 < kStepBits ? 0 : (size >> (log2 - kStepBits)) & ((1u << kStepBits) - 1);
  return kBuckets - 1 - ((std::size_t{log2} << kStepBits) + step);
}

// Indexes of the sizes, largest first but for those within an eighth, which keep their order. That packs as well as an
// exact order, and counting takes a tenth of the time of comparing.
std::pmr::vector<std::uint32_t> largest_first(std::span<const Bytes> sizes, std::pmr::memory_resource& memory) {
  std::array<std::uint32_t, kBuckets + 1> start{};
  for (const Bytes size : sizes) ++start[bucket_of(size) + 1];
  for (std::size_t bucket = 1; bucket < start.size(); ++bucket) start[bucket] += start[bucket - 1];
  std::pmr::vector<std::uint32_t> order(sizes.size(), &memory);
  for (std::size_t i = 0; i < sizes.size(); ++i) order[start[bucket_of(sizes[i])]++] = static_cast<std::uint32_t>(i);
  return order;
}

// One call of create_buffers(), part by part, so that whatever the size of the batch its items stay in the nearest
// cache from their creation to their binding. What is large is constructed where it stays: a copy of what was just
// written in smaller pieces waits for the processor's store buffer.
class Batch {
 public:
  Batch(const AllocatorParts& parts, const VkBufferCreateInfo& common, std::span<const Bytes> sizes,
        const MemoryRequest& request, std::span<Expected<Allocation>> results, BatchMode mode)
      : parts_(parts),
        device_(parts.device()),
        info_(common),
        sizes_(sizes),
        request_(request),
        user_(request.user),
        results_(results),
        all_(mode == BatchMode::all_or_nothing) {}

  void run() {
    // Largest first leaves the fewest gaps, and puts the items of one pool side by side.
    const std::pmr::vector<std::uint32_t> order = largest_first(sizes_, parts_.memory);
    std::size_t done = 0;
    while (done < order.size() && !failed()) {
      count_ = std::min(kAtOnce, order.size() - done);
      for (std::size_t nth = 0; nth < count_; ++nth) make(nth, order[done + nth]);
      if (done == 0) expect_all();
      place();
      if (!failed()) bind();
      deliver();
      done += count_;
    }
    if (failed()) take_back({order.data(), done});
  }

 private:
  struct Item {
    std::uint32_t index = 0;  // in the request
    VkBuffer buffer = VK_NULL_HANDLE;
    Requirements requirements;
    Pool* pool = nullptr;  // whose gaps come first
    VkResult result = VK_SUCCESS;
  };
  struct Expecting {
    Bytes bytes = 0;
    std::size_t count = 0;
  };

  [[nodiscard]] bool failed() const { return all_ && failure_ != VK_SUCCESS; }
  void note(VkResult result) {
    if (failure_ == VK_SUCCESS) failure_ = result;
  }
  [[nodiscard]] Expecting& left_with(const Item& item) {
    return left_[static_cast<std::size_t>(size_class_of(sizes_[item.index], parts_.options))];
  }

  void make(std::size_t nth, std::uint32_t index) {
    Item& item = items_[nth];
    item.index = index;
    item.buffer = VK_NULL_HANDLE;
    item.pool = nullptr;
    ranges_[nth] = nullptr;
    __builtin_prefetch(&results_[index], 1);
    info_.size = sizes_[index];
    const Expected<std::uint64_t> made = create_resource(device_, info_);
    item.result = made.result();
    if (!made) {
      parts_.residents.refuse();
      return;
    }
    item.buffer = buffer_of(*made);
    const Requirements requirements = parts_.requirements.of_buffer(item.buffer, info_);
    item.requirements = requirements;
    request_.user = user_ + index;
    item.pool =
        parts_.suballocator.first_pool({requirements, request_, memory_for(request_, item.buffer)}, needs_[nth]);
    new (&records_[nth]) AllocationRecord(record_for(request_, item.buffer, info_, parts_.residents.short_frame()));
    records_[nth].requested = requirements.size;
  }

  // What is to be placed, by class.
  void expect_all() {
    for (const Bytes size : sizes_) {
      Expecting& left = left_[static_cast<std::size_t>(size_class_of(size, parts_.options))];
      left.bytes += align_up(size, items_.front().requirements.alignment());
      ++left.count;
    }
  }
  void expect_less(const Item& item) {
    Expecting& left = left_with(item);
    left.bytes -= std::min(left.bytes, align_up(item.requirements.size, item.requirements.alignment()));
    --left.count;
  }

  // Neighbours of one pool take its lock once; what finds no gap is placed like any other buffer, if need be in a block
  // for the rest of the batch.
  void place() {
    for (std::size_t nth = 0; nth < count_ && !failed();) {
      std::size_t placed = 0;
      if (items_[nth].pool != nullptr) placed = place_run(nth);
      for (const std::size_t end = nth + placed; nth < end; ++nth) expect_less(items_[nth]);
      if (nth < count_ && placed == 0) place_one(nth++);
    }
  }
  [[nodiscard]] std::size_t place_run(std::size_t first) {
    std::size_t end = first;
    while (end < count_ && items_[end].pool == items_[first].pool) ++end;
    const std::size_t count = end - first;
    return items_[first].pool->place_run({&needs_[first], count}, {&records_[first], count}, {&ranges_[first], count},
                                         left_with(items_[first]).count);
  }
  void place_one(std::size_t nth) {
    Item& item = items_[nth];
    if (item.result == VK_SUCCESS) {
      request_.user = user_ + item.index;
      Ask ask{item.requirements, request_, memory_for(request_, item.buffer)};
      ask.expected = std::max(left_with(item).bytes, item.requirements.size);
      const Expected<Range*> range = parts_.suballocator.allocate(ask, records_[nth]);
      item.result = range.result();
      if (range) ranges_[nth] = *range;
    }
    expect_less(item);
    note(item.result);
  }

  // With one call where the device can, and then one failure spoils all, for which were bound is unspecified.
  void bind() {
    std::array<VkBindBufferMemoryInfo, kAtOnce> binds;
    std::uint32_t count = 0;
    for (std::size_t nth = 0; nth < count_; ++nth)
      if (const Range* range = ranges_[nth])
        binds[count++] = {VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, items_[nth].buffer,
                          block_of(*range).memory, range->offset};
    if (count == 0) return;
    const bool at_once = device_.fn.bind_buffer_memory2 != nullptr;
    VkResult result = at_once ? device_.fn.bind_buffer_memory2(device_.handle, count, binds.data()) : VK_SUCCESS;
    const VkBindBufferMemoryInfo* next = binds.data();
    for (std::size_t nth = 0; nth < count_; ++nth) {
      if (ranges_[nth] == nullptr) continue;
      if (!at_once)
        result = device_.fn.bind_buffer_memory(device_.handle, next->buffer, next->memory, next->memoryOffset);
      ++next;
      items_[nth].result = result;
      note(result);
    }
  }

  void deliver() {
    for (std::size_t nth = 0; nth < count_; ++nth) {
      Item& item = items_[nth];
      if (item.result == VK_SUCCESS && failed()) item.result = failure_;
      note(item.result);
      new (&results_[item.index])
          Expected<Allocation>(ranges_[nth] != nullptr ? parts_.residents.admit(ranges_[nth], item.result)
                                                       : Expected<Allocation>(item.result));
      if (item.result != VK_SUCCESS && item.buffer != VK_NULL_HANDLE)
        device_.fn.destroy_buffer(device_.handle, item.buffer, nullptr);
    }
  }

  void take_back(std::span<const std::uint32_t> made) {
    for (const std::uint32_t index : made) {
      if (!results_[index]) continue;
      parts_.residents.destroy(*results_[index]);
      parts_.residents.refuse();
    }
    std::fill(results_.begin(), results_.end(), Expected<Allocation>(failure_));
  }

  const AllocatorParts& parts_;
  const Device& device_;
  VkBufferCreateInfo info_;  // of the item at hand
  std::span<const Bytes> sizes_;
  MemoryRequest request_;  // likewise
  const std::uint64_t user_;
  std::span<Expected<Allocation>> results_;
  const bool all_;
  VkResult failure_ = VK_SUCCESS;  // the first
  std::array<Expecting, kSizeClassCount> left_{};

  std::size_t count_ = 0;  // of the part at hand
  std::array<Item, kAtOnce> items_;
  std::array<PoolNeed, kAtOnce> needs_;
  std::array<AllocationRecord, kAtOnce> records_;
  std::array<Range*, kAtOnce> ranges_{};
};

}  // namespace

void create_buffers(const AllocatorParts& parts, const VkBufferCreateInfo& common, std::span<const Bytes> sizes,
                    const MemoryRequest& request, std::span<Expected<Allocation>> results, BatchMode mode) {
  VKMEMBENCH_CHECK(results.size() == sizes.size(), "a batch has a result for each size");
  try {
    Batch(parts, common, sizes, request, results, mode).run();
  } catch (const std::bad_alloc&) {  // before the first was made
    parts.residents.refuse(sizes.size());
    std::fill(results.begin(), results.end(), Expected<Allocation>(VK_ERROR_OUT_OF_HOST_MEMORY));
  }
}

}  // namespace vkmembench
