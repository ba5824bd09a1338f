#include "reports/json/schemas.h"

#include "scenarios/workload/scenario_schema.h"

namespace vkmembench {

const EmbeddedFile* find_schema(std::string_view kind) {
  constexpr std::string_view kSuffix = ".schema.json";
  for (const EmbeddedFile& file : shipped_schemas()) {
    if (file.name.size() == kind.size() + kSuffix.size() && file.name.starts_with(kind) &&
        file.name.ends_with(kSuffix)) {
      return &file;
    }
  }
  return nullptr;
}

std::string whole_schema(const EmbeddedFile& schema) {
  if (&schema == find_schema("scenario")) return scenario_schema(schema.text);
  if (&schema == find_schema("trace")) return trace_schema(schema.text, find_schema("scenario")->text);
  return std::string(schema.text);
}

}  // namespace vkmembench
