#include "scenarios/json/parameter_reader.h"

namespace vkmembench {

ParameterValue read_parameter(const Parameter& parameter, const JsonValue& json) {
  const auto min = static_cast<std::uint64_t>(parameter.min);
  const auto max = static_cast<std::uint64_t>(parameter.max);
  switch (parameter.kind) {
    case ParameterKind::flag:
      return json.boolean();
    case ParameterKind::integer:
      return json.integer(min, max);
    case ParameterKind::real:
      return json.number(parameter.min, parameter.max);
    case ParameterKind::bytes:
      return json.bytes(min, max);
    case ParameterKind::choice:
      break;
  }
  return parse_parameter(parameter, json.text(), json.place());
}

}  // namespace vkmembench
