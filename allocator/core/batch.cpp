#include <algorithm>
#include <numeric>

#include "allocator/base/check.h"
#include "allocator/core/allocator.h"

namespace vkmembench {
namespace {

struct Item {
  VkBuffer buffer = VK_NULL_HANDLE;
  Requirements requirements;
  Range* range = nullptr;
  VkResult result = VK_SUCCESS;
};

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
  std::vector<VkBindBufferMemoryInfo> binds;
  binds.reserve(items.size());
  for (const Item& item : items)
    if (item.range != nullptr)
      binds.push_back({VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, item.buffer, block_of(*item.range).memory,
                       item.range->offset});
  if (binds.empty()) return;
  const VkResult result =
      device.fn.bind_buffer_memory2(device.handle, static_cast<std::uint32_t>(binds.size()), binds.data());
  if (result == VK_SUCCESS) return;
  for (Item& item : items)
    if (item.range != nullptr) item.result = result;
}

}  // namespace

void Allocator::create_buffers(const VkBufferCreateInfo& common, std::span<const Bytes> sizes,
                               const MemoryRequest& request, std::span<Expected<Allocation>> results, BatchMode mode) {
  VKMEMBENCH_CHECK(results.size() == sizes.size(), "a batch has a result for each size");
  std::vector<Item> items(sizes.size());
  VkBufferCreateInfo info = common;
  for (std::size_t i = 0; i < items.size(); ++i) {
    info.size = sizes[i];
    items[i].result = device_.fn.create_buffer(device_.handle, &info, nullptr, &items[i].buffer);
    if (items[i].result == VK_SUCCESS)
      items[i].requirements = requirements_.of_buffer(items[i].buffer, info);
    else
      refused_.fetch_add(1, std::memory_order_relaxed);
  }

  // Largest first leaves the fewest gaps, and puts the items of one pool side by side.
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return items[a].requirements.size > items[b].requirements.size;
  });
  std::array<Bytes, kClasses> left{};  // bytes still to place, by class
  for (const Item& item : items)
    left[static_cast<std::size_t>(class_of(item.requirements.size))] +=
        align_up(item.requirements.size, item.requirements.alignment);
  bool complete = std::all_of(items.begin(), items.end(), [](const Item& item) { return item.result == VK_SUCCESS; });
  for (const std::size_t i : order) {
    Item& item = items[i];
    if (item.result != VK_SUCCESS || (mode == BatchMode::all_or_nothing && !complete)) continue;
    MemoryRequest of_item = request;
    of_item.user += i;
    Ask ask{item.requirements, of_item, {item.buffer, VK_NULL_HANDLE}};
    Bytes& remaining = left[static_cast<std::size_t>(class_of(item.requirements.size))];
    ask.expected = remaining;
    remaining -= align_up(item.requirements.size, item.requirements.alignment);
    info.size = sizes[i];
    const Expected<Range*> range = allocate(ask, record_of(of_item, item.buffer, info));
    item.result = range.result();
    if (range)
      item.range = *range;
    else
      complete = false;
  }
  if (complete || mode == BatchMode::partial) bind_all(device_, items);

  const auto failed =
      std::find_if(items.begin(), items.end(), [](const Item& item) { return item.result != VK_SUCCESS; });
  const bool undo = mode == BatchMode::all_or_nothing && failed != items.end();
  for (std::size_t i = 0; i < items.size(); ++i) {
    Item& item = items[i];
    if (undo && item.result == VK_SUCCESS) item.result = failed->result;
    if (item.result == VK_SUCCESS) {
      results[i] = finish(item.range, VK_SUCCESS);
      continue;
    }
    results[i] = item.result;
    if (item.range != nullptr) results[i] = finish(item.range, item.result);
    if (item.buffer != VK_NULL_HANDLE) device_.fn.destroy_buffer(device_.handle, item.buffer, nullptr);
  }
}

}  // namespace vkmembench
