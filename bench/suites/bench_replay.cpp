// What the harness itself costs: replay against the same work done by hand, within one process on the simulated device.
// Every ratio is the median of interleaved pairs; `low` and `high` bound it at 95 %.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "allocator/device/simulated/simulated_device.h"
#include "allocator/strategy/strategies.h"
#include "allocator/strategy/vma/vma_header.h"
#include "bench/replay/account/summarize.h"
#include "bench/replay/measured/replay.h"
#include "bench/suites/paired.h"
#include "bench/suites/suite.h"
#include "scenarios/generators/generators.h"
#include "scenarios/generators/random.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/profiles/profile_reader.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

// `live` buffers of 256 B to 256 KiB (every power of two alike), then one freed and one created at random up to
// `events`.
Trace churn_trace(std::size_t live, std::size_t events) {
  TraceBuilder builder(0);
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  const std::uint32_t index = builder.shape(shape);
  Random random(7);
  const auto size = [&] {
    const Bytes low = Bytes{256} << random.below(10);
    return low + random.below(low) / 16 * 16;
  };
  builder.reserve(events, events);
  std::vector<ObjectIndex> objects;
  std::uint64_t id = 0;
  for (std::size_t event = 0; event < events;) {
    if (objects.size() < live) {
      objects.push_back(builder.buffer(++id, size(), index));
      ++event;
      continue;
    }
    ObjectIndex& victim = objects[random.below(objects.size())];
    builder.free(victim);
    victim = builder.buffer(++id, size(), index);
    event += 2;
  }
  return builder.finish();
}

// A simulated device with a trace resolved on it.
struct Setup {
  explicit Setup(Trace given)
      : owner(open_simulated_device(parse_profile(find_profile(), "nvidia-rtx-3090.json"))),
        trace(std::move(given)),
        requests(resolve_requests(trace, owner->device())) {}
  static std::string_view find_profile() {
    for (const EmbeddedFile& file : shipped_profiles()) {
      if (file.name == "nvidia-rtx-3090.json") return file.text;
    }
    return {};
  }

  [[nodiscard]] double replay_seconds(const std::string& strategy, bool timing) const {
    LimitsLayer limits(owner->device());
    const StrategySpec spec = parse_strategy(strategy);
    ReplayOptions options;
    options.settings.timing = timing;
    const auto make = [&](const Device& device) { return spec.make(device); };
    Recording recording;
    const double all = seconds_of([&] { recording = replay(trace, requests, limits, owner->device(), make, options); });
    benchmark::DoNotOptimize(recording.events_done);
    return all;
  }

  std::unique_ptr<DeviceOwner> owner;
  Trace trace;
  Requests requests;
};

// The same trace by hand: VMA called directly on the bare device, what it returns kept by object.
double direct_vma_seconds(const Setup& setup) {
  const Device device = setup.owner->device();
  return seconds_of([&] {
    struct Object {
      VkBuffer buffer;
      VmaAllocation allocation;
    };
    std::vector<Object> objects(setup.trace.objects.size());
    std::vector<bool> live(objects.size());
    const VmaVulkanFunctions functions = vma_functions(device.fn);
    const VmaAllocatorCreateInfo allocator_info = vma_allocator_info(device, functions);
    VmaAllocator allocator = nullptr;
    vmaCreateAllocator(&allocator_info, &allocator);
    VmaAllocationCreateInfo how{};
    how.preferredFlags = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
    VkBufferCreateInfo info = create_info(setup.requests.shapes[setup.trace.objects.front().shape].buffer);
    for (const Event& event : setup.trace.events) {
      Object& object = objects[event.object];
      if (event.op == Op::buffer) {
        info.size = event.size();
        vmaCreateBuffer(allocator, &info, &how, &object.buffer, &object.allocation, nullptr);
        live[event.object] = true;
      } else {
        vmaDestroyBuffer(allocator, object.buffer, object.allocation);
        live[event.object] = false;
      }
    }
    for (std::size_t i = 0; i < objects.size(); ++i) {
      if (live[i]) vmaDestroyBuffer(allocator, objects[i].buffer, objects[i].allocation);
    }
    vmaDestroyAllocator(allocator);
  });
}

