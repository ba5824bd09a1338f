#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/generators/generator_arguments.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/problems.h"
#include "scenarios/trace/trace.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {

// What makes a trace, as read and checked; `place` says where it stands, for what is found out only later.

struct GeneratorCall {
  GeneratorArguments arguments;
  std::string place;
};
struct Events {
  std::shared_ptr<const Trace> trace;
  std::string place;
};
struct TraceFile {
  std::filesystem::path file;
};
// Workloads side by side; mixes inside it are resolved.
struct Mix {
  struct Part {
    std::variant<TraceFile, GeneratorCall, Events> workload;
    std::uint32_t lane = 0;
    std::uint64_t start_frame = 0;
  };
  std::vector<Part> parts;
  std::string place;
};
using Workload = std::variant<TraceFile, GeneratorCall, Events, Mix>;

// Where a workload stands: what its own text does not say.
struct WorkloadContext {
  std::filesystem::path folder;  // of the scenario, which names of trace files start from
  std::uint32_t frames_in_flight = 2;
  std::uint64_t seed = 0;
  TraceLimits limits{};
};

// The file of a workload that is a trace, else empty. Throws Error for one that is no workload, or names no file.
[[nodiscard]] std::filesystem::path trace_file_of(const JsonValue& workload, const std::filesystem::path& folder);
// Reads the workload without expanding generators and reading trace files. What is wrong becomes problems; with any,
// the workload is good for nothing.
[[nodiscard]] Workload read_workload(const JsonValue& workload, const WorkloadContext& context, Problems& problems);
// Throws Error.
[[nodiscard]] Trace make_trace(const Workload& workload, const WorkloadContext& context);

[[nodiscard]] bool has_generator(const Workload& workload);  // of a mix: one of its parts
// The trace files that it reads.
[[nodiscard]] std::vector<std::filesystem::path> trace_files_of(const Workload& workload);

// Applies `--set KEY=VALUE` to the generator, or to each generator of a mix that has the parameter. Throws Error for a
// key that no generator has and for values out of type or bounds.
void apply_overrides(Workload& workload, const std::vector<std::pair<std::string, std::string>>& set);

}  // namespace vkmembench
