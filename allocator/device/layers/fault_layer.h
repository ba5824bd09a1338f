#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <forward_list>
#include <map>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "allocator/device/fallible.h"
#include "allocator/device/layers/layer.h"

namespace vkmembench {

// A driver in trouble. Makes the n-th call of an entry point fail with a given result, without calling the driver: for
// entry points that return a VkResult; the others pass. A command buffer whose vkEndCommandBuffer failed may be begun
// anew, and a device that was lost stays so: its queue takes no more work and has finished what it had. Makes every
// call take longer. Safe from any thread. Unlike other layers it wraps command buffers: they belong to its own table.
class FaultLayer : public Layer<FaultLayer> {
 public:
  explicit FaultLayer(const Device& next) : Layer(next), up_(Layer::device()) {
#define VKMEMBENCH_ROW(vulkan, snake, dispatch)          \
  if constexpr (Dispatch::dispatch == Dispatch::command) \
    if (up_.fn.snake != nullptr) up_.fn.snake = Command<EntryPoint::snake, &DeviceTable::snake>::call;
    VKMEMBENCH_ENTRY_POINTS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  }

  // The device as seen through this layer; valid while the layer lives.
  [[nodiscard]] const Device& device() const { return up_; }

  // From now on the n-th further call of `entry` (1 = the next), or of any of kFallible, fails once with `result`.
  // Requires n > 0.
  void fail(EntryPoint entry, std::uint64_t n, VkResult result) { rule_of(entry).set(n, result); }
  void fail_any(std::uint64_t n, VkResult result) { any_.set(n, result); }
  // From now on every call sleeps so long before it is made.
  void sleep_in_each_call(std::chrono::nanoseconds time) { sleep_ns_.store(time.count()); }
  // True when a fault asked for by fail() has happened.
  [[nodiscard]] bool fired(EntryPoint entry) const { return rules_[static_cast<std::size_t>(entry)].fired.load(); }
  [[nodiscard]] bool fired_any() const { return any_.fired.load(); }
  // Calls so far of an entry point.
  [[nodiscard]] std::uint64_t calls(EntryPoint entry) const {
    return rules_[static_cast<std::size_t>(entry)].calls.load();
  }

  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&... args) {
    if (const std::int64_t sleep = sleep_ns_.load(std::memory_order_relaxed); sleep > 0) [[unlikely]]
      std::this_thread::sleep_for(std::chrono::nanoseconds(sleep));
    Rule& rule = rule_of(E);
    rule.calls.fetch_add(1, std::memory_order_relaxed);
    if constexpr (std::is_same_v<decltype(call()), VkResult>) {
      if constexpr (E == EntryPoint::queue_submit || E == EntryPoint::queue_bind_sparse ||
                    E == EntryPoint::wait_for_fences || E == EntryPoint::device_wait_idle)
        if (lost_.load()) return VK_ERROR_DEVICE_LOST;
      Rule* failing = rule.fires() ? &rule : nullptr;
      if constexpr (is_fallible(E))
        if (any_.fires()) failing = &any_;
      if (failing != nullptr) {
        if constexpr (E == EntryPoint::end_command_buffer) static_cast<void>(call());
        if (failing->result == VK_ERROR_DEVICE_LOST) lose();
        return failing->result;
      }
    }
    return forward<E>(call, args...);
  }

 private:
  struct Rule {
    std::atomic<std::uint64_t> countdown{0};
    std::atomic<std::uint64_t> calls{0};
    std::atomic<bool> fired{false};
    VkResult result = VK_ERROR_UNKNOWN;

    void set(std::uint64_t n, VkResult failure) {
      result = failure;
      countdown.store(n);
    }
    // Counts a call; true when it is the one that fails.
    [[nodiscard]] bool fires() {
      if (countdown.load(std::memory_order_relaxed) == 0 || countdown.fetch_sub(1) != 1) return false;
      fired.store(true);
      return true;
    }
  };
  [[nodiscard]] Rule& rule_of(EntryPoint entry) { return rules_[static_cast<std::size_t>(entry)]; }
  [[nodiscard]] static constexpr bool is_fallible(EntryPoint entry) {
    return std::ranges::find(kFallible, entry, &FallibleCall::entry) != kFallible.end();
  }

