#include "scenarios/json/schema_id.h"

#include <fmt/format.h>

namespace vkmembench {

std::string schema_problem(const std::optional<std::string>& stated, std::string_view wanted) {
  if (!stated) return fmt::format("'schema' is missing; add \"schema\": \"{}\"", wanted);
  if (*stated == wanted) return {};
  if (schema_name(*stated) == schema_name(wanted))
    return fmt::format("schema '{}' is another version of the format; this tool reads '{}'", *stated, wanted);
  return fmt::format("schema '{}' is another format; '{}' is read here", *stated, wanted);
}

void check_schema(const JsonValue& object, std::string_view wanted) {
  const std::optional<JsonValue> schema = object.find("schema");
  const std::string problem = schema_problem(schema ? std::optional(schema->text()) : std::nullopt, wanted);
  if (!problem.empty()) schema.value_or(object).fail(problem);
}

}  // namespace vkmembench
