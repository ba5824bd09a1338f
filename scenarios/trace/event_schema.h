#pragma once

#include <nlohmann/json_fwd.hpp>

namespace vkmembench {

// Puts the JSON Schema of an event into the definitions of the scenario's: `event`, with one alternative for each op
// and what is there for others, and one definition for each key. Requires `defs` to have `uint64`, `bytes_text` and
// `repeat`.
void add_event_schema(nlohmann::ordered_json& defs);

}  // namespace vkmembench
