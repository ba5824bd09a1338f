#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenarios/json/embedded.h"

namespace vkmembench {

// The JSON Schemas (draft 2020-12) of every file the tool reads or writes, named "KIND.schema.json".
[[nodiscard]] std::span<const EmbeddedFile> shipped_schemas();
// The schema of a kind: "scenario", "trace", "device", "report" or "gate"; nullptr when there is none.
[[nodiscard]] const EmbeddedFile* find_schema(std::string_view kind);
// The schema as it is for users: those of scenarios and traces with what the tables of generators, ops and keys add to
// the files.
[[nodiscard]] std::string whole_schema(const EmbeddedFile& schema);

}  // namespace vkmembench
