#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "allocator/device/layer.h"
#include "allocator/strategy/violations.h"

namespace vkmembench {

// Watches what a strategy does to a device, call by call, and reports every placement that Vulkan forbids: outside its
// memory, misaligned, of a wrong memory type, over another live resource, or on one granularity page with a resource of
// the other kind (linear and optimal). What is declared an alias may lie over its target and over the target's other
// aliases, and nowhere else. It believes no answer of the strategy and shares no code with any allocator.
class BindingOracle : public Layer<BindingOracle> {
 public:
  // `quiet` answers the oracle's own questions uncounted; a table below `next`.
  BindingOracle(const Device& next, const Device& quiet, Violations& violations);

  // Where a live resource is bound; memory VK_NULL_HANDLE when it is not.
  struct Binding {
    VkDeviceMemory memory = VK_NULL_HANDLE;
    Offset offset = 0;
    Bytes size = 0;  // required
  };
  [[nodiscard]] Binding binding_of(std::uint64_t resource) const;
  // While one lives, what its thread binds is an alias of the target, or of the target's own target.
  class AliasDeclaration {
   public:
    AliasDeclaration(BindingOracle& oracle, std::uint64_t target);
    ~AliasDeclaration();
    AliasDeclaration(const AliasDeclaration&) = delete;
    AliasDeclaration& operator=(const AliasDeclaration&) = delete;

   private:
    BindingOracle& oracle_;
  };
  // Reports whatever is alive as a leak. For the time when the strategy is gone.
  void report_leaks();

  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&... args) {
    if constexpr (E == EntryPoint::destroy_buffer || E == EntryPoint::destroy_image) {
      destroyed(args...);
      return call();
    } else if constexpr (E == EntryPoint::free_memory) {
      freed(args...);
      return call();
    } else if constexpr (E == EntryPoint::allocate_memory || E == EntryPoint::create_buffer ||
                         E == EntryPoint::create_image || E == EntryPoint::bind_buffer_memory ||
                         E == EntryPoint::bind_image_memory || E == EntryPoint::bind_buffer_memory2 ||
                         E == EntryPoint::bind_image_memory2) {
      const VkResult result = call();
      if (result == VK_SUCCESS) note(args...);
      return result;
    } else {
      return call();
    }
  }

 private:
  struct Span {
    Offset end = 0;
    bool linear = true;
    std::uint64_t resource = 0;
  };
  struct Memory {
    Bytes size = 0;
    std::uint32_t type = 0;
    std::multimap<Offset, Span> spans;
  };
  struct Resource {
    bool image = false;
    bool linear = true;
    Binding binding{};
    std::uint64_t target = 0;   // of an alias
    std::uint32_t aliases = 0;  // of a target, alive
  };

  void note(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, const VkDeviceMemory* memory);
  void note(const VkBufferCreateInfo* info, const VkAllocationCallbacks*, const VkBuffer* buffer);
  void note(const VkImageCreateInfo* info, const VkAllocationCallbacks*, const VkImage* image);
  void note(VkBuffer buffer, VkDeviceMemory memory, VkDeviceSize offset);
  void note(VkImage image, VkDeviceMemory memory, VkDeviceSize offset);
  void note(std::uint32_t count, const VkBindBufferMemoryInfo* infos);
  void note(std::uint32_t count, const VkBindImageMemoryInfo* infos);
  void destroyed(VkBuffer buffer, const VkAllocationCallbacks*) { erase(reinterpret_cast<std::uint64_t>(buffer)); }
  void destroyed(VkImage image, const VkAllocationCallbacks*) { erase(reinterpret_cast<std::uint64_t>(image)); }
  void freed(VkDeviceMemory memory, const VkAllocationCallbacks*);
  void bound(std::uint64_t resource, const VkMemoryRequirements& requirements, VkDeviceMemory memory, Offset offset);
  void check_alias(std::uint64_t handle, Resource& alias);
  [[nodiscard]] bool share_memory(std::uint64_t a, std::uint64_t b) const;
  void check_neighbours(const Memory& memory, Offset offset, const Span& span);
  void erase(std::uint64_t resource);

  Device quiet_;
  Violations& violations_;
  Bytes granularity_;
  mutable std::mutex mutex_;
  std::unordered_map<VkDeviceMemory, Memory> memories_;
  std::unordered_map<std::uint64_t, Resource> resources_;
  std::unordered_map<std::thread::id, std::uint64_t> declared_;  // target of what the thread binds
};

}  // namespace vkmembench
