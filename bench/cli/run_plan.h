#pragma once

#include <string>

#include "bench/cli/command.h"
#include "bench/run/exit_code.h"

namespace vkmembench {

struct RunPlanArguments {
  std::string plan;   // its folder
  std::string shard;  // I/N as typed, empty: by the environment
};

// `run --plan`: runs what a shard of the plan has left to run. Throws Error for options that a plan has of its own.
ExitCode run_plan(const RunPlanArguments& arguments, const CommandContext& context);

}  // namespace vkmembench
