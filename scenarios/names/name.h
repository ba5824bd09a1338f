#pragma once

#include <string>
#include <string_view>

#include "scenarios/json/json_reader.h"

namespace vkmembench {

// Whether files and tables can show the name: not empty, no leading '.', no slashes and no control characters.
[[nodiscard]] bool is_usable_name(std::string_view name);

// The text of a `name`. Throws Error when it is not usable.
[[nodiscard]] std::string read_name(const JsonValue& value);

}  // namespace vkmembench
