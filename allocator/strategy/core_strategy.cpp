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
    : device_(device), allocator_(device, {"core", options, nullptr, {}}) {}

void CoreStrategy::start(const StrategyHost& host) {
  if (host.listener != nullptr) defragment_ = std::make_unique<DefragmentDriver>(allocator_, device_, *host.listener);
}

Expected<Allocation> CoreStrategy::create_buffer(const BufferRequest& request) {
  return allocator_.create_buffer(create_info(request), memory_request(request));
}

Expected<Allocation> CoreStrategy::create_image(const ImageRequest& request) {
  return allocator_.create_image(create_info(request),
                                 {.memory = request.memory, .user = request.user, .evictable = request.evictable});
}

void CoreStrategy::create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                                  std::span<Expected<Allocation>> results) {
  allocator_.create_buffers(create_info(common), sizes, memory_request(common), results);
}

void CoreStrategy::destroy(const Allocation& allocation, std::uint16_t /*lane*/) { allocator_.destroy(allocation); }

VkResult CoreStrategy::flush(const Allocation& allocation, Offset offset, Bytes size) {
  return allocator_.flush(allocation, offset, size);
}

VkResult CoreStrategy::invalidate(const Allocation& allocation, Offset offset, Bytes size) {
  return allocator_.invalidate(allocation, offset, size);
}

void CoreStrategy::begin_frame(std::uint64_t n) {
  allocator_.begin_frame(n);
  if (defragment_) defragment_->begin_frame(n);
}

VkResult CoreStrategy::mark(const Allocation& allocation) {
  if (!defragment_) return VK_ERROR_FEATURE_NOT_PRESENT;
  allocator_.mark(allocation);
  return VK_SUCCESS;
}

VkResult CoreStrategy::defragment(const DefragmentRequest& request) {
  if (!defragment_) return VK_ERROR_FEATURE_NOT_PRESENT;
  defragment_->request(request);
  return VK_SUCCESS;
}

std::vector<StrategyMetric> CoreStrategy::metrics() const {
  std::vector<StrategyMetric> metrics;
  if (defragment_) add_metrics(defragment_->totals(), metrics);
  return metrics;
}

std::vector<PoolStatistics> CoreStrategy::pools() const {
  std::vector<PoolStatistics> pools;
  for (const PoolSnapshot& pool : allocator_.statistics().pools)
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
  return {{"min_block_bytes", std::uint64_t{512 * kKiB}},
          {"growth_ratio", 0.015625},
          {"placement", std::string("best_fit")},
          {"within_budget", true},
          {"keep_empty_blocks", std::uint64_t{1}},
          {"keep_empty_ratio", 0.03125},
          {"auto_defragment", true}};
}

}  // namespace vkmembench