  // What is handed out in place of a command buffer.
  struct Commands {
    FaultLayer* layer;
    VkCommandBuffer below;
  };

  template <EntryPoint E, auto Member, typename Pfn = std::remove_reference_t<decltype(DeviceTable().*Member)>>
  struct Command;
  template <EntryPoint E, auto Member, typename Result, typename Handle, typename... Args>
  struct Command<E, Member, Result(VKAPI_PTR*)(Handle, Args...)> {
    static VKAPI_ATTR Result VKAPI_CALL call(Handle handle, Args... args) {
      const auto& commands = *reinterpret_cast<const Commands*>(handle);
      FaultLayer& layer = *commands.layer;
      return layer.intercept<E>(
          [&]() -> Result { return (layer.next().fn.*Member)(reinterpret_cast<Handle>(commands.below), args...); },
          args...);
    }
  };
  [[nodiscard]] static VkCommandBuffer below(VkCommandBuffer handle) {
    return reinterpret_cast<const Commands*>(handle)->below;
  }

  template <EntryPoint E, typename Call, typename... Args>
  auto forward(const Call& call, Args&... args) {
    if constexpr (E == EntryPoint::allocate_command_buffers)
      return allocate_commands(call, args...);
    else if constexpr (E == EntryPoint::free_command_buffers)
      free_commands(call, args...);
    else if constexpr (E == EntryPoint::destroy_command_pool)
      destroy_pool(call, args...);
    else if constexpr (E == EntryPoint::queue_submit)
      return submit(call, args...);
    else
      return call();
  }

  template <typename Call>
  VkResult allocate_commands(const Call& call, const VkCommandBufferAllocateInfo* info, VkCommandBuffer* out) {
    const VkResult result = call();
    if (result != VK_SUCCESS) return result;
    const std::lock_guard lock(commands_mutex_);
    for (std::uint32_t i = 0; i < info->commandBufferCount; ++i)
      out[i] = reinterpret_cast<VkCommandBuffer>(&commands_[info->commandPool].emplace_front(Commands{this, out[i]}));
    return result;
  }
  template <typename Call>
  void free_commands(const Call& call, VkCommandPool, std::uint32_t count, const VkCommandBuffer*& buffers) {
    std::vector<VkCommandBuffer> inner;
    for (std::uint32_t i = 0; i < count; ++i)
      inner.push_back(buffers[i] == VK_NULL_HANDLE ? VK_NULL_HANDLE : below(buffers[i]));
    buffers = inner.data();
    call();
  }
  template <typename Call>
  void destroy_pool(const Call& call, VkCommandPool pool, const VkAllocationCallbacks*) {
    call();
    const std::lock_guard lock(commands_mutex_);
    commands_.erase(pool);
  }
  template <typename Call>
  VkResult submit(const Call& call, std::uint32_t count, const VkSubmitInfo*& submits, VkFence) {
    std::vector<VkSubmitInfo> inner(submits, submits + count);
    std::vector<std::vector<VkCommandBuffer>> buffers(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t b = 0; b < inner[i].commandBufferCount; ++b)
        buffers[i].push_back(below(inner[i].pCommandBuffers[b]));
      inner[i].pCommandBuffers = buffers[i].data();
    }
    submits = inner.data();
    const VkResult result = call();
    if (lost_.load()) idle();  // lost meanwhile
    return result;
  }

  void lose() {
    lost_.store(true);
    idle();
  }
  void idle() const {
    if (next().fn.device_wait_idle != nullptr) static_cast<void>(next().fn.device_wait_idle(next().handle));
  }

  Device up_;
  std::array<Rule, kEntryPointCount> rules_;
  Rule any_;
  std::atomic<std::int64_t> sleep_ns_{0};
  std::atomic<bool> lost_{false};
  std::mutex commands_mutex_;
  std::map<VkCommandPool, std::forward_list<Commands>> commands_;
};

}  // namespace vkmembench
