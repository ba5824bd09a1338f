#pragma once

#include "bench/cli/command.h"
#include "bench/cli/options.h"

namespace vkmembench {

// X(name, function, help): every sub-command, in the order of --help, one a file. Without help it is for the program
// itself.
// clang-format off
#define VKMEMBENCH_COMMANDS(X) \
  X("run", add_run, "replay scenarios through strategies and write reports") \
  X("plan", add_plan, "make jobs for a fleet of a matrix of runs") \
  X("merge", add_merge, "check the reports of a plan and make one store of them") \
  X("report", add_report, "show reports as tables, or as one HTML page") \
  X("compare", add_compare, "put reports side by side: strategies, commits, devices") \
  X("gate", add_gate, "judge reports against a baseline by a policy") \
  X("ab", add_ab, "time two builds or strategies in pairs, and judge") \
  X("baseline", add_baseline, "accept a report as the measure of later ones") \
  X("stress", add_stress, "try to break strategies, and shrink what does") \
  X("list", add_list, "print devices, strategies, scenarios, metrics and the like") \
  X("new", add_new, "begin a scenario of your own") \
  X("validate", add_validate, "check scenario, trace, profile and strategy files") \
  X("schema", add_schema, "print the JSON Schema of a file format") \
  X("expand", add_expand, "write a scenario's events as a trace that replays the same") \
  X("import", add_import, "make a trace of a recording in another tool's format") \
  X("record", add_record, "run a program of yours and record its memory as a trace") \
  X("profile", add_profile, "make a simulated device of what a tool says of a real one") \
  X("doctor", add_doctor, "say what this machine has, lacks, and how to mend it") \
  X("completion", add_completion, "print what makes a shell complete our words") \
  X("man", add_man, "print the manual page of the program or of a sub-command") \
  X("stress-worker", add_stress_worker, "")
// clang-format on

#define VKMEMBENCH_ROW(name, function, help) void function(Options& options);
VKMEMBENCH_COMMANDS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

}  // namespace vkmembench
