#pragma once

#include <functional>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <unordered_map>

#include "allocator/oracle/asked.h"
#include "allocator/oracle/binding_oracle.h"
#include "allocator/oracle/mapping_oracle.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// Wraps any strategy and verifies both sides of it: every placement and mapping through oracles below it, every answer
// against what these saw happen, and every call from above against what Strategy requires of it. Violations are
// collected, never fatal; destroying it reports what is left alive.
//
// No strategy is blamed for what it was not asked: a call that breaks a promise of the caller is a violation of kind
// `harness` and not passed on (answers are VK_ERROR_VALIDATION_FAILED_EXT), and bytes that differ are the strategy's
// only when the caller asked for every flush and invalidate and told of every image's contents.
class Checked : public Strategy, private StrategyListener {
 public:
  // Makes the strategy on the oracles' device. `quiet` is a table below `device`; `violations` outlives this.
  Checked(const Device& device, const Device& quiet, Violations& violations,
          const std::function<std::unique_ptr<Strategy>(const Device&)>& make);
  ~Checked() override;

  void start(const StrategyHost& host) override;

  Expected<Allocation> create_buffer(const BufferRequest& request) override;
  Expected<Allocation> create_image(const ImageRequest& request) override;
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
  // Declared to the oracle: an alias may share its target's memory, and has to lie where it was asked for within what
  // was allocated there.
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override;
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override;
  Expected<Allocation> create_part(const PartRequest& request) override;
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override;
  void destroy(const Allocation& allocation, std::uint16_t lane) override;
  Expected<std::byte*> map(const Allocation& allocation) override;
  void unmap(const Allocation& allocation) override;
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override;
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override;
  void begin_frame(std::uint64_t n) override { strategy_->begin_frame(n); }
  void touch(const Allocation& allocation) override;
  void has_contents(const Allocation& allocation) override;
  VkResult mark(const Allocation& allocation) override;
  VkResult defragment(const DefragmentRequest& request) override { return strategy_->defragment(request); }
  VkResult bind(const Allocation& allocation, Bytes size) override;
  VkResult unbind(const Allocation& allocation) override;
  void budget_changed(std::uint32_t heap, Bytes budget) override { strategy_->budget_changed(heap, budget); }
  [[nodiscard]] Bytes staging_ring_bytes() const override { return strategy_->staging_ring_bytes(); }
  [[nodiscard]] std::string_view adapts() const override { return strategy_->adapts(); }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return strategy_->pools(); }
  [[nodiscard]] std::vector<StrategyFigure> figures() const override { return strategy_->figures(); }

  // What the caller does with [offset, offset + size) of an allocation itself. Those that read answer false, and report
  // the caller, when it did not ask for the flush or invalidate that this takes.
  void host_writes(const Allocation& allocation, Offset offset, Bytes size);
  void device_writes(const Allocation& allocation, Offset offset, Bytes size);
  [[nodiscard]] bool host_reads(const Allocation& allocation, Offset offset, Bytes size);
  [[nodiscard]] bool device_reads(const Allocation& allocation, Offset offset, Bytes size);
  // Calls look(bytes) with [offset, offset + size) of a mappable resource as the device left it, without the strategy's
  // help and uncounted. Returns why not.
  VkResult peek(const Allocation& allocation, Offset offset, Bytes size,
                const std::function<void(std::span<const std::byte>)>& look);
  // The bytes differ from what was written: of whom, says what the strategy was told.
  void contents_differ(const Allocation& allocation, const std::string& text);

 private:
  // The answer to a call that is not passed on.
  static constexpr VkResult kForbidden = VK_ERROR_VALIDATION_FAILED_EXT;
  // What a strategy without memory answers: there is nothing to check.
  static bool is_nothing(const Allocation& allocation) { return allocation.memory == VK_NULL_HANDLE; }

  void moved(std::uint64_t user, const Allocation& after) override;
  void evicted(std::uint64_t user) override;
  void noticed(const Notice& notice) override { listener_->noticed(notice); }

  template <typename Request>
  Expected<Allocation> alias(const Request& request, const Allocation& target, Offset offset);
  VkResult synchronize(MappingOracle::Direction direction, const Allocation& allocation, Offset offset, Bytes size);

  // Calls look(entry) and says what it says for a live allocation; else reports that the caller does `what` with it.
  template <typename Look>
  bool with(const Allocation& allocation, const char* what, const Look& look) {
    const std::lock_guard lock(mutex_);
    Asked* asked = find(allocation, what);
    return asked != nullptr && look(*asked);
  }
  [[nodiscard]] Asked* find(const Allocation& allocation, const char* what);
  [[nodiscard]] bool is_known(const Allocation& allocation, const char* what);
  [[nodiscard]] bool may_ask(const BufferRequest& request);
  [[nodiscard]] bool may_ask(const ImageRequest& request);
  [[nodiscard]] bool may_export(VkExternalMemoryHandleTypeFlags handles, VkExternalMemoryHandleTypeFlags exportable);
  [[nodiscard]] bool is_new(std::uint64_t user);
  bool blame_caller(const std::string& text);  // false

  void enter(const Expected<Allocation>& answer, const Asked& asked);
  void hold(const Asked& asked);
  void set_aside(const Asked& asked);
  [[nodiscard]] bool take_back(const Asked& asked);  // false: evicted or moved meanwhile
  [[nodiscard]] bool leave(std::uint64_t resource, Asked& asked);
  [[nodiscard]] bool leave_user(std::uint64_t user, Asked& asked);
  [[nodiscard]] bool serves(const MemoryChoice& choice, std::uint32_t memory_type) const;
  void check_place(const Asked& asked);

  Device quiet_;
  Violations& violations_;
  BindingOracle bindings_;
  MappingOracle mappings_;
  std::mutex mutex_;
  std::pmr::unsynchronized_pool_resource nodes_;
  std::pmr::unordered_map<std::uint64_t, Asked> live_{&nodes_};             // by resource
  std::pmr::unordered_map<std::uint64_t, std::uint64_t> by_user_{&nodes_};  // resource; those with a user
  std::unordered_map<std::uint64_t, Asked> resizing_;                       // by user, while the strategy resizes it
  StrategyListener* listener_ = nullptr;
  std::unique_ptr<Strategy> strategy_;
};

}  // namespace vkmembench
