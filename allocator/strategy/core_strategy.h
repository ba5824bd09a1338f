#pragma once

#include <vector>

#include "allocator/core/arenas.h"
#include "allocator/core/lazy_table.h"
#include "allocator/strategy/strategies.h"
#include "allocator/strategy/strategy.h"

namespace vkmembench {

// The allocator core as a strategy: an Allocator a lane (modulo the parameter `arenas`), whose pools are the
// strategy's.
class CoreStrategy : public Strategy {
 public:
  // Throws Error when the options contradict each other or the device.
  CoreStrategy(const Device& device, const CoreOptions& options);

  Expected<Allocation> create_buffer(const BufferRequest& request) override;
  Expected<Allocation> create_image(const ImageRequest& request) override;
  void create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                      std::span<Expected<Allocation>> results) override;
  void destroy(const Allocation& allocation, std::uint16_t lane) override;
  Expected<std::byte*> map(const Allocation& allocation) override {
    return owner(allocation).allocator.map(allocation);
  }
  void unmap(const Allocation& allocation) override { owner(allocation).allocator.unmap(allocation); }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override;
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override;
  void begin_frame(std::uint64_t n) override;
  [[nodiscard]] std::vector<PoolStatistics> pools() const override;

  [[nodiscard]] Arenas& arenas() { return arenas_; }
  [[nodiscard]] Allocator& allocator() { return arenas_.at(0); }

 private:
  // An allocator and everything that works on it alone.
  struct Arena {
    explicit Arena(Allocator& of) : allocator(of) {}
    Allocator& allocator;
  };

  [[nodiscard]] Arena& at(std::uint32_t number);
  [[nodiscard]] Arena& of_lane(std::uint32_t lane) { return at(arenas_.count() == 1 ? 0 : lane % arenas_.count()); }
  // Requires an allocation that is live.
  [[nodiscard]] Arena& owner(const Allocation& allocation) {
    return at(Allocator::owner_of(allocation).arena_number());
  }

  Arenas arenas_;
  LazyTable<Arena, kMaxArenas> by_number_;  // those that were ever asked for
};

[[nodiscard]] const StrategyFamily& core_family();
// What the presets set beyond the defaults of the family.
[[nodiscard]] Parameters core_default_parameters();
[[nodiscard]] Parameters core_speed_parameters();   // least time
[[nodiscard]] Parameters core_memory_parameters();  // least waste, within budget
[[nodiscard]] Parameters core_arenas_parameters();  // an arena a thread

}  // namespace vkmembench
