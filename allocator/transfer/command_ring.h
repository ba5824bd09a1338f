#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "allocator/base/expected.h"
#include "allocator/device/device.h"
#include "allocator/host/callback_memory.h"

namespace vkmembench {

// Numbers the submissions of a CommandRing from 1 on.
using Ticket = std::uint64_t;

inline constexpr std::uint64_t kNoTimeout = ~std::uint64_t{0};

// Command buffers in a ring, each with a fence: record into commands(), submit(), and ask later by ticket whether the
// device is through. Nothing is freed or recorded anew before its fence has signalled, so a wait that times out or
// fails may be tried again. Uses the device's queue, which its user keeps other threads from; the same goes for the
// ring.
class CommandRing {
 public:
  // Asks the device for nothing: a ring that records nothing costs no driver call. Requires slots > 0.
  CommandRing(const Device& device, std::uint32_t slots);
  // Makes at once what commands() would make when first needed. What the device refuses, the next commands() tells, and
  // later ones ask for again.
  void prepare();
  ~CommandRing();  // settles; drops what was recorded since
  CommandRing(const CommandRing&) = delete;
  CommandRing& operator=(const CommandRing&) = delete;

  // The command buffer that the next submit() takes, in recording. The first call after a submit() begins it, makes it
  // with its fence where the slot is new, and waits for what was submitted from the slot before: VK_TIMEOUT when that
  // takes longer. Else what the driver says, when it gives no command pool, command buffer or fence, or does not begin;
  // the next call asks again for what is missing.
  [[nodiscard]] Expected<VkCommandBuffer> commands(std::uint64_t timeout_ns = kNoTimeout);
  // Submits what was recorded, under next_ticket(), after a barrier that makes its writes visible to the host and to
  // all later work on the queue; nothing when commands() was not called. After a failure what was recorded is dropped
  // and its ticket counts as done: the device never saw it.
  [[nodiscard]] VkResult submit();

  // The ticket of what is recorded now.
  [[nodiscard]] Ticket next_ticket() const { return last_ticket_ + 1; }
  [[nodiscard]] Ticket last_ticket() const { return last_ticket_; }  // of the last submit(), 0 before the first
  // Whether the device is through with this ticket and all before it; asks the fences, never waits.
  [[nodiscard]] bool done(Ticket ticket);
  // Waits until done(ticket): VK_TIMEOUT when that takes longer, or what the driver says. Requires a ticket that was
  // submitted.
  [[nodiscard]] VkResult wait_for(Ticket ticket, std::uint64_t timeout_ns = kNoTimeout);
  [[nodiscard]] VkResult wait_all(std::uint64_t timeout_ns = kNoTimeout) { return wait_for(last_ticket_, timeout_ns); }
  // Waits until the device works on nothing that was submitted, however often a wait fails: until then what its copies
  // use stays. A lost device works on nothing any more.
  void settle();

  [[nodiscard]] bool is_recording() const { return recording_; }

 private:
  struct Slot {  // null handles: not made yet
    VkCommandBuffer commands = VK_NULL_HANDLE;
    VkFence fence = VK_NULL_HANDLE;
    Ticket pending = 0;  // submitted with the fence, which was not seen signalled yet; 0: none
  };

  [[nodiscard]] VkResult make_slots();
  [[nodiscard]] VkResult make(Slot& slot);
  [[nodiscard]] Slot& current() { return slots_[next_ticket() % slots_.size()]; }

  Device device_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  CallbackMemory memory_;
  std::uint32_t slot_count_;
  std::pmr::vector<Slot> slots_;   // none before the first commands()
  VkResult refusal_ = VK_SUCCESS;  // of prepare(), until it is told
  bool recording_ = false;
  Ticket last_ticket_ = 0;
  Ticket last_done_ = 0;
};

}  // namespace vkmembench
