#include "scenarios/workload/scenario_schema.h"

#include <nlohmann/json.hpp>

#include "allocator/base/check.h"
#include "scenarios/generators/generator_arguments.h"
#include "scenarios/trace/event_schema.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

Json parameter_schema(const GeneratorParameter& info) {
  const auto integer = [](double value) { return static_cast<std::uint64_t>(value); };
  Json schema;
  schema["description"] = info.description;
  switch (info.type) {
    case GeneratorParameterType::real:
      schema["type"] = "number";
      schema["minimum"] = info.min;
      schema["maximum"] = info.max;
      schema["default"] = info.default_value;
      break;
    case GeneratorParameterType::integer:
    case GeneratorParameterType::bytes: {
      const Json range = {{"type", "integer"}, {"minimum", integer(info.min)}, {"maximum", integer(info.max)}};
      if (info.type == GeneratorParameterType::bytes)
        schema["anyOf"] = {range, {{"$ref", "#/$defs/bytes_text"}}};
      else
        schema.update(range);
      schema["default"] = integer(info.default_value);
      break;
    }
    case GeneratorParameterType::choice:
      schema["enum"] = info.choices;
      schema["default"] = info.choices[integer(info.default_value)];
      break;
  }
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
  for (const GeneratorParameter& info : parameters_of(row)) {
    schema["properties"][std::string(info.name)] = parameter_schema(info);
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

}  // namespace vkmembench
