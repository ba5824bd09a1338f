#pragma once

#include "bench/cli/command.h"
#include "reports/console_table.h"

namespace vkmembench {

// How tables are printed on stdout: its width, its letters, and colour as the flags say.
[[nodiscard]] TableStyle table_style(const CommandContext& context);

}  // namespace vkmembench
