#include "allocator/core/pools/options.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

std::string bytes_text(Bytes bytes) { return std::to_string(bytes) + " bytes"; }

void check_block(std::string_view name, Bytes bytes, const DeviceInfo& device) {
  if (bytes > device.max_memory_allocation_size)
    throw Error(std::string(name) + " of " + bytes_text(bytes) + " is above the device's maxMemoryAllocationSize of " +
                bytes_text(device.max_memory_allocation_size) + "; choose a smaller one");
  Bytes largest_heap = 0;
  for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap)
    largest_heap = std::max(largest_heap, device.memory.memoryHeaps[heap].size);
  if (bytes > largest_heap)
    throw Error(std::string(name) + " of " + bytes_text(bytes) + " is above the device's largest heap of " +
                bytes_text(largest_heap) + "; choose a smaller one");
}

}  // namespace

void check_options(const AllocatorOptions& options) {
  if (options.small_limit_bytes > options.medium_limit_bytes || options.medium_limit_bytes > options.big_limit_bytes)
    throw Error("core: small_limit_bytes, medium_limit_bytes and big_limit_bytes must not decrease; set them in order");
  if (options.min_block_bytes > options.max_block_bytes)
    throw Error("core: min_block_bytes is above max_block_bytes; lower the one or raise the other");
  if (options.alignment == AlignmentPolicy::custom && !is_power_of_two(options.custom_alignment_bytes))
    throw Error("core: custom_alignment_bytes of " + bytes_text(options.custom_alignment_bytes) +
                " is no power of two; use one such as 4096");
}

void check_options(const AllocatorOptions& options, const DeviceInfo& device) {
  check_options(options);
  check_block("core: small_block_bytes", options.small_block_bytes, device);
  check_block("core: medium_block_bytes", options.medium_block_bytes, device);
  check_block("core: big_block_bytes", options.big_block_bytes, device);
  check_block("core: large_block_bytes", options.large_block_bytes, device);
}

Bytes policy_alignment(const AllocatorOptions& options, Bytes size) {
  switch (options.alignment) {
    case AlignmentPolicy::device:
      return 1;
    case AlignmentPolicy::smart:
      return size < 256 * kKiB ? 64 : size < kMiB ? 4 * kKiB : 2 * kMiB;
    case AlignmentPolicy::custom:
      return options.custom_alignment_bytes;
  }
  return 1;
}

}  // namespace vkmembench
