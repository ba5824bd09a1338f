// Where the core's metadata is, and what happens when there is no memory for it.
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <new>
#include <random>
#include <vector>

#include "allocator/base/os/aligned_memory.h"
#include "allocator/core/allocator.h"
#include "allocator/core/upkeep/buffer_reuse.h"
#include "allocator/device/layers/layer.h"
#include "allocator/testing/counted_callbacks_fixture.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_device.h"

namespace {

// Memory of the C++ runtime asked for by this thread, while it counts.
thread_local bool counting = false;
thread_local std::uint64_t from_runtime = 0;

void* take(std::size_t size, std::size_t alignment) noexcept {
  if (counting) ++from_runtime;
  return vkmembench::take_aligned(alignment, (size + alignment - 1) / alignment * alignment);
}
void* take_or_throw(std::size_t size, std::size_t alignment) {
  void* memory = take(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
// Not inlined, or GCC takes `new` and the free() for a pair that does not match.
[[gnu::noinline]] void give(void* memory) { vkmembench::give_aligned_back(memory); }
constexpr std::size_t kUsual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

// The runtime's own, counted; arrays come from these.
void* operator new(std::size_t size) { return take_or_throw(size, kUsual); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take(size, kUsual); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take_or_throw(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { give(memory); }
void operator delete(void* memory, std::size_t) noexcept { give(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { give(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { give(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { give(memory); }

namespace vkmembench {
namespace {

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

// The device's own memory is not the allocator's.
class UncountedLayer : public Layer<UncountedLayer> {
 public:
  using Layer::Layer;
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    struct Pause {
      const bool before = std::exchange(counting, false);
      ~Pause() { counting = before; }
    } pause;
    return call();
  }
};

class AllocatorHost : public testing::TestWithParam<std::string> {
 protected:
  AllocatorHost() : owner_(open_simulated_device(test_profile(GetParam()))), layer_(owner_->device()) {}
  [[nodiscard]] Device device(const CountedCallbacks& callbacks) const {
    Device device = layer_.device();
    device.host = callbacks.get();
    return device;
  }
  std::unique_ptr<DeviceOwner> owner_;
  UncountedLayer layer_;
};
INSTANTIATE_TEST_SUITE_P(Profiles, AllocatorHost, testing::Values("discrete", "pages", "mobile"),
                         [](const auto& row) { return row.param; });

TEST_P(AllocatorHost, TheRuntimeIsNotAskedForBooks) {
  CountedCallbacks callbacks;
  {
    constexpr std::size_t kBuffers = 10'000;
    std::vector<Allocation> live;
    live.reserve(kBuffers);
    std::vector<Bytes> sizes(500, 3000);
    std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
    AllocatorOptions options;
    options.named_pools = true;
    options.named_pool_scale = 1.0 / 1024;
    from_runtime = 0;
    counting = true;
    Allocator allocator(device(callbacks), {"host", options, nullptr, {}});
    const PoolId pool = allocator.find_pool("storage");
    std::mt19937 random(1);
    for (std::size_t i = 0; i < kBuffers; ++i) {
      if (random() % 4 == 0 && !live.empty()) {
        allocator.destroy(live.back());
        live.pop_back();
      }
      const auto made = allocator.create_buffer(
          buffer_info(1 + random() % 5000),
          {.memory = i % 8 == 0 ? MemoryUse::upload : MemoryUse::device, .pool = i % 16 == 1 ? pool : PoolId::none});
      if (made) live.push_back(*made);
    }
    for (std::uint32_t side = 1; side < 300; ++side) {
      const auto made = allocator.create_image(image_info(VK_FORMAT_R8G8B8A8_UNORM, {side, side, 1}), {});
      if (!made) continue;
      if (const auto alias = allocator.create_aliasing_buffer(buffer_info(16), {}, *made)) allocator.destroy(*alias);
      allocator.destroy(*made);
    }
    allocator.create_buffers(buffer_info(0), sizes, {}, results);
    for (const auto& result : results)
      if (result) allocator.destroy(*result);
    BufferReuse reuse(allocator, {.frames_in_flight = 1});
    for (std::uint64_t frame = 0; frame < 300; ++frame) {
      if (const auto kept = reuse.acquire(buffer_info(1024), {})) reuse.release(*kept);
      reuse.begin_frame(frame);
      allocator.begin_frame(frame);
    }
    allocator.destroy(live);
    allocator.trim();
    counting = false;
    EXPECT_GT(live.size(), kBuffers / 2);
    EXPECT_EQ(from_runtime, 0u);
    EXPECT_GT(callbacks.calls, 20u);
    EXPECT_GT(callbacks.live, 0u);
  }
  EXPECT_EQ(callbacks.live, 0u);
}

// Makes and destroys in a random order, with nothing but memory for metadata in short supply. What is refused is
// refused for that, and nothing that lives is lost.
void wander(Allocator& allocator, std::uint64_t& refusals) {
  std::mt19937 random(7);
  std::vector<Allocation> live;
  std::optional<BufferReuse> reuse;
  try {
    reuse.emplace(allocator, ReuseSettings{.frames_in_flight = 0, .prewarm = true});
  } catch (const std::bad_alloc&) {
    ++refusals;
  }
  const auto keep = [&](const Expected<Allocation>& made) {
    if (made) {
      live.push_back(*made);
      return;
    }
    ASSERT_EQ(made.result(), VK_ERROR_OUT_OF_HOST_MEMORY);
    ++refusals;
  };
  for (int step = 0; step < 300; ++step) {
    const auto one = static_cast<std::size_t>(random());
    switch (random() % 8) {
      case 0:
      case 1:
        keep(allocator.create_buffer(buffer_info(1 + one % (1u << (random() % 21))),
                                     {.memory = one % 3 == 0 ? MemoryUse::upload : MemoryUse::device}));
        break;
      case 2: {
        const auto side = static_cast<std::uint32_t>(1 + one % 400);
        keep(allocator.create_image(image_info(VK_FORMAT_R8G8B8A8_UNORM, {side, side, 1}), {}));
        break;
      }
      case 3: {
        const std::array<Bytes, 5> sizes = {64, 3000, 300 * kKiB, 4096, 1 + one % 10'000};
        std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
        allocator.create_buffers(buffer_info(0), sizes, {}, results,
                                 one % 2 == 0 ? BatchMode::partial : BatchMode::all_or_nothing);
        for (const auto& result : results) keep(result);
        break;
      }
      case 4: {
        if (live.empty()) break;
        const Allocation target = live[one % live.size()];
        const auto alias = allocator.create_aliasing_buffer(buffer_info(1), {}, target);
        if (alias) {
          allocator.destroy(*alias);
        } else if (alias.result() != VK_ERROR_FEATURE_NOT_PRESENT) {
          ASSERT_EQ(alias.result(), VK_ERROR_OUT_OF_HOST_MEMORY);
          ++refusals;
        }
        break;
      }
      case 5:
        if (reuse) keep(reuse->acquire(buffer_info(1 + one % 70'000), {.kind = BufferKind::vertex}));
        break;
      default:
        if (live.empty()) break;
        std::swap(live[one % live.size()], live.back());
        if (reuse)
          reuse->release(live.back());
        else
          allocator.destroy(live.back());
        live.pop_back();
        break;
    }
    if (testing::Test::HasFatalFailure()) return;
  }
  const std::size_t held = reuse ? reuse->held().size() : 0;
  const Statistics statistics = allocator.statistics();
  EXPECT_EQ(statistics.total.allocation_count, live.size() + held);
  for (const Allocation& allocation : live)
    if (reuse)
      reuse->release(allocation);
    else
      allocator.destroy(allocation);
  reuse.reset();
  EXPECT_EQ(allocator.statistics().total.allocation_count, 0u);
  allocator.trim();
  EXPECT_EQ(allocator.statistics().total.block_bytes, 0u);
  EXPECT_EQ(allocator.budget().total_reserved(), 0u);
}

// The nth ask for host memory is refused, or that and all that follow.
TEST_P(AllocatorHost, RefusedBooksRefuseTheRequestOnly) {
  for (const std::uint64_t count : {std::uint64_t{1}, kAll}) {
    std::uint64_t refusals = 0;
    std::uint64_t not_made = 0;
    for (std::uint64_t nth = 0; nth < 200; ++nth) {
      CountedCallbacks callbacks;
      callbacks.refuse(nth, count);
      try {
        Allocator allocator(device(callbacks));
        wander(allocator, refusals);
      } catch (const std::bad_alloc&) {
        ++not_made;
        EXPECT_LT(nth, 8u) << "only the constructor throws";
      }
      ASSERT_EQ(callbacks.live, 0u) << "after refusing allocation " << nth;
      ASSERT_EQ(simulated_leaks(*owner_).total(), 0u) << "after refusing allocation " << nth;
      ASSERT_GT(callbacks.refused, 0u) << "nothing was refused at " << nth;
    }
    EXPECT_GT(refusals, count == 1 ? 50u : 1000u);
    EXPECT_LT(not_made, 8u);
  }
}

}  // namespace
}  // namespace vkmembench
