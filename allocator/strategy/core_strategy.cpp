#include "allocator/strategy/core_strategy.h"

namespace vkmembench {
namespace {

MemoryRequest memory_request(const BufferRequest& request) {
  return {
      .memory = request.memory, .alignment = request.alignment, .user = request.user, .evictable = request.evictable};
}

std::unique_ptr<Strategy> make_core(const Device& device, const Parameters& parameters) {
  return std::make_unique<CoreStrategy>(device, core_options(parameters));
}

}  // namespace

CoreStrategy::CoreStrategy(const Device& device, const CoreOptions& options)
    : arenas_(device, {.tag = "core", .options = options, .budget = nullptr, .on_leak = {}, .arena = {}}) {
  (void)at(0);  // what it makes ahead is no part of the first request
}

CoreStrategy::Arena& CoreStrategy::at(std::uint32_t number) {
  if (Arena* arena = by_number_.find(number)) return *arena;
  return by_number_.get(number, [&] { return std::make_unique<Arena>(arenas_.at(number)); });
}

void CoreStrategy::begin_frame(std::uint64_t n) { arenas_.begin_frame(n); }

Expected<Allocation> CoreStrategy::create_buffer(const BufferRequest& request) {
  return of_lane(request.lane).allocator.create_buffer(create_info(request), memory_request(request));
}

Expected<Allocation> CoreStrategy::create_image(const ImageRequest& request) {
  return of_lane(request.lane)
      .allocator.create_image(create_info(request),
                              {.memory = request.memory, .user = request.user, .evictable = request.evictable});
}

void CoreStrategy::create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                                  std::span<Expected<Allocation>> results) {
  of_lane(common.lane).allocator.create_buffers(create_info(common), sizes, memory_request(common), results);
}

void CoreStrategy::destroy(const Allocation& allocation, std::uint16_t /*lane*/) {
  owner(allocation).allocator.destroy(allocation);
}

VkResult CoreStrategy::flush(const Allocation& allocation, Offset offset, Bytes size) {
  return owner(allocation).allocator.flush(allocation, offset, size);
}

VkResult CoreStrategy::invalidate(const Allocation& allocation, Offset offset, Bytes size) {
  return owner(allocation).allocator.invalidate(allocation, offset, size);
}

std::vector<PoolStatistics> CoreStrategy::pools() const {
  std::vector<PoolStatistics> pools;
  for (const PoolSnapshot& pool : arenas_.statistics().pools)
    pools.push_back({pool.name, pool.memory_type, static_cast<std::uint32_t>(pool.now.block_count),
                     static_cast<std::uint32_t>(pool.now.allocation_count), pool.now.block_bytes,
                     pool.now.allocation_bytes});
  return pools;
}

const StrategyFamily& core_family() {
  static const StrategyFamily family{"core", core_parameters(), make_core};
  return family;
}

Parameters core_default_parameters() { return {}; }

// Larger blocks, kept longer: a few driver calls where core-memory makes hundreds.
Parameters core_speed_parameters() {
  return {{"min_block_bytes", std::uint64_t{8 * kMiB}},
          {"growth_ratio", 0.25},
          {"placement", std::string("first_fit")},
          {"dedicated_above_bytes", std::uint64_t{64 * kMiB}},
          {"keep_empty_ratio", 1.0}};
}

Parameters core_memory_parameters() {
  return {{"min_block_bytes", std::uint64_t{512 * kKiB}}, {"growth_ratio", 0.015625},
          {"placement", std::string("best_fit")},         {"within_budget", true},
          {"keep_empty_blocks", std::uint64_t{1}},        {"keep_empty_ratio", 0.03125}};
}

// Lanes beyond eight share: what an arena keeps for itself is not worth more.
Parameters core_arenas_parameters() { return {{"arenas", std::uint64_t{8}}}; }

}  // namespace vkmembench
