#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/expected.h"
#include "allocator/device/device.h"
#include "allocator/host/callback_memory.h"

namespace vkmembench {

inline constexpr std::uint32_t kMaxBindlessSlots = 16384;

// A registered buffer. Shaders index the array by `slot`; the generation tells the id from earlier ones of its slot. A
// default-constructed id is never registered.
struct BindlessId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const BindlessId&, const BindlessId&) = default;
};

struct BindlessSettings {
  std::uint32_t capacity = 0;  // slots; 0: as many as the device allows, up to kMaxBindlessSlots
  std::uint32_t frames_in_flight = 2;
};

struct BindlessCounts {
  std::uint32_t live = 0;
  std::uint32_t peak = 0;     // most live at once
  std::uint64_t refused = 0;  // calls of add() that failed
};

// One array of storage-buffer descriptors for all shaders of a program. With update-after-bind it is one set, written
// as buffers come and go. Without, each frame in flight has a set of its own, written only when that frame begins, and
// empty slots hold a small buffer of the registry's own, because there every descriptor of an array that a shader
// indexes must be valid. Owns its sets and that buffer, never the buffers registered. Safe from any thread, except that
// no other call may be in flight while it is destroyed. Its metadata is in memory of the device's `host` callbacks;
// only add() takes more.
class BindlessRegistry {
 public:
  // Throws Error for a capacity above kMaxBindlessSlots or what the device has, for a device without storage buffer
  // descriptors, and when the device cannot make the sets; and std::bad_alloc. Requires frames_in_flight > 0, and the
  // device to outlive the registry.
  explicit BindlessRegistry(const Device& device, const BindlessSettings& settings = {});
  ~BindlessRegistry();  // Requires that no pending work uses a set.
  BindlessRegistry(const BindlessRegistry&) = delete;
  BindlessRegistry& operator=(const BindlessRegistry&) = delete;

  // Registers part of a buffer; without update-after-bind shaders see it from the next begin_frame() on.
  // VK_ERROR_OUT_OF_POOL_MEMORY when no slot is free, VK_ERROR_OUT_OF_HOST_MEMORY without memory for metadata,
  // VK_ERROR_FEATURE_NOT_PRESENT when the device cannot describe the
  // part (minStorageBufferOffsetAlignment, maxStorageBufferRange). Requires a storage buffer with memory, that holds
  // the part, and bytes > 0.
  [[nodiscard]] Expected<BindlessId> add(VkBuffer buffer, Offset offset, Bytes bytes);
  // Ends a registration; the slot is free again once frames_in_flight frames have begun, and until then the buffer must
  // stay. VK_ERROR_UNKNOWN, and no effect, when the id is not registered (any more).
  VkResult remove(BindlessId id);
  // Points the slot at the buffer that took the place of its old one, same part. VK_ERROR_UNKNOWN as remove(). Requires
  // what add() does, and with update-after-bind that no pending work reads the slot; without, the old buffer must stay
  // until the frames in flight are done, and the next begin_frame() brings the new one.
  VkResult moved(BindlessId id, VkBuffer buffer);
  // As moved(), to `bytes` at the same offset. VK_ERROR_FEATURE_NOT_PRESENT, and no effect, as add(). The same part
  // again has no effect, and requires nothing of pending work.
  VkResult resized(BindlessId id, VkBuffer buffer, Bytes bytes);
  [[nodiscard]] bool contains(BindlessId id) const;

  // A new frame begins, and the frame that began frames_in_flight frames before it is done on the device. The same
  // frame again has no effect. Requires a frame that is not before the last one.
  void begin_frame(std::uint64_t frame);

  // What to bind in the frame that began last, and its layout: binding 0, an array of capacity() storage buffers.
  [[nodiscard]] VkDescriptorSet descriptor_set() const;
  [[nodiscard]] VkDescriptorSetLayout layout() const { return layout_; }
  [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
  [[nodiscard]] BindlessCounts counts() const;

 private:
  struct Slot {
    VkDescriptorBufferInfo part{};  // placeholder_ while the slot is not live
    std::uint32_t generation = 0;
    bool live = false;
    std::uint64_t change = ~std::uint64_t{0};  // the frame of its newest entry in changes_
  };
  struct Event {
    std::uint64_t frame;
    std::uint32_t slot;
  };

  BindlessRegistry(const Device& device, std::uint32_t capacity, std::uint32_t frames_in_flight);
  void make_sets();
  void make_placeholder();
  void add_slot();
  [[nodiscard]] bool can_describe(Offset offset, Bytes bytes) const;
  [[nodiscard]] bool is_live(BindlessId id) const;
  void show(std::uint32_t slot);     // brings a slot's part to the shaders, at once or set by set
  void write_changes();              // to the set of the frame that begins
  [[nodiscard]] bool plain() const;  // without update-after-bind
  [[nodiscard]] VkDescriptorSet current() const { return sets_[frames_ % sets_.size()]; }

  const Device device_;
  const std::uint32_t capacity_;
  const std::uint32_t frames_in_flight_;
  VkDescriptorSetLayout layout_ = VK_NULL_HANDLE;
  VkDescriptorPool pool_ = VK_NULL_HANDLE;
  CallbackMemory memory_;
  std::pmr::vector<VkDescriptorSet> sets_{&memory_};
  VkDeviceMemory placeholder_memory_ = VK_NULL_HANDLE;
  VkDescriptorBufferInfo placeholder_{};

  mutable std::mutex mutex_;                // of all below, and of writing the sets
  std::pmr::vector<Slot> slots_{&memory_};  // used so far; the others have room for as many as it has
  std::pmr::vector<std::uint32_t> free_{&memory_};
  std::pmr::vector<Event> retired_{&memory_};  // slots of removed ids, oldest first
  std::pmr::vector<Event> changes_{&memory_};  // slots that some set does not show yet, oldest first; plain only
  std::pmr::vector<VkWriteDescriptorSet> writes_{&memory_};  // of the frame that begins; likewise
  std::uint64_t frames_ = 0;                                 // begun
  std::uint64_t last_frame_ = 0;
  BindlessCounts counts_;
};

}  // namespace vkmembench
