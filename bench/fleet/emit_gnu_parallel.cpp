#include <fmt/format.h>

#include "bench/fleet/emit.h"

namespace vkmembench {

std::string emit_gnu_parallel(const Emission& emission) {
  constexpr std::string_view kScript = R"(#!/bin/sh
# Runs the plan's shards by GNU parallel, then merges their reports. Arguments are parallel's: sh parallel.sh -j 8
set -u
program=${{VKMEMBENCH:-{program}}}
plan={plan}
results=${{RESULTS:-$plan/results}}
parallel --quote --joblog "$plan/joblog" --resume-failed --retries 3 "$@" \
  "$program" run --plan "$plan" --shard {{}}/{shards} -q <<'SHARDS'
{wanted}SHARDS
exec "$program" merge "$plan" -o "$results"
)";
  std::string wanted;
  for (const std::uint32_t shard : emission.wanted) wanted += fmt::format("{}\n", shard);
  return fmt::format(kScript, fmt::arg("program", sh_word(emission.program)),
                     fmt::arg("plan", sh_word(emission.folder.string())), fmt::arg("shards", emission.shards),
                     fmt::arg("wanted", wanted));
}

}  // namespace vkmembench
