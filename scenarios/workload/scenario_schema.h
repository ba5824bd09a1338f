#pragma once

#include <string>
#include <string_view>

namespace vkmembench {

// The JSON Schema of scenarios: `base` (reports/schema/scenario.schema.json) with a definition for each row of
// generators() in the place of `$defs/generator_workload`, and for each op and key of events. Requires `base` to be
// that file's text.
[[nodiscard]] std::string scenario_schema(std::string_view base);
// That of a line of a trace: `base` (reports/schema/trace.schema.json) with what events have in scenarios.
[[nodiscard]] std::string trace_schema(std::string_view base, std::string_view scenario_base);

}  // namespace vkmembench
