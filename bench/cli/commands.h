#pragma once

#include "bench/cli/command.h"

namespace vkmembench {

// One sub-command a file; the table of commands.cpp refers to them.
void add_run(CLI::App& app, CommandContext& context);
void add_list(CLI::App& app, CommandContext& context);
void add_validate(CLI::App& app, CommandContext& context);
void add_schema(CLI::App& app, CommandContext& context);
void add_expand(CLI::App& app, CommandContext& context);
void add_doctor(CLI::App& app, CommandContext& context);

}  // namespace vkmembench
