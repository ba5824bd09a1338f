#pragma once

#include <sched.h>
#include <ctime>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/seam/strategy.h"
#include "scenarios/generators/random.h"

namespace vkmembench {

// Sizes from `low` up to 2^doublings times that, every doubling alike.
struct SizeMix {
  std::string_view name;
  Bytes low;
  std::uint64_t doublings;
};
inline constexpr std::array<SizeMix, 3> kSizeMixes = {{{"small", 256, 4}, {"wide", 256, 10}, {"large", 16 * kKiB, 6}}};

// Allocations on their way from one thread to one other. Neither end waits. They travel a bunch at a time, so that the
// threads share lines of the box a few times a bunch, and what is measured is not the box.
class Mailbox {
 public:
  bool push(const Allocation& allocation) {
    if (writer_.end - writer_.start == slots_.size()) {
      writer_.start = start_.load(std::memory_order_acquire);
      if (writer_.end - writer_.start == slots_.size()) return false;
    }
    slots_[writer_.end++ % slots_.size()] = allocation;
    if (writer_.end % kBunch == 0) send();
    return true;
  }
  void send() { end_.store(writer_.end, std::memory_order_release); }  // what the bunch has
  bool pop(Allocation& allocation) {
    if (reader_.start == reader_.end) {
      start_.store(reader_.start, std::memory_order_release);
      reader_.end = end_.load(std::memory_order_acquire);
      if (reader_.start == reader_.end) return false;
    }
    allocation = slots_[reader_.start++ % slots_.size()];
    return true;
  }

 private:
  static constexpr std::size_t kBunch = 64;
  struct alignas(64) Seen {
    std::size_t start = 0;
    std::size_t end = 0;
  };
  Seen writer_;
  Seen reader_;
  alignas(64) std::atomic<std::size_t> start_{0};
  alignas(64) std::atomic<std::size_t> end_{0};
  alignas(64) std::array<Allocation, 1024> slots_;
};

// One lane that keeps `live` buffers and replaces one at random with each step. Sizes and victims are drawn beforehand,
// and victims fetched ahead, so that what is measured is the strategy and the driver.
class Churn {
 public:
  Churn(Strategy& strategy, const SizeMix& mix, std::size_t live, std::uint16_t lane = 0)
      : strategy_(strategy), random_(lane + 7u) {
    request_.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    request_.lane = lane;
    for (Bytes& size : sizes_) {
      const Bytes low = mix.low << random_.below(mix.doublings);
      size = low + random_.below(low) / 16 * 16;
    }
    for (std::size_t i = 0; i < live; ++i) live_.push_back(create());
  }
  ~Churn() {
    for (const Allocation& allocation : live_) strategy_.destroy(allocation, request_.lane);
  }
  Churn(const Churn&) = delete;
  Churn& operator=(const Churn&) = delete;

  void prepare(std::size_t steps) {
    victims_.clear();
    for (std::size_t i = 0; i < steps; ++i) victims_.push_back(static_cast<std::uint32_t>(random_.below(live_.size())));
  }
  // One destroy and one create a step, as many as prepared.
  void run() {
    for (std::size_t i = 0; i < victims_.size(); ++i) {
      Allocation& victim = next_victim(i);
      strategy_.destroy(victim, request_.lane);
      victim = create();
    }
  }
  // Likewise, but every other victim is destroyed where `out` is emptied, and so is what `in` holds here.
  void run_crossed(Mailbox& in, Mailbox& out) {
    Allocation arrived;
    for (std::size_t i = 0; i < victims_.size(); ++i) {
      Allocation& victim = next_victim(i);
      if (i % 2 == 0 || !out.push(victim)) strategy_.destroy(victim, request_.lane);
      if (in.pop(arrived)) strategy_.destroy(arrived, request_.lane);
      victim = create();
    }
    out.send();
  }
  void empty(Mailbox& box) {
    for (Allocation arrived; box.pop(arrived);) strategy_.destroy(arrived, request_.lane);
  }

