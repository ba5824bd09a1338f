// What recording costs: a program that creates, binds, copies, flushes, submits and destroys over a driver that does
// nothing, through the layer and without it. `call_ns` is what the layer adds to a call of the thread that makes it;
// `event_bytes` what an event takes in the file. Threads share nothing but the queue of calls.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <thread>
#include <vector>

#include "bench/suites/suite.h"
#include "scenarios/recording/layer/null_driver.h"
#include "scenarios/trace/trace_reader.h"

namespace vkmembench {
namespace {

constexpr int kTurns = 2000;
constexpr int kCallsInTurn = 7;

void work(const NullDriver& driver) {
  const auto copy = driver.call<PFN_vkCmdCopyBuffer>("vkCmdCopyBuffer");
  const auto flush = driver.call<PFN_vkFlushMappedMemoryRanges>("vkFlushMappedMemoryRanges");
  const VkBuffer staging = driver.buffer(65536);
  driver.bind(staging, driver.memory(65536));
  for (Bytes turn = 0; turn < kTurns; ++turn) {
    const VkBuffer buffer = driver.buffer(256 + turn * 97 % 60000);
    const VkDeviceMemory memory = driver.memory(65536);
    driver.bind(buffer, memory);
    const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory, 0, 256};
    flush(driver.device(), 1, &range);
    const VkBufferCopy region{0, 0, 256};
    copy(driver.commands(), staging, buffer, 1, &region);
    if (turn % 100 == 0) driver.submit();
    driver.destroy(buffer);
    driver.destroy(memory);
  }
}

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Of the processor, by all threads together: others that wait for it, as the writer does, cost the program nothing.
double seconds_of(const NullDriver& driver, int threads) {
  std::atomic<double> seconds = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      const double begin = thread_seconds();
      work(driver);
      seconds += thread_seconds() - begin;
    });
  }
  for (std::thread& worker : workers) worker.join();
  return seconds;
}

void bench_record(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("vkmembench-bench-record-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  setenv("VKMEMBENCH_RECORD_FILE", (folder / "t.jsonl.zst").c_str(), 1);
  constexpr int kRounds = 15;
  std::vector<double> added;
  for (auto iteration : state) {
    NullDriver plain(false);
    NullDriver layered;
    for (int round = 0; round < kRounds; ++round) {
      const double base = seconds_of(plain, threads);
      added.push_back((seconds_of(layered, threads) - base) * 1e9 / (threads * kTurns * kCallsInTurn));
    }
  }
  std::ranges::sort(added);
  state.counters["call_ns"] = added[added.size() / 2];
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    state.counters["event_bytes"] =
        static_cast<double>(file.file_size()) / static_cast<double>(read_trace(file.path(), 0).events.size());
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(bench_record)->Arg(1)->Arg(2)->Arg(8)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vkmembench

BENCHMARK_MAIN();
