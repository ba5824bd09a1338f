#pragma once

#include <cstdint>
#include <map>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "allocator/device/layers/layer.h"
#include "allocator/device/resource.h"
#include "allocator/oracle/violations.h"
#include "allocator/seam/resource_part.h"

namespace vkmembench {

// Watches which memory a strategy gives its resources, call by call, and reports every placement that Vulkan forbids:
// outside its memory, misaligned, of a wrong memory type, over another live resource, on one granularity page with a
// resource of the other kind (linear and optimal), or in memory dedicated to another. What is declared an alias has to
// lie where it was asked for, and may lie over whatever shares that memory with its target, even when the target is
// gone. It believes no answer of the strategy and shares no code with any allocator.
//
// A call after which the device could do anything is not passed on: it answers VK_ERROR_VALIDATION_FAILED_EXT, and
// memory that is freed under live resources goes with the last of them.
class BindingOracle : public Layer<BindingOracle> {
 public:
  // `quiet` answers the oracle's own questions uncounted; a table below `next`.
  BindingOracle(const Device& next, const Device& quiet, Violations& violations);

  // Where a live resource is bound; memory VK_NULL_HANDLE when it is not.
  struct Binding {
    VkDeviceMemory memory = VK_NULL_HANDLE;
    Offset offset = 0;
    Bytes size = 0;  // required
    std::uint32_t memory_type = 0;
  };
  [[nodiscard]] Binding binding_of(std::uint64_t resource) const;
  // Memory was given to a part, which its caller binds: judged as a resource with these needs that is bound there,
  // until it is left.
  void part_given(const ResourcePart& part, VkDeviceMemory memory, Offset offset);
  void part_left(std::uint64_t number);
  // Says that nothing but aliases of the resource may be in its memory from now on; whether that holds already.
  [[nodiscard]] bool keep_alone(std::uint64_t resource);
  // While one lives, what its thread binds is an alias, so far behind the begin of the target.
  class AliasDeclaration {
   public:
    AliasDeclaration(BindingOracle& oracle, std::uint64_t target, Offset offset = 0);
    ~AliasDeclaration();
    AliasDeclaration(const AliasDeclaration&) = delete;
    AliasDeclaration& operator=(const AliasDeclaration&) = delete;

   private:
    BindingOracle& oracle_;
  };
  // The strategy was never told to destroy the resource: what becomes of it is not its fault.
  void disown(std::uint64_t resource);
  // Reports whatever is alive as a leak. For the time when the strategy is gone.
  void report_leaks();

