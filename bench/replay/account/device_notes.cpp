#include "bench/replay/account/device_notes.h"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

// Properties of all memory types that may serve a shape.
VkMemoryPropertyFlags offered(const ResolvedShape& resolved, const MemoryChoice& choice,
                              const VkPhysicalDeviceMemoryProperties& memory) {
  const MemoryTypeOrder order = order_memory_types(choice, memory);
  VkMemoryPropertyFlags flags = 0;
  for (std::uint32_t nth = 0;; ++nth) {
    const int type = order.pick(resolved.type_bits, nth);
    if (type < 0) return flags;
    flags |= memory.memoryTypes[type].propertyFlags;
  }
}

}  // namespace

std::vector<std::string> budget_warnings(const DeviceInfo& device) {
  std::vector<std::string> lines;
  for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap) {
    const Bytes size = device.memory.memoryHeaps[heap].size;
    if (is_budget_known(device.budgets[heap], size)) continue;
    lines.push_back(
        fmt::format("heap {} of {} bytes reports a budget of {}, which says nothing: 80 % of the heap is "
                    "taken, {} bytes",
                    heap, size, device.budgets[heap], usable_budget(device.budgets[heap], size)));
  }
  return lines;
}

std::vector<std::string> unmet_preferences(const Trace& trace, const Requests& requests,
                                           const VkPhysicalDeviceMemoryProperties& memory) {
  std::vector<VkMemoryPropertyFlags> lacking(trace.shapes.size());  // by shape
  for (std::size_t i = 0; i < lacking.size(); ++i) {
    if (requests.shapes[i].type_bits == 0) continue;
    const MemoryChoice& choice = requests.shapes[i].buffer.memory;  // as the device is asked for it
    lacking[i] = rule_of(choice).preferred & ~offered(requests.shapes[i], choice, memory);
  }
  std::array<std::array<std::uint64_t, 32>, kMemoryUseCount + 1>
      counts{};  // by use, a choice of its own last, and property
  for (const TraceObject& object : trace.objects) {
    if (object.shape == kHostShape) continue;
    for (std::uint32_t bit = 0; bit < 32; ++bit)
      counts[static_cast<std::size_t>(trace.shapes[object.shape].memory.use)][bit] += lacking[object.shape] >> bit & 1u;
  }
  std::vector<std::string> lines;
  for (std::size_t use = 0; use <= kMemoryUseCount; ++use) {
    for (const FlagName& flag : memory_property_names()) {
      const std::uint64_t count = counts[use][static_cast<std::size_t>(std::countr_zero(flag.bit))];
      if (count != 0)
        lines.push_back(fmt::format("{} {} request{} would rather have {} memory, which no memory type for them is",
                                    count, rule_of(MemoryChoice(static_cast<MemoryUse>(use))).name,
                                    count == 1 ? "" : "s", flag.name));
    }
  }
  return lines;
}

std::string why_nothing_can_be_tried(const Trace& trace, const Requests& requests) {
  std::uint64_t count = 0;
  const std::string* reason = nullptr;
  for (const TraceObject& object : trace.objects) {
    if (object.shape == kHostShape) continue;
    if (requests.shapes[object.shape].is_supported()) return {};
    if (reason == nullptr) reason = &requests.shapes[object.shape].refusal;
    ++count;
  }
  if (reason == nullptr) return {};
  return fmt::format(
      "nothing was measured: the device supports none of the {} request{}: {}; use another device or "
      "other images",
      count, count == 1 ? "" : "s", *reason);
}

}  // namespace vkmembench
