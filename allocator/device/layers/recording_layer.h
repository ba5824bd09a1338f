#pragma once

#include <array>
#include <type_traits>
#include <vector>

#include "allocator/base/os/clock.h"
#include "allocator/device/layers/stop_layer.h"

namespace vkmembench {

// A VkDeviceMemory object that came or went.
struct MemoryEvent {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  Bytes size = 0;
  std::uint64_t position = 0;  // CallRecord::position at the call
  Ticks stamp = 0;             // read_ticks(): after an allocation, before a free; 0 unless stamps are on
  std::uint32_t memory_type = 0;
  bool freed = false;
  bool dedicated = false;  // VkMemoryDedicatedAllocateInfo was chained
};

// A call that Vulkan forbids.
struct InvalidCall {
  std::uint64_t position = 0;  // CallRecord::position at the call
  Bytes size = 0;
  std::uint32_t memory_type = 0;
};

// What one thread called through a RecordingLayer while attached to it.
struct CallRecord {
  std::array<std::uint64_t, kEntryPointCount> counts{};
  std::array<Ticks, kEntryPointCount> ticks{};  // time inside, when the layer times calls
  Ticks driver_ticks = 0;                       // sum of ticks
  std::int64_t live_buffers = 0;                // created less destroyed; of all threads together never negative
  std::int64_t live_images = 0;
  std::uint64_t position = 0;  // set by the replay; copied into memory events
  std::vector<MemoryEvent> memory;
  std::vector<InvalidCall> invalid;
};

// Counts and times every call, and notes every VkDeviceMemory that comes or goes. Calls are credited to the calling
// thread's attached record; those of a thread without one pass uncounted. Under the model clock the time of a call is
// what the profile charges for it. Once the flag is raised, calls are answered as answer_stopped() says and nothing is
// counted or timed; what is still given back is noted. Sees calls as the
// strategy makes them, before a layer below may refuse them: what Vulkan forbids to ask for (memory larger than its
// heap, VUID-vkAllocateMemory-pAllocateInfo-01713) is noted.
class RecordingLayer : public Layer<RecordingLayer> {
 public:
  enum class Timing : std::uint8_t { off, on };
  // Requires a flag that outlives the layer.
  RecordingLayer(const Device& next, Timing timing, bool stamps = false, const StopFlag& stop = kNeverStopped)
      : Layer(next), model_ns_(next.model_ns), stop_(stop), timing_(timing == Timing::on), stamps_(stamps) {}

  // Credits this thread's calls to `record` while it lives. Requires no other attachment in this thread.
  class Attachment {
   public:
    explicit Attachment(CallRecord& record) {
      VKMEMBENCH_CHECK(current_ == nullptr, "a thread attaches to one record at a time");
      current_ = &record;
    }
    ~Attachment() { current_ = nullptr; }
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;
  };

  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&... args) {
    using Result = decltype(call());
    constexpr auto kIndex = static_cast<std::size_t>(E);
    CallRecord* record = current_;
    if (stop_.raised()) [[unlikely]] {
      if (record != nullptr && !stop_.abandons()) note_return<E>(*record, args...);
      return answer_stopped<E>(stop_, *next().info, call, args...);
    }
    if (record == nullptr) [[unlikely]] {
      VKMEMBENCH_CHECK(E != EntryPoint::allocate_memory && E != EntryPoint::free_memory,
                       "device memory comes and goes only in attached threads");
      return call();
    }
    ++record->counts[kIndex];
    note_return<E>(*record, args...);
    if constexpr (E == EntryPoint::allocate_memory) note_invalid(*record, args...);
    const Ticks start = timing_ ? now() : 0;
    if constexpr (std::is_void_v<Result>) {
      call();
      if (timing_) charge<kIndex>(*record, start);
    } else {
      const Result result = call();
      if (timing_) charge<kIndex>(*record, start);
      if constexpr (E == EntryPoint::allocate_memory) note_allocation(*record, result, args...);
      if constexpr (E == EntryPoint::create_buffer) record->live_buffers += result == VK_SUCCESS;
      if constexpr (E == EntryPoint::create_image) record->live_images += result == VK_SUCCESS;
      return result;
    }
  }

 private:
  [[nodiscard]] Ticks now() const { return model_ns_ != nullptr ? *model_ns_ : read_ticks(); }
  template <std::size_t Index>
  void charge(CallRecord& record, Ticks start) const {
    const Ticks spent = now() - start;
    record.ticks[Index] += spent;
    record.driver_ticks += spent;
  }
  template <EntryPoint E, typename... Args>
  void note_return(CallRecord& record, Args&... args) const {
    if constexpr (E == EntryPoint::free_memory) note_free(record, args...);
    if constexpr (E == EntryPoint::destroy_buffer) --record.live_buffers;
    if constexpr (E == EntryPoint::destroy_image) --record.live_images;
  }
  void note_invalid(CallRecord& record, const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*,
                    const VkDeviceMemory*) const;
  void note_allocation(CallRecord& record, VkResult result, const VkMemoryAllocateInfo* info,
                       const VkAllocationCallbacks*, const VkDeviceMemory* memory) const;
  void note_free(CallRecord& record, VkDeviceMemory memory, const VkAllocationCallbacks*) const;

  static inline thread_local CallRecord* current_ = nullptr;  // NOLINT(readability-identifier-naming): private
  const std::uint64_t* model_ns_;
  const StopFlag& stop_;
  bool timing_;
  bool stamps_;
};

}  // namespace vkmembench