  [[nodiscard]] static constexpr bool intercepts(EntryPoint entry) {
    return entry == EntryPoint::allocate_memory || entry == EntryPoint::free_memory ||
           entry == EntryPoint::create_buffer || entry == EntryPoint::create_image || is_destroy(entry) ||
           is_bind(entry);
  }
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&... args) {
    if constexpr (is_destroy(E)) {
      std::optional<Orphan> orphan;
      if (!destroyed(orphan, args...)) return;
      call();
      if (orphan) next().fn.free_memory(next().handle, orphan->memory, orphan->callbacks);
    } else if constexpr (E == EntryPoint::free_memory) {
      if (freed(args...)) call();
    } else if constexpr (is_bind(E)) {
      if (!bound(args...)) return VK_ERROR_VALIDATION_FAILED_EXT;
      const VkResult result = call();
      if (result != VK_SUCCESS) unbound(args...);
      return result;
    } else {
      if constexpr (E == EntryPoint::allocate_memory)
        if (!is_allowed(args...)) return VK_ERROR_VALIDATION_FAILED_EXT;
      const VkResult result = call();
      if (result == VK_SUCCESS) made(args...);
      return result;
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
    std::uint64_t dedicated_to = 0;
    bool has_device_address = false;
    VkExternalMemoryHandleTypeFlags export_handles = 0;
    std::uint64_t alone = 0;  // the resource that has it to itself
    bool freed = false;       // under live resources
    const VkAllocationCallbacks* callbacks = nullptr;
    std::pmr::multimap<Offset, Span> spans = {};
  };
  struct Resource {
    bool image = false;
    bool linear = true;
    bool needs_device_address = false;
    VkExternalMemoryHandleTypeFlags export_handles = 0;
    Binding binding{};
    bool part = false;
    std::uint64_t sharing = 0;  // a number of its own and its aliases', where there are or were any
  };
  struct Declared {
    std::uint64_t target = 0;
    Offset offset = 0;
  };
  // Memory to free now that its last resource is gone.
  struct Orphan {
    VkDeviceMemory memory;
    const VkAllocationCallbacks* callbacks;
  };

  static constexpr bool is_destroy(EntryPoint entry) {
    return entry == EntryPoint::destroy_buffer || entry == EntryPoint::destroy_image;
  }
  static constexpr bool is_bind(EntryPoint entry) {
    return entry == EntryPoint::bind_buffer_memory || entry == EntryPoint::bind_image_memory ||
           entry == EntryPoint::bind_buffer_memory2 || entry == EntryPoint::bind_image_memory2;
  }

  [[nodiscard]] bool is_allowed(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, const VkDeviceMemory*);
  void made(const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*, const VkDeviceMemory* memory);
  void made(const VkBufferCreateInfo* info, const VkAllocationCallbacks*, const VkBuffer* buffer);
  void made(const VkImageCreateInfo* info, const VkAllocationCallbacks*, const VkImage* image);
  [[nodiscard]] bool freed(VkDeviceMemory memory, const VkAllocationCallbacks* callbacks);
  template <typename Handle>
  [[nodiscard]] bool destroyed(std::optional<Orphan>& orphan, Handle resource, const VkAllocationCallbacks*) {
    return died(reinterpret_cast<std::uint64_t>(resource), orphan);
  }
  // Writes the binding down and says whether it may be.
  template <typename Handle>
  [[nodiscard]] bool bound(Handle resource, VkDeviceMemory memory, VkDeviceSize offset) {
    return bind(reinterpret_cast<std::uint64_t>(resource), memory, offset);
  }
  [[nodiscard]] bool bound(std::uint32_t count, const VkBindBufferMemoryInfo* infos);
  [[nodiscard]] bool bound(std::uint32_t count, const VkBindImageMemoryInfo* infos);
  template <typename Handle>
  void unbound(Handle resource, VkDeviceMemory, VkDeviceSize) {
    unbind(reinterpret_cast<std::uint64_t>(resource));
  }
  void unbound(std::uint32_t count, const VkBindBufferMemoryInfo* infos);
  void unbound(std::uint32_t count, const VkBindImageMemoryInfo* infos);

  // Those below require the mutex to be held.
  [[nodiscard]] ResourceNeeds ask(std::uint64_t resource, bool image) const;  // uncounted
  [[nodiscard]] bool may_be_dedicated(std::uint64_t resource, bool image, Bytes size);
  [[nodiscard]] bool fits(std::uint64_t handle, const Resource& resource, const ResourceNeeds& needs,
                          const Memory& memory, Offset offset);
  void check_alias(std::uint64_t handle, Resource& alias);
  [[nodiscard]] bool share_memory(std::uint64_t a, std::uint64_t b) const;  // whether they may
  void check_neighbours(const Memory& memory, Offset offset, const Span& span);
  [[nodiscard]] std::optional<Orphan> leave_memory(std::uint64_t handle, Resource& resource);

  [[nodiscard]] bool bind(std::uint64_t handle, VkDeviceMemory memory, Offset offset);
  // Requires the mutex to be held, and a live resource.
  [[nodiscard]] bool settle(std::uint64_t handle, Resource& resource, const ResourceNeeds& needs, VkDeviceMemory memory,
                            Offset offset);
  void unbind(std::uint64_t handle);
  [[nodiscard]] bool died(std::uint64_t handle, std::optional<Orphan>& orphan);

  Device quiet_;
  Violations& violations_;
  Bytes granularity_;
  mutable std::mutex mutex_;
  std::pmr::unsynchronized_pool_resource nodes_;
  std::pmr::unordered_map<VkDeviceMemory, Memory> memories_{&nodes_};
  std::pmr::unordered_map<std::uint64_t, Resource> resources_{&nodes_};
  std::unordered_map<std::thread::id, Declared> declared_;  // of what the thread binds
  std::uint64_t sharings_ = 0;
};

}  // namespace vkmembench
