// What importing costs: recordings of a million events, or a fifth, made here, into a trace in memory. Comma-separated
// ones over a pass that only reads their lines, JSON Lines over one that only parses them with nlohmann's SAX. Every
// ratio is the median of interleaved pairs; `low` and `high` bound it at 95 %; `events_per_second` is of the best
// import, `resident_bytes` what the process had in memory at most, of which the trace is `trace_bytes`.

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/suites/suite.h"
#include "scenarios/importers/formats/import.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kEvents = 1'000'000;  // of comma-separated recordings
constexpr std::uint64_t kListedEvents = 200'000;
constexpr std::uint64_t kLive = 2'000;

// A file of lines that line(i) and its like write for each event: creations first, then a free and a creation in turn.
template <typename Create, typename Free>
std::filesystem::path write_recording(std::string_view name, std::string_view head, std::uint64_t events, Create create,
                                      Free free) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / name;
  std::ofstream out(file, std::ios::binary);
  out << head;
  for (std::uint64_t id = 1; id <= events / 2; ++id) {
    out << create(id);
    if (id > kLive) out << free(id - kLive);
  }
  return file;
}

std::filesystem::path rmm_recording() {
  return write_recording(
      "vkmembench-bench-import.csv", "Thread,Time,Action,Pointer,Size,Stream\n", kEvents,
      [](std::uint64_t id) {
        return fmt::format("20{},15:47:02.841961,allocate,{:#x},{},0x2\n", id % 4, 0x7f0000000000 + id * 256,
                           256 + id % 8192);
      },
      [](std::uint64_t id) {
        return fmt::format("20{},15:47:02.841961,free,{:#x},{},0x2\n", id % 4, 0x7f0000000000 + id * 256,
                           256 + id % 8192);
      });
}

std::filesystem::path vma_recording() {
  return write_recording(
      "vkmembench-bench-import-vma.csv", "Vulkan Memory Allocator,Calls recording\n1,8\n", kEvents,
      [](std::uint64_t id) {
        return fmt::format("{},{}.125,{},vmaCreateBuffer,0,{},{},0,36,{},0,0,0,0000000000000000,{:016X},buffer {}\n",
                           1000 + id % 4, id / 1000, id / 100, 256 + id % 8192, id % 2 == 0 ? 130 : 16, 1 + id % 3, id,
                           id % 16);
      },
      [](std::uint64_t id) {
        return fmt::format("{},{}.125,{},vmaDestroyBuffer,{:016X}\n", 1000 + id % 4, id / 1000, (id + kLive) / 100, id);
      });
}

// Beside each call about memory stand some that are not, as in a listing of a renderer, where they are nearly all.
template <int kOthers>
std::filesystem::path gfxr_recording() {
  constexpr std::string_view kHead =
      "{\"header\":{\"gfxrecon-version\":\"1.0.4\"}}\n{\"index\":1,\"function\":{\"name\":\"vkAllocateMemory\","
      "\"return\":"
      "\"VK_SUCCESS\",\"thread\":1,\"args\":{\"device\":6,\"pAllocateInfo\":{\"allocationSize\":1073741824,"
      "\"memoryTypeIndex\":0},\"pMemory\":5}}}\n";
  std::string others;
  for (int i = 0; i < kOthers; ++i)
    others +=
        R"({"index":9,"function":{"name":"vkCmdBindVertexBuffers","thread":1,"args":{"commandBuffer":43,"firstBinding":0,"bindingCount":1,"pBuffers":[32],"pOffsets":[0]}}}
)";
  return write_recording(
      "vkmembench-bench-import.jsonl", kHead, kListedEvents,
      [&](std::uint64_t id) {
        return fmt::format(
                   R"({{"index":{0},"function":{{"name":"vkCreateBuffer","return":"VK_SUCCESS","thread":1,"args":{{"device":6,"pCreateInfo":{{"sType":"VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO","pNext":null,"flags":0,"size":{1},"usage":16,"sharingMode":"VK_SHARING_MODE_EXCLUSIVE","queueFamilyIndexCount":0,"pQueueFamilyIndices":null}},"pAllocator":null,"pBuffer":{0}}}}}}}
{{"index":{0},"function":{{"name":"vkBindBufferMemory","return":"VK_SUCCESS","thread":1,"args":{{"device":6,"buffer":{0},"memory":5,"memoryOffset":{2}}}}}}}
)",
                   id + 5, 256 + id % 8192, (id % (2 * kLive)) * 16384) +
               others + others;
      },
      [&](std::uint64_t id) {
        return fmt::format(
                   R"({{"index":{0},"function":{{"name":"vkDestroyBuffer","thread":1,"args":{{"device":6,"buffer":{0},"pAllocator":null}}}}}}
)",
                   id + 5) +
               others;
      });
}

// Accepts any JSON and keeps nothing of it.
struct BareSax : nlohmann::json_sax<nlohmann::json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(nlohmann::json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(std::string&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { std::abort(); }
};

void read_lines(const std::filesystem::path& file, bool parse) {
  LineReader lines(file);
  BareSax sax;
  std::string_view line;
  while (lines.next(line)) {
    benchmark::DoNotOptimize(line.data());
    if (parse) nlohmann::json::sax_parse(line.data(), line.data() + line.size(), &sax);
  }
}

double peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

void over_reading(benchmark::State& state, std::filesystem::path (*write)(), bool parse) {
  const std::filesystem::path file = write();
  double trace_bytes = 0;
  report_ratio(
      state, [&] { return seconds_of([&] { read_lines(file, parse); }); },
      [&] {
        return seconds_of([&] {
          const Imported imported = import_trace(file, nullptr, {});
          trace_bytes = static_cast<double>(imported.trace.events.size() * sizeof(Event) +
                                            imported.trace.objects.size() * sizeof(TraceObject));
          std::uint64_t hash = imported.trace.hash;
          benchmark::DoNotOptimize(hash);
        });
      },
      static_cast<double>(parse ? kListedEvents : kEvents), 7);
  state.counters["events_per_second"] = 1e9 / state.counters["candidate_ns"];
  state.counters["trace_bytes"] = trace_bytes;
  state.counters["resident_bytes"] = peak_resident_bytes();
  std::filesystem::remove(file);
}

BENCHMARK_CAPTURE(over_reading, rmm, rmm_recording, false)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(over_reading, vma_replay, vma_recording, false)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(over_reading, gfxreconstruct, gfxr_recording<4>, true)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(over_reading, gfxreconstruct_memory_only, gfxr_recording<0>, true)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vkmembench

BENCHMARK_MAIN();
