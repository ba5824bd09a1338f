#pragma once

#include <string_view>

#include "scenarios/json/json_reader.h"

namespace vkmembench {

// Checks the object's `schema` against "NAME/VERSION". Throws Error when it is missing, of another name or of another
// major version.
void check_schema(const JsonValue& object, std::string_view name, unsigned version);

}  // namespace vkmembench
