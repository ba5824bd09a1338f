#include <algorithm>
#include <bit>

#include "allocator/base/check.h"
#include "allocator/core/allocator.h"

namespace vkmembench {
namespace {

// How many buffers are made, placed and bound together.
constexpr std::size_t kAtOnce = 64;

struct Item {
  std::uint32_t index = 0;  // in the request
  VkBuffer buffer = VK_NULL_HANDLE;
  Requirements requirements;
  Range* range = nullptr;
  VkResult result = VK_SUCCESS;
};

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
std::vector<std::uint32_t> largest_first(std::span<const Bytes> sizes) {
  std::array<std::uint32_t, kBuckets + 1> start{};
  for (const Bytes size : sizes) ++start[bucket_of(size) + 1];
  for (std::size_t bucket = 1; bucket < start.size(); ++bucket) start[bucket] += start[bucket - 1];
  std::vector<std::uint32_t> order(sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) order[start[bucket_of(sizes[i])]++] = static_cast<std::uint32_t>(i);
  return order;
}

// Binds every item that has a range: with one call where the device can, and then one failure spoils all of them, for
// which were bound is unspecified.
void bind_all(const Device& device, std::span<Item> items) {
  if (device.fn.bind_buffer_memory2 == nullptr) {
    for (Item& item : items)
      if (item.range != nullptr)
        item.result =
            device.fn.bind_buffer_memory(device.handle, item.buffer, block_of(*item.range).memory, item.range->offset);
    return;
  }
  std::array<VkBindBufferMemoryInfo, kAtOnce> binds;
  std::uint32_t count = 0;
  for (const Item& item : items)
    if (item.range != nullptr)
      binds[count++] = {VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, item.buffer, block_of(*item.range).memory,
                        item.range->offset};
  if (count == 0) return;
  const VkResult result = device.fn.bind_buffer_memory2(device.handle, count, binds.data());
  if (result == VK_SUCCESS) return;
  for (Item& item : items)
    if (item.range != nullptr) item.result = result;
}

}  // namespace

// Part by part, so that whatever the size of the batch its items stay in the nearest cache from their creation to their
// binding.
void Allocator::create_buffers(const VkBufferCreateInfo& common, std::span<const Bytes> sizes,
                               const MemoryRequest& request, std::span<Expected<Allocation>> results, BatchMode mode) {
  VKMEMBENCH_CHECK(results.size() == sizes.size(), "a batch has a result for each size");
  // Largest first leaves the fewest gaps, and puts the items of one pool side by side.
  const std::vector<std::uint32_t> order = largest_first(sizes);
  std::array<Bytes, kSizeClassCount> left{};  // bytes still to place, by class
  const bool all = mode == BatchMode::all_or_nothing;
  VkResult failure = VK_SUCCESS;  // the first
  VkBufferCreateInfo placed_info = common;
  const auto place = [&](Item& item) {
    const Requirements& required = item.requirements;
    Bytes& remaining = left[static_cast<std::size_t>(size_class_of(sizes[item.index], options()))];
    MemoryRequest of_item = request;
    of_item.user += item.index;
    Ask ask{required, of_item, {item.buffer, VK_NULL_HANDLE}};
    ask.expected = std::max(remaining, required.size);
    remaining -= std::min(remaining, align_up(required.size, required.alignment));
    placed_info.size = sizes[item.index];
    AllocationRecord record = record_of(of_item, item.buffer, placed_info);
    const Expected<Range*> range = allocate(ask, record);
    item.result = range.result();
    if (range) item.range = *range;
  };
  std::array<Item, kAtOnce> items;
  std::size_t done = 0;
  while (done < order.size() && !(all && failure != VK_SUCCESS)) {
    const std::span<Item> part(items.data(), std::min(kAtOnce, order.size() - done));
    VkBufferCreateInfo info = common;
    for (std::size_t nth = 0; nth < part.size(); ++nth) {
      Item& item = part[nth];
      item.index = order[done + nth];
      item.buffer = VK_NULL_HANDLE;
      item.range = nullptr;
      __builtin_prefetch(&results[item.index], 1);
      info.size = sizes[item.index];
      item.result = device_.fn.create_buffer(device_.handle, &info, nullptr, &item.buffer);
      if (item.result == VK_SUCCESS)
        item.requirements = requirements_.of_buffer(item.buffer, info);
      else
        refused_.fetch_add(1, std::memory_order_relaxed);
    }
    if (done == 0)
      for (const Bytes size : sizes)
        left[static_cast<std::size_t>(size_class_of(size, options()))] +=
            align_up(size, part.front().requirements.alignment);

    for (Item& item : part) {
      if (item.result == VK_SUCCESS && !(all && failure != VK_SUCCESS)) place(item);
      if (failure == VK_SUCCESS) failure = item.result;
    }
    if (!(all && failure != VK_SUCCESS)) bind_all(device_, part);
    for (Item& item : part) {
      if (item.result == VK_SUCCESS && all && failure != VK_SUCCESS) item.result = failure;
      if (failure == VK_SUCCESS) failure = item.result;
      results[item.index] = item.range != nullptr ? finish(item.range, item.result) : Expected<Allocation>(item.result);
      if (item.result != VK_SUCCESS && item.buffer != VK_NULL_HANDLE)
        device_.fn.destroy_buffer(device_.handle, item.buffer, nullptr);
    }
    done += part.size();
  }
  if (!all || failure == VK_SUCCESS) return;
  for (std::size_t nth = 0; nth < done; ++nth) {
    if (!results[order[nth]]) continue;
    destroy(*results[order[nth]]);
    refused_.fetch_add(1, std::memory_order_relaxed);
  }
  std::fill(results.begin(), results.end(), Expected<Allocation>(failure));
}

}  // namespace vkmembench
