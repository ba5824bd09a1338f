#pragma once

#include "bench/cli/command.h"
#include "reports/show/console_table.h"

namespace vkmembench {

// How tables are printed on stdout: its width (a file or pipe has any), its letters, and colour as the flags say.
[[nodiscard]] TableStyle table_style(const CommandContext& context);

}  // namespace vkmembench
