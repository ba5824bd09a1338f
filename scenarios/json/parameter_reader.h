#pragma once

#include "allocator/base/parameter.h"
#include "scenarios/json/json_reader.h"

namespace vkmembench {

// The parameter's value as a file has it; sizes are numbers or texts. Throws Error with its place when it is of another
// kind, out of bounds or no choice.
[[nodiscard]] ParameterValue read_parameter(const Parameter& parameter, const JsonValue& json);

}  // namespace vkmembench
