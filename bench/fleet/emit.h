#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/fleet/plan.h"

namespace vkmembench {

// What an emitter writes a plan's shards for.
struct Emission {
  const Plan& plan;
  std::filesystem::path folder;       // of the plan
  std::string program;                // that runs here
  std::uint32_t shards = 1;           // in all
  std::vector<std::uint32_t> wanted;  // those to run, from 1
};

// An engine that runs commands: one row of the table of `plan --emit`.
struct PlanEmitter {
  std::string_view name;
  std::string_view file;     // in the plan's folder
  std::string_view command;  // that starts it; {} is the file
  std::uint32_t most_shards;
  std::string (*text)(const Emission& emission);
};
[[nodiscard]] std::span<const PlanEmitter> emitters();
// nullptr when there is none of that name.
[[nodiscard]] const PlanEmitter* find_emitter(std::string_view name);

// The text as one word of sh.
[[nodiscard]] std::string sh_word(std::string_view text);

// X(name, file, command, most shards, function): every row, one a file.
// clang-format off
#define VKMEMBENCH_EMITTERS(X) \
  X("slurm", "submit.sh", "sh {}", 1'000'000, emit_slurm) \
  X("gnu-parallel", "parallel.sh", "sh {}", 1'000'000, emit_gnu_parallel) \
  X("github-matrix", "workflow.yml", "cp {} .github/workflows/", 256, emit_github_matrix) \
  X("make", "Makefile", "make -f {} -j", 1'000'000, emit_make)
// clang-format on

#define VKMEMBENCH_ROW(name, file, command, most, function) \
  [[nodiscard]] std::string function(const Emission& emission);
VKMEMBENCH_EMITTERS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

}  // namespace vkmembench
