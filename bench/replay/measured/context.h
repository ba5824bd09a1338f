#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "allocator/oracle/checked.h"
#include "bench/replay/check/contents.h"
#include "bench/replay/copying/transfer.h"
#include "bench/replay/measured/replay.h"
#include "bench/replay/measured/sharing.h"
#include "bench/replay/measured/turns.h"
#include "bench/replay/record/host_account.h"

namespace vkmembench {

class Changes;
class LazyMemory;
class PartBinder;

// What the lanes of one replay share.
struct ReplayContext {
  const Trace& trace;
  const Requests& requests;
  Strategy& strategy;
  LimitsLayer& limits;
  Transfer* transfer;  // nullptr when no event copies
  Contents* contents;  // nullptr unless contents are checked
  Checked* checked;    // the strategy, where contents are checked
  HostObjects& host_objects;
  HostAccount* host;  // nullptr unless host memory is tracked
  LazyMemory& lazy;
  const CallRecord& own;  // of the strategy's making
  Recording& recording;
  bool timing;
  const std::uint64_t* model_ns;
  double ns_per_tick;
  const StopFlag& stop;
  std::vector<Bytes> sizes = {};  // by object, as resized so far; empty when nothing is
  Sharing sharing = {};
  Changes* changes = nullptr;
  PartBinder* parts = nullptr;     // nullptr when nothing is bound in parts
  const Device* marked = nullptr;  // its queue gets an empty submission between frames; nullptr for none
  // Concurrent replay: how many events on each object are done, and when an event may begin, by position.
  std::unique_ptr<std::atomic<std::uint32_t>[]> uses_done = nullptr;
  std::vector<Turn> turns = {};
  std::atomic<bool> broken{false};  // a lane threw: nobody waits for it any more
  std::mutex mutex = {};            // of recording.failures

  // A driver call failed outside a create. From any thread.
  void note_failure(std::uint64_t position, ObjectIndex object, VkResult result);
  // Likewise of copies that were recorded before, when there is a failure.
  void note_copying(std::uint64_t position, VkResult result) {
    if (result != VK_SUCCESS) note_failure(position, kNoObject, result);
  }
  // Contents of the object are undefined now, and of what shares its memory.
  void forget_contents(ObjectIndex object);
  // What others have of these bytes of the object. Nothing with lanes at once, which share no memory.
  [[nodiscard]] std::vector<Sharing::Overlap> overlapped(ObjectIndex object, Offset offset, Bytes size);
  // The contents of that are undefined now; of an image all are.
  void forget_overlapped(ObjectIndex object, Offset offset, Bytes size);

  [[nodiscard]] Bytes size_of(ObjectIndex object) const {
    return sizes.empty() ? trace.objects[object].size : sizes[object];
  }
};

// Compares the known contents of [offset, offset + size) of a live object with what the device holds, and reports the
// first byte that differs. It makes no call of the strategy, and none that counts or takes modelled time. Returns why
// the bytes could not be read back, or what failed of the copies before them.
VkResult verify_contents(ReplayContext& context, ObjectIndex object, Offset offset, Bytes size);
// The same with bytes of the object, which begin at `offset`, at hand. Returns whether all are as they should be.
bool compare_contents(ReplayContext& context, ObjectIndex object, Offset offset, std::span<const std::byte> bytes);

// The heaps that a `budget` event means and their new budgets: the largest device-local heap, the largest other one
// (the only heap where there is no other), or the one with that index; no more than the heap has.
[[nodiscard]] std::vector<std::pair<std::uint32_t, Bytes>> resolve_budget(
    const BudgetRequest& request, const VkPhysicalDeviceMemoryProperties& memory);

}  // namespace vkmembench
