#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scenarios/json/json_reader.h"

namespace vkmembench {

// The `schema` of each format of ours: its name and major version. Strategy files have none.
inline constexpr std::string_view kScenarioSchema = "vkmembench.scenario/1";
inline constexpr std::string_view kTraceSchema = "vkmembench.trace/1";
inline constexpr std::string_view kDeviceSchema = "vkmembench.device/1";
inline constexpr std::string_view kReportSchema = "vkmembench.report/1";
inline constexpr std::string_view kGateSchema = "vkmembench.gate/1";
inline constexpr std::string_view kAbSchema = "vkmembench.ab/1";
inline constexpr std::string_view kStressSchema = "vkmembench.stress/1";
inline constexpr std::string_view kMatrixSchema = "vkmembench.matrix/1";
inline constexpr std::string_view kPlanSchema = "vkmembench.plan/1";
inline constexpr std::string_view kStoreSchema = "vkmembench.store/1";

// The format's name, without its version.
[[nodiscard]] constexpr std::string_view schema_name(std::string_view schema) {
  return schema.substr(0, schema.find('/'));
}

// What is wrong with the schema that a file states, if it states one: none, another format's, another major version.
// Empty when it is the wanted one.
[[nodiscard]] std::string schema_problem(const std::optional<std::string>& stated, std::string_view wanted);
// Throws Error with its place when the object's `schema` has such a problem, or is no text.
void check_schema(const JsonValue& object, std::string_view wanted);

}  // namespace vkmembench
