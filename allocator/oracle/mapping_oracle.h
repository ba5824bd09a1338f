#pragma once

#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "allocator/device/layers/layer.h"
#include "allocator/oracle/violations.h"

namespace vkmembench {

// Watches how a strategy maps memory and makes its bytes visible, call by call, and reports what Vulkan forbids: memory
// mapped twice, out of its bounds or where the host sees none, flushes and invalidates outside the mapping or of less
// than whole atoms. As with BindingOracle, such calls are not passed on.
class MappingOracle : public Layer<MappingOracle> {
 public:
  MappingOracle(const Device& next, Violations& violations);

  // Where the host sees byte 0 of the memory, were all of it mapped; nullptr while none of it is.
  [[nodiscard]] std::byte* base_of(VkDeviceMemory memory) const;

  // Calls look(bytes) with [begin, end) of host-visible memory as the device left it, through `quiet`, a table below
  // this one, without the strategy's help. Returns why not: VK_ERROR_MEMORY_MAP_FAILED also where the strategy has
  // mapped another part, for memory is mapped once.
  VkResult peek(const Device& quiet, VkDeviceMemory memory, Offset begin, Offset end,
                const std::function<void(std::span<const std::byte>)>& look);

  enum class Direction : std::uint8_t { flush, invalidate };
  // While one lives, whether its thread flushes or invalidates all of [begin, end) of the memory.
  class Watch {
   public:
    Watch(MappingOracle& oracle, Direction direction, VkDeviceMemory memory, Offset begin, Offset end);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    [[nodiscard]] bool saw_all() const;

   private:
    friend class MappingOracle;
    struct Range {
      Offset begin;
      Offset end;
    };
    MappingOracle& oracle_;
    Direction direction_;
    VkDeviceMemory memory_;
    Range wanted_;
    std::vector<Range> seen_;
  };

  [[nodiscard]] static constexpr bool intercepts(EntryPoint entry) {
    return entry == EntryPoint::allocate_memory || entry == EntryPoint::free_memory ||
           entry == EntryPoint::map_memory || entry == EntryPoint::unmap_memory ||
           entry == EntryPoint::flush_mapped_memory_ranges || entry == EntryPoint::invalidate_mapped_memory_ranges;
  }
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&... args) {
    if constexpr (E == EntryPoint::allocate_memory) {
      const VkResult result = call();
      if (result == VK_SUCCESS) made(args...);
      return result;
    } else if constexpr (E == EntryPoint::free_memory) {
      freed(args...);
      call();
    } else if constexpr (E == EntryPoint::map_memory) {
      const std::lock_guard lock(mutex_);  // so that peek() maps nothing beside it
      if (!may_map(args...)) return VK_ERROR_VALIDATION_FAILED_EXT;
      const VkResult result = call();
      if (result == VK_SUCCESS) mapped(args...);
      return result;
    } else if constexpr (E == EntryPoint::unmap_memory) {
      const std::lock_guard lock(mutex_);
      if (unmapped(args...)) call();
    } else {
      constexpr Direction kDirection =
          E == EntryPoint::flush_mapped_memory_ranges ? Direction::flush : Direction::invalidate;
      if (!are_whole(args...)) return VK_ERROR_VALIDATION_FAILED_EXT;
      const VkResult result = call();
      if (result == VK_SUCCESS) synchronized(kDirection, args...);
      return result;
    }
  }

 private:
  struct Memory {
    Bytes size = 0;
    std::uint32_t type = 0;
    bool mapped = false;
    Offset begin = 0;  // of what is mapped
    Offset end = 0;
    std::byte* address = nullptr;  // of `begin`
  };

  void made(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, const VkDeviceMemory* memory);
  void freed(VkDeviceMemory memory, const VkAllocationCallbacks*);
  [[nodiscard]] bool may_map(VkDeviceMemory memory, Offset offset, Bytes size, VkMemoryMapFlags, void* const*);
  void mapped(VkDeviceMemory memory, Offset offset, Bytes size, VkMemoryMapFlags, void* const* address);
  [[nodiscard]] bool unmapped(VkDeviceMemory memory);
  [[nodiscard]] bool are_whole(std::uint32_t count, const VkMappedMemoryRange* ranges);
  [[nodiscard]] bool is_whole(const VkMappedMemoryRange& range);
  void synchronized(Direction direction, std::uint32_t count, const VkMappedMemoryRange* ranges);

  Violations& violations_;
  mutable std::mutex mutex_;
  std::unordered_map<VkDeviceMemory, Memory> memories_;
  std::unordered_map<std::thread::id, Watch*> watches_;
};

}  // namespace vkmembench
