#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <variant>

#include "allocator/base/expected.h"
#include "allocator/device/device.h"
#include "allocator/seam/strategy.h"
#include "bench/replay/copying/transfer.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// Makes the resources of a replay that are bound in parts, and binds to them the memory that a strategy gives: pages of
// sparse ones, each time waiting for the queue, and planes of disjoint images. The program's own work, which counts for
// no strategy. Safe from any thread.
class PartBinder {
 public:
  // Requires a device and, where there is one, a transfer that shares its queue, which outlive it.
  PartBinder(const Device& device, Transfer* transfer) : device_(device), transfer_(transfer) {}
  ~PartBinder();
  PartBinder(const PartBinder&) = delete;
  PartBinder& operator=(const PartBinder&) = delete;

  // The resource of the object, without memory.
  [[nodiscard]] Expected<std::uint64_t> create(ObjectIndex object, const BufferRequest& request);
  [[nodiscard]] Expected<std::uint64_t> create(ObjectIndex object, const ImageRequest& request);
  // Its parts may outlive it. Requires a resource of create().
  void destroy(ObjectIndex object);

  // Binds `size` bytes of memory to the part that the event makes. Nothing for a resource that is gone.
  [[nodiscard]] VkResult bind(const Event& event, const Allocation& memory, Bytes size);
  // Takes the memory away again, before it is given back. Requires a part that was bound; a plane stays as it is.
  [[nodiscard]] VkResult unbind(ObjectIndex part);

 private:
  struct Owner {
    std::uint64_t resource = 0;
    bool by_texels = false;
    Bytes page = 0;  // of a sparse one
    std::variant<BufferRequest, ImageRequest> request;
    VkSparseImageMemoryRequirements requirements{};  // by texels
  };
  struct Pages {
    ObjectIndex of = kNoObject;
    Offset offset = 0;
    Bytes size = 0;
  };

  // Those below require the mutex to be held.
  [[nodiscard]] Owner* find(ObjectIndex object);
  void destroy(const Owner& owner);
  [[nodiscard]] VkResult bind_plane(const Owner& owner, std::uint32_t plane, const Allocation& memory);
  [[nodiscard]] VkResult bind_pages(const Owner& owner, const Pages& pages, VkDeviceMemory memory, Offset offset);
  [[nodiscard]] VkResult submit(const VkBindSparseInfo& info);

  Device device_;
  Transfer* transfer_;
  std::mutex mutex_;
  VkFence fence_ = VK_NULL_HANDLE;  // made when first needed
  std::unordered_map<ObjectIndex, Owner> owners_;
  std::unordered_map<ObjectIndex, Pages> pages_;
};

}  // namespace vkmembench
