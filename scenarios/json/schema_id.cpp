#include "scenarios/json/schema_id.h"

#include <fmt/format.h>

namespace vkmembench {

void check_schema(const JsonValue& object, std::string_view name, unsigned version) {
  const JsonValue schema = object.at("schema");
  const std::string found = schema.text();
  const std::string wanted = fmt::format("{}/{}", name, version);
  if (found == wanted) return;
  if (found.starts_with(fmt::format("{}/", name))) {
    schema.fail(fmt::format("schema '{}' is another version of the format; this tool reads '{}'", found, wanted));
  }
  schema.fail(fmt::format("schema '{}' is another format; '{}' is read here", found, wanted));
}

}  // namespace vkmembench
