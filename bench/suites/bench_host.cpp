// What host tracking costs, over malloc() and free() of the same sizes. One operation is an allocation and a free.
// Every ratio is the median of interleaved pairs; `low` and `high` bound it at 95 %.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <barrier>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "allocator/host/host_tracker.h"
#include "bench/suites/churn.h"
#include "bench/suites/suite.h"

namespace vkmembench {
namespace {

constexpr std::size_t kOperations = 200'000;  // of one measurement
constexpr std::size_t kPlain = alignof(std::max_align_t);

class Malloc {
 public:
  void* allocate(std::size_t size) { return std::malloc(size); }
  void free(void* pointer) { std::free(pointer); }
};

// How an allocation says where it belongs.
enum class Booking { category, place, account };

template <Booking booking>
class Tracked {
 public:
  explicit Tracked(bool checked = false) : tracker_({.checked = checked}) {}
  void* allocate(std::size_t size) {
    if constexpr (booking == Booking::place) return tracker_.allocate(size, kPlain, category_);
    if constexpr (booking == Booking::account) return tracker_.allocate(size, kPlain, account_);
    return tracker_.allocate(size, kPlain, category_, Origin{});
  }
  void free(void* pointer) { tracker_.free(pointer); }

 private:
  HostTracker tracker_;
  Category category_ = tracker_.category("Renderer::Textures::Diffuse");
  Account account_ = tracker_.account(category_);
};

// One allocation at a time.
template <class Memory>
void pairs_of_calls(Memory& memory, std::size_t size) {
  for (std::size_t i = 0; i < kOperations; ++i) {
    void* pointer = memory.allocate(size);
    benchmark::DoNotOptimize(pointer);
    memory.free(pointer);
  }
}

// Some thousand live allocations of many sizes, of which each step replaces one.
template <class Memory>
void replacements(Memory& memory, std::vector<void*>& live) {
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < kOperations; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;  // Knuth's MMIX generator
    void*& pointer = live[(state >> 40) % live.size()];
    memory.free(pointer);
    pointer = memory.allocate(16 + (state >> 33) % 1'000);
  }
}

template <class Memory>
void over_malloc(benchmark::State& state, Memory& memory) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Malloc plain;
  report_ratio(
      state, [&] { return processor_seconds_of([&] { pairs_of_calls(plain, size); }); },
      [&] { return processor_seconds_of([&] { pairs_of_calls(memory, size); }); }, static_cast<double>(kOperations));
}

template <Booking booking>
void tracked_over_malloc(benchmark::State& state) {
  Tracked<booking> memory;
  over_malloc(state, memory);
}
BENCHMARK(tracked_over_malloc<Booking::category>)->Arg(64)->Arg(512)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(tracked_over_malloc<Booking::place>)->Arg(64)->Arg(512)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(tracked_over_malloc<Booking::account>)->Arg(64)->Arg(512)->Iterations(1)->Unit(benchmark::kMillisecond);

void checked_over_malloc(benchmark::State& state) {
  Tracked<Booking::place> memory(true);
  over_malloc(state, memory);
}
BENCHMARK(checked_over_malloc)->Arg(64)->Iterations(1)->Unit(benchmark::kMillisecond);

void replacing_over_malloc(benchmark::State& state) {
  Malloc plain;
  Tracked<Booking::place> memory;
  std::vector<void*> of_plain(4'000);
  std::vector<void*> of_memory(4'000);
  report_ratio(
      state, [&] { return processor_seconds_of([&] { replacements(plain, of_plain); }); },
      [&] { return processor_seconds_of([&] { replacements(memory, of_memory); }); }, static_cast<double>(kOperations));
  for (void* pointer : of_plain) plain.free(pointer);
  for (void* pointer : of_memory) memory.free(pointer);
}
BENCHMARK(replacing_over_malloc)->Iterations(1)->Unit(benchmark::kMillisecond);

// Operations a second of two threads over those of one, each thread doing as much as the single one. Of the threads'
// own processor times the longer counts, so that waiting for a processor does not and waiting for a cache line does.
template <class Memory>
void two_threads_over_one(benchmark::State& state) {
  Memory memory;
  const auto run = [&](std::size_t count) {
    std::vector<double> seconds(count);
    std::barrier meet(static_cast<std::ptrdiff_t>(count));
    {
      std::vector<std::jthread> threads;
      threads.reserve(count);
      for (double& own : seconds)
        threads.emplace_back([&] {
          meet.arrive_and_wait();
          own = processor_seconds_of([&] {
            for (int i = 0; i < 5; ++i) pairs_of_calls(memory, 64);
          });
        });
    }
    return *std::ranges::max_element(seconds) / static_cast<double>(count);
  };
  report_ratio(
      state, [&] { return run(2); }, [&] { return run(1); }, 5 * static_cast<double>(kOperations));
}
BENCHMARK(two_threads_over_one<Malloc>)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(two_threads_over_one<Tracked<Booking::place>>)->Iterations(1)->Unit(benchmark::kMillisecond);

// Bytes that a live allocation holds of the heap beyond what it would without a tracker.
void metadata_bytes(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  constexpr std::size_t kCount = 100'000;
  const auto grow = [&](auto& memory, std::vector<void*>& pointers) {
    const std::size_t before = mallinfo2().uordblks;
    for (void*& pointer : pointers) pointer = memory.allocate(size);
    return static_cast<double>(mallinfo2().uordblks - before);
  };
  Malloc plain;
  Tracked<Booking::place> memory;
  memory.free(memory.allocate(1));  // the thread's own state
  std::vector<void*> of_plain(kCount);
  std::vector<void*> of_memory(kCount);
  for (auto iteration : state) {
    const double without = grow(plain, of_plain);
    state.counters["bytes"] = (grow(memory, of_memory) - without) / static_cast<double>(kCount);
  }
  for (void* pointer : of_plain) plain.free(pointer);
  for (void* pointer : of_memory) memory.free(pointer);
}
BENCHMARK(metadata_bytes)->Arg(8)->Arg(64)->Arg(1000)->Iterations(1)->Unit(benchmark::kMillisecond);

void snapshot(benchmark::State& state) {
  HostTracker tracker;
  for (int i = 0; i < 500; ++i)
    tracker.free(tracker.allocate(8, kPlain, tracker.category("a::" + std::to_string(i)), {"x.cpp", 1}));
  for (auto iteration : state) benchmark::DoNotOptimize(tracker.snapshot().places.size());
}
BENCHMARK(snapshot)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vkmembench

BENCHMARK_MAIN();
