#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "allocator/base/bytes.h"
#include "allocator/device/device.h"

namespace vkmembench {

// What a device asks for a resource's memory.
struct Requirements {
  Bytes size = 0;
  std::uint32_t type_bits = 0;
  std::uint8_t alignment_log2 = 0;
  bool prefers_dedicated = false;
  bool requires_dedicated = false;
  bool at_most = false;  // the size, which was not asked for, is an upper bound
  [[nodiscard]] Bytes alignment() const { return Bytes{1} << alignment_log2; }
};
static_assert(sizeof(Requirements) == 16, "requirements are returned in registers");

[[nodiscard]] Requirements requirements_of(const VkMemoryRequirements& asked);

// Asks the device, and remembers for buffers what the specification fixes: alignment and type bits are the same for
// equal usage and flags, and with maintenance4 a buffer's size requirement is at most its size rounded up to the
// alignment. Then small buffers are not asked about again. Safe from any thread.
class RequirementsReader {
 public:
  explicit RequirementsReader(const Device& device);
  RequirementsReader(const RequirementsReader&) = delete;
  RequirementsReader& operator=(const RequirementsReader&) = delete;

  [[nodiscard]] Requirements of_buffer(VkBuffer buffer, const VkBufferCreateInfo& info);
  // As the device says, where an upper bound of the size will not do.
  [[nodiscard]] Requirements ask(VkBuffer buffer) const;
  [[nodiscard]] Requirements of_image(VkImage image) const;

 private:
  struct Known {
    std::atomic<std::uint64_t> key{0};  // written last
    std::uint32_t type_bits = 0;
    std::uint8_t alignment_log2 = 0;
  };
  void remember(std::uint64_t key, const Requirements& requirements);

  static constexpr std::size_t kKnown = 64;
  Device device_;
  bool ask_dedicated_;
  bool may_remember_;
  std::mutex writing_;
  std::array<Known, kKnown> known_;
};

}  // namespace vkmembench
