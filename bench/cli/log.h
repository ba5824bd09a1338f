#pragma once

#include <string_view>

#include "bench/cli/command.h"

namespace vkmembench {

// What is not the result: a line each on stderr, made printable.

// How much the flags let through. Requires to be called before the first line.
void set_up_log(const CommandContext& context);

void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);

}  // namespace vkmembench
