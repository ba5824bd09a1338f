#include "allocator/strategy/core/arena_strategy.h"

#include <algorithm>

namespace vkmembench {

ArenaStrategy::ArenaStrategy(const Device& device, const CoreOptions& options)
    : device_(device),
      options_(options),
      arenas_(device,
              {.count = options.arenas,
               .each = {.tag = "core", .options = options.allocator, .budget = nullptr, .on_leak = {}, .arena = {}}}),
      memory_(device.host),
      strategies_(memory_) {
  (void)at(0);  // what it makes ahead is no part of the first request
}

CoreStrategy& ArenaStrategy::at(std::uint32_t number) {
  if (CoreStrategy* arena = strategies_.find(number)) return *arena;
  return strategies_.get(number, [&](std::pmr::memory_resource& memory) {
    auto made = make_pmr<CoreStrategy>(memory, device_, arenas_.at(number), options_);
    made->start(host_);
    return made;
  });
}

void ArenaStrategy::start(const StrategyHost& host) {
  host_ = host;
  strategies_.for_each([&](CoreStrategy& arena) { arena.start(host); });
}

Expected<Allocation> ArenaStrategy::create_buffer(const BufferRequest& request) {
  return of_lane(request.lane).create_buffer(request);
}

Expected<Allocation> ArenaStrategy::create_image(const ImageRequest& request) {
  return of_lane(request.lane).create_image(request);
}

void ArenaStrategy::create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                                   std::span<Expected<Allocation>> results) {
  of_lane(common.lane).create_buffers(common, sizes, results);
}

Expected<Allocation> ArenaStrategy::create_alias(const BufferRequest& request, const Allocation& target,
                                                 Offset offset) {
  return owner(target).create_alias(request, target, offset);
}

Expected<Allocation> ArenaStrategy::create_alias(const ImageRequest& request, const Allocation& target, Offset offset) {
  return owner(target).create_alias(request, target, offset);
}

Expected<Allocation> ArenaStrategy::create_part(const PartRequest& request) {
  return of_lane(request.lane).create_part(request);
}

Expected<Allocation> ArenaStrategy::resize(const Allocation& allocation, const BufferRequest& request) {
  return owner(allocation).resize(allocation, request);
}

VkResult ArenaStrategy::flush(const Allocation& allocation, Offset offset, Bytes size) {
  return owner(allocation).flush(allocation, offset, size);
}

VkResult ArenaStrategy::invalidate(const Allocation& allocation, Offset offset, Bytes size) {
  return owner(allocation).invalidate(allocation, offset, size);
}

void ArenaStrategy::begin_frame(std::uint64_t n) {
  arenas_.begin_frame(n);
  strategies_.for_each([&](CoreStrategy& arena) { arena.begin_frame(n); });
}

VkResult ArenaStrategy::defragment(const DefragmentRequest& request) {
  VkResult result = VK_SUCCESS;
  strategies_.for_each([&](CoreStrategy& arena) {
    if (const VkResult of_arena = arena.defragment(request); of_arena != VK_SUCCESS) result = of_arena;
  });
  return result;
}

// Pools are numbered across arenas; an arena leaves the rows of the others without a name.
std::vector<PoolStatistics> ArenaStrategy::pools() const {
  arenas_.collect();
  std::vector<PoolStatistics> all;
  strategies_.for_each([&](const CoreStrategy& arena) {
    const std::vector<PoolStatistics> own = arena.pools();
    if (own.size() > all.size()) all.resize(own.size());
    for (std::size_t i = 0; i < own.size(); ++i)
      if (!own[i].name.empty()) all[i] = own[i];
  });
  return all;
}

std::vector<StrategyFigure> ArenaStrategy::figures() const {
  arenas_.collect();
  struct Sum {
    StrategyFigure figure;
    double count = 0;
  };
  std::vector<Sum> sums;
  strategies_.for_each([&](const CoreStrategy& arena) {
    for (const StrategyFigure& own : arena.figures()) {
      auto sum = std::find_if(sums.begin(), sums.end(), [&](const Sum& known) {
        return known.figure.figure == own.figure && known.figure.scope == own.scope;
      });
      if (sum == sums.end()) sum = sums.insert(sum, {{own.figure, 0, own.scope}, 0});
      sum->figure.value += own.value;
      ++sum->count;
    }
  });
  std::vector<StrategyFigure> figures;
  for (Sum& sum : sums) {
    if (is_ratio(sum.figure.figure)) sum.figure.value /= sum.count;
    figures.push_back(sum.figure);
  }
  return figures;
}

}  // namespace vkmembench
