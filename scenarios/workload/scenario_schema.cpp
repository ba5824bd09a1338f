#include "scenarios/workload/scenario_schema.h"

#include <array>
#include <nlohmann/json.hpp>

#include "allocator/base/check.h"
#include "scenarios/generators/generator_arguments.h"
#include "scenarios/trace/event_schema.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

Json parameter_schema(const Parameter& parameter) {
  Json schema;
  schema["description"] = parameter.description;
  switch (parameter.kind) {
    case ParameterKind::flag:
      schema["type"] = "boolean";
      break;
    case ParameterKind::real:
      schema["type"] = "number";
      schema["minimum"] = parameter.min;
      schema["maximum"] = parameter.max;
      break;
    case ParameterKind::integer:
    case ParameterKind::bytes: {
      const Json range = {{"type", "integer"},
                          {"minimum", static_cast<std::uint64_t>(parameter.min)},
                          {"maximum", static_cast<std::uint64_t>(parameter.max)}};
      if (parameter.kind == ParameterKind::bytes)
        schema["anyOf"] = {range, {{"$ref", "#/$defs/bytes_text"}}};
      else
        schema.update(range);
      break;
    }
    case ParameterKind::choice:
      schema["enum"] = parameter.choices;
      break;
  }
  std::visit([&](const auto& value) { schema["default"] = value; }, default_of(parameter));
  return schema;
}

Json generator_schema(const Generator& row) {
  Json schema;
  schema["description"] = row.description;
  schema["type"] = "object";
  schema["required"] = {"generator"};
  schema["additionalProperties"] = false;
  schema["properties"]["generator"] = {{"description", "Its name."}, {"const", row.name}};
  schema["properties"]["comment"]["$ref"] = "#/$defs/comment";
  for (const Parameter& parameter : parameters_of(row)) {
    schema["properties"][std::string(parameter.name)] = parameter_schema(parameter);
  }
  return schema;
}

}  // namespace

std::string scenario_schema(std::string_view base) {
  Json schema = Json::parse(base, nullptr, false);
  VKMEMBENCH_CHECK(schema.contains("/$defs/generator_workload"_json_pointer),
                   "the base schema has a place for generators");
  Json& defs = schema["$defs"];
  Json choices = Json::array();
  for (const Generator& row : generators()) {
    const std::string name = "generator_" + std::string(row.name);
    defs[name] = generator_schema(row);
    choices.push_back({{"$ref", "#/$defs/" + name}});
  }
  defs["generator_workload"] = {{"oneOf", choices}};
  add_event_schema(defs);
  return schema.dump(2) + "\n";
}

std::string trace_schema(std::string_view base, std::string_view scenario_base) {
  constexpr std::array kOfScenarios = {"expectation", "globs", "workload", "generator_workload", "part"};
  Json schema = Json::parse(base, nullptr, false);
  Json shared = Json::parse(scenario_base, nullptr, false)["$defs"];
  for (const char* name : kOfScenarios) shared.erase(name);
  add_event_schema(shared);
  schema["$defs"].update(shared);
  return schema.dump(2) + "\n";
}

}  // namespace vkmembench
