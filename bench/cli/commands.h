#pragma once

#include "bench/cli/command.h"
#include "bench/cli/options.h"

namespace vkmembench {

// One sub-command a file; the table of commands.cpp refers to them.
void add_run(Options& options);
void add_list(Options& options);
void add_new(Options& options);
void add_validate(Options& options);
void add_schema(Options& options);
void add_expand(Options& options);
void add_doctor(Options& options);
void add_report(Options& options);
void add_compare(Options& options);
void add_gate(Options& options);
void add_ab(Options& options);
void add_stress(Options& options);
void add_stress_worker(Options& options);
void add_baseline(Options& options);

}  // namespace vkmembench
