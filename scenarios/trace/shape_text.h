#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenarios/trace/shape.h"

namespace vkmembench {

// A text as JSON spells it. Requires UTF-8.
[[nodiscard]] std::string json_text(std::string_view text);
// The text as json_text() writes it and a reader gets it: what is no UTF-8 is replaced.
[[nodiscard]] std::string as_written(std::string_view text);

// The fields of a create event that its shape holds, as they stand in the line: the same for many events. First those
// that only images have, all of them; of the others what is optional is left out where it is at its default.
// Names of the shape are indices into `strings`.
[[nodiscard]] std::string shape_fields(std::span<const std::string> strings, const Shape& shape);

}  // namespace vkmembench