void harness_floor(benchmark::State& state) {
  const Setup setup(churn_trace(10'000, 1'000'000));
  double best = 1e300;
  for (auto iteration : state) {
    const double seconds = setup.replay_seconds("null", false);
    best = std::min(best, seconds);
    state.SetIterationTime(seconds);
  }
  state.counters["ns_per_event"] = best * 1e9 / static_cast<double>(setup.trace.events.size());
}
BENCHMARK(harness_floor)->UseManualTime()->Iterations(10)->Unit(benchmark::kMillisecond);

void harness_over_direct_vma(benchmark::State& state, bool timing) {
  const Setup setup(churn_trace(10'000, 200'000));
  report_ratio(
      state, [&] { return direct_vma_seconds(setup); }, [&] { return setup.replay_seconds("vma", timing); },
      static_cast<double>(setup.trace.events.size()));
}
BENCHMARK_CAPTURE(harness_over_direct_vma, timing_off, false)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(harness_over_direct_vma, timing_on, true)->Iterations(1)->Unit(benchmark::kMillisecond);

void core_over_direct_vma(benchmark::State& state, const std::string& strategy) {
  const auto live = static_cast<std::size_t>(state.range(0));
  const Setup setup(churn_trace(live, std::max<std::size_t>(200'000, 4 * live)));
  report_ratio(
      state, [&] { return direct_vma_seconds(setup); }, [&] { return setup.replay_seconds(strategy, false); },
      static_cast<double>(setup.trace.events.size()));
}
BENCHMARK_CAPTURE(core_over_direct_vma, core_default, "core-default")
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(core_over_direct_vma, core_speed, "core-speed")
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(core_over_direct_vma, core_memory, "core-memory")
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// Every generator at a scale that gives about a million events.
void generate(benchmark::State& state, const Generator& generator) {
  const auto build = [&](double scale) {
    GeneratorArguments arguments(generator);
    arguments.set("scale", fmt::format("{}", scale));
    TraceBuilder builder(2);
    generator.generate(arguments.values(), 7, builder);
    return builder.finish();
  };
  const double small = static_cast<double>(build(1.0).events.size());
  const double scale = std::clamp(1e6 / small, 1.0, 100.0);
  std::size_t events = 0;
  std::size_t bytes = 0;
  for (auto iteration : state) {
    const Trace trace = build(scale);
    events += trace.events.size();
    bytes = (trace.events.capacity() * sizeof(Event) + trace.objects.capacity() * sizeof(TraceObject)) /
            trace.events.size();
  }
  state.counters["events_per_s"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
  state.counters["bytes_per_event"] = static_cast<double>(bytes);
}

// A SAX handler that does nothing: what parsing alone costs.
struct IgnoreAll : nlohmann::json_sax<nlohmann::json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }
};

void load_over_sax(benchmark::State& state) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("vkmembench_bench_{}.jsonl", ::getpid());
  const Trace trace = churn_trace(10'000, 300'000);
  write_trace(trace, file);
  const std::string text = read_text_file(file);
  const auto sax = [&] {
    return seconds_of([&] {
      IgnoreAll handler;
      for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        nlohmann::json::sax_parse(text.data() + start, text.data() + end, &handler);
        start = end + 1;
      }
    });
  };
  const auto load = [&] {
    return seconds_of([&] { benchmark::DoNotOptimize(expand(load_scenario(file, {}), {}).hash); });
  };
  report_ratio(state, sax, load, static_cast<double>(trace.events.size()));
  std::filesystem::remove(file);
}
BENCHMARK(load_over_sax)->Iterations(1)->Unit(benchmark::kMillisecond);

// The whole of a run, replay and metrics: cost an event from 10^4 to 10^7 events.
void growth(benchmark::State& state) {
  const Setup setup(churn_trace(1'000, static_cast<std::size_t>(state.range(0))));
  double best = 1e300;
  for (auto iteration : state) {
    const double seconds = seconds_of([&] {
      LimitsLayer limits(setup.owner->device());
      const StrategySpec spec = parse_strategy("core-default");
      const auto make = [&](const Device& device) { return spec.make(device); };
      const Recording recording = replay(setup.trace, setup.requests, limits, setup.owner->device(), make, {});
      SummaryOptions options;
      options.account.ns_per_tick = ns_per_tick(setup.owner->device());
      benchmark::DoNotOptimize(summarize(setup.trace, setup.requests, recording, *setup.owner->device().info, options));
    });
    best = std::min(best, seconds);
    state.SetIterationTime(seconds);
  }
  state.counters["ns_per_event"] = best * 1e9 / static_cast<double>(setup.trace.events.size());
}
BENCHMARK(growth)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->UseManualTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

void add_all() {
  for (const Generator& generator : generators())
    benchmark::RegisterBenchmark(fmt::format("generate/{}", generator.name).c_str(), [&generator](
                                                                                         benchmark::State& state) {
      generate(state, generator);
    })->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace vkmembench

int main(int argc, char** argv) { return vkmembench::run_suite(argc, argv, vkmembench::add_all); }