 private:
  Allocation& next_victim(std::size_t step) {
    constexpr std::size_t kAhead = 8;
    if (step + kAhead < victims_.size()) __builtin_prefetch(&live_[victims_[step + kAhead]], 1);
    return live_[victims_[step]];
  }
  Allocation create() {
    request_.size = sizes_[next_size_++ % sizes_.size()];
    const Expected<Allocation> made = strategy_.create_buffer(request_);
    VKMEMBENCH_CHECK(made, "the device is large enough for the benchmark");
    return *made;
  }

  Strategy& strategy_;
  Random random_;
  BufferRequest request_;
  std::array<Bytes, 4096> sizes_{};
  std::size_t next_size_ = 0;
  std::vector<Allocation> live_;
  std::vector<std::uint32_t> victims_;
};

enum class Share : std::uint8_t { none, half };  // of the frees that another lane makes
// What a run took: by the wall, and the processor time of the busiest lane. The latter leaves out what other programs
// of the machine took, but time asleep before a lock too.
struct Spent {
  double wall = 0;
  double processor = 0;
};

inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

inline double processor_seconds_of(const std::function<void()>& work) {
  const double start = thread_seconds();
  work();
  return thread_seconds() - start;
}

// Keeps the calling thread on one processor, the nth that it may use: two lanes never take turns on one while another
// is there.
inline void stay_on_processor(std::size_t nth) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  std::vector<std::size_t> processors;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) processors.push_back(cpu);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processors[nth % processors.size()], &one);
  (void)sched_setaffinity(0, sizeof one, &one);
}

// Churn in several lanes at once, each a thread of its own; with Share::half each passes every other free to the next.
class Lanes {
 public:
  Lanes(std::unique_ptr<Strategy> strategy, const SizeMix& mix, std::size_t live, std::uint16_t lanes)
      : strategy_(std::move(strategy)), boxes_(lanes) {
    for (std::uint16_t lane = 0; lane < lanes; ++lane)
      churns_.push_back(std::make_unique<Churn>(*strategy_, mix, live, lane));
  }

  Spent run(std::size_t steps_a_lane, Share crossed) {
    using Time = std::chrono::steady_clock::time_point;
    for (const auto& churn : churns_) churn->prepare(steps_a_lane);
    const std::size_t count = churns_.size();
    struct Lap {
      Time start, end;
      double processor = 0;
    };
    std::vector<Lap> laps(count);
    std::barrier meet(static_cast<std::ptrdiff_t>(count));
    {
      std::vector<std::jthread> threads;
      for (std::size_t lane = 0; lane < count; ++lane)
        threads.emplace_back([&, lane] {
          Lap lap;
          stay_on_processor(lane);
          meet.arrive_and_wait();
          lap.start = std::chrono::steady_clock::now();
          const double before = thread_seconds();
          if (crossed == Share::none)
            churns_[lane]->run();
          else
            churns_[lane]->run_crossed(boxes_[lane], boxes_[(lane + 1) % count]);
          lap.processor = thread_seconds() - before;
          lap.end = std::chrono::steady_clock::now();
          laps[lane] = lap;
        });
    }
    for (std::size_t lane = 0; lane < count; ++lane) churns_[lane]->empty(boxes_[lane]);
    Lap all = laps.front();
    for (const Lap& lap : laps) {
      all.start = std::min(all.start, lap.start);
      all.end = std::max(all.end, lap.end);
      all.processor = std::max(all.processor, lap.processor);
    }
    return {std::chrono::duration<double>(all.end - all.start).count(), all.processor};
  }

 private:
  std::unique_ptr<Strategy> strategy_;
  std::vector<Mailbox> boxes_;
  std::vector<std::unique_ptr<Churn>> churns_;  // before the strategy goes
};

}  // namespace vkmembench
