#pragma once

#include <cstddef>
#include <optional>

#include "bench/cli/command.h"
#include "reports/show/console_table.h"

namespace vkmembench {

// Whether it is a terminal that shows colour and can clear a line: any but TERM=dumb.
[[nodiscard]] bool is_capable_terminal(int descriptor);
// Columns of the terminal; nullopt when there is none or it does not tell.
[[nodiscard]] std::optional<std::size_t> terminal_columns(int descriptor);

// How tables are printed on stdout: its width (a file or pipe has any), its letters, and colour as the flags say.
[[nodiscard]] TableStyle table_style(const CommandContext& context);

}  // namespace vkmembench
