#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/json/json_reader.h"
#include "scenarios/json/problems.h"
#include "scenarios/trace/trace.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {

enum class WorkloadKind : std::uint8_t { generator, events, trace, mix };

// Which of the four a `workload` object is. Throws Error when it is none, or several.
[[nodiscard]] WorkloadKind workload_kind(const JsonValue& workload);

// The file that a `trace` workload names. Throws Error when it does not exist.
[[nodiscard]] std::filesystem::path trace_file(const JsonValue& workload, const std::filesystem::path& folder);

// Where a workload stands: what its own text does not say.
struct WorkloadContext {
  std::filesystem::path folder;  // of the scenario, which names of trace files start from
  std::uint32_t frames_in_flight = 2;
  std::uint64_t seed = 0;
  TraceLimits limits{};
};

// Checks everything that can be checked without expanding generators and reading trace files; what is wrong becomes
// problems.
void check_workload(const JsonValue& workload, const WorkloadContext& context, Problems& problems);
// Throws Error.
[[nodiscard]] Trace make_trace(const JsonValue& workload, const WorkloadContext& context);

// Applies `--set KEY=VALUE` to the generator, or to each generator of a mix that has the parameter. Requires a checked
// workload. Throws Error for a key that no generator has and for values out of type or bounds.
void apply_overrides(nlohmann::ordered_json& workload, const std::vector<std::pair<std::string, std::string>>& set);

}  // namespace vkmembench
