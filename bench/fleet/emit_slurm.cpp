#include <fmt/format.h>

#include <map>

#include "bench/fleet/emit.h"

namespace vkmembench {
namespace {

// Indices of an array are below Slurm's MaxArraySize, 1001 unless it is configured otherwise.
constexpr std::uint32_t kMostIndex = 1000;

// "1-3,7,9-10".
std::string ranges_of(const std::vector<std::uint32_t>& indices) {
  std::string text;
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t end = i + 1;
    while (end < indices.size() && indices[end] == indices[end - 1] + 1) ++end;
    text += text.empty() ? "" : ",";
    text += end - i == 1 ? fmt::format("{}", indices[i]) : fmt::format("{}-{}", indices[i], indices[end - 1]);
    i = end;
  }
  return text;
}

// A line for each class of nodes and each thousand of shards.
std::string arrays_of(const Emission& emission) {
  const std::vector<Shard> shards = shards_of(emission.plan, emission.shards);
  std::map<std::pair<std::size_t, std::uint32_t>, std::vector<std::uint32_t>> arrays;
  for (const std::uint32_t shard : emission.wanted) {
    const std::uint32_t offset = (shard - 1) / kMostIndex * kMostIndex;
    arrays[{shards[shard - 1].node_class, offset}].push_back(shard - offset);
  }
  std::string text;
  for (const auto& [key, indices] : arrays) {
    const NodeClass& nodes = emission.plan.classes[key.first];
    text += fmt::format("array {} {}", ranges_of(indices), key.second);
    if (!nodes.constraint.empty()) text += " " + sh_word("--constraint=" + nodes.constraint);
    if (!nodes.gres.empty()) text += " " + sh_word("--gres=" + nodes.gres);
    text += "\n";
  }
  return text;
}

}  // namespace

std::string emit_slurm(const Emission& emission) {
  constexpr std::string_view kScript = R"(#!/bin/sh
# Submits the plan's shards to Slurm as arrays, and what merges their reports when all have ended. The folder is one that
# all nodes see. Whatever SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT and the like say holds for all.
set -eu
program=${{VKMEMBENCH:-{program}}}
plan={plan}
results=${{RESULTS:-$plan/results}}
case ${{1:-submit}} in
  shard) exec "$program" run --plan "$plan" --shard "$((SLURM_ARRAY_TASK_ID + $2))/{shards}" ;;
  merge) exec "$program" merge "$plan" -o "$results" ;;
  submit) ;;
  *) echo "usage: submit.sh" >&2; exit 2 ;;
esac

jobs= refused=0
# array INDICES OFFSET [OPTION...]: the shards OFFSET + each of INDICES, on nodes that the options ask for. Where no node is
# like that the others go on.
array() {{
  indices=$1 offset=$2
  shift 2
  if job=$(sbatch --parsable --requeue --job-name=vkmembench --output="$plan/logs/%A_%a.log" --array="$indices" "$@" \
      "$plan/submit.sh" shard "$offset"); then
    jobs=$jobs:${{job%%;*}}
  else
    echo "submit.sh: Slurm takes no shards $offset + $indices with '$*': give the cluster such nodes, or change the matrix" >&2
    refused=1
  fi
}}
mkdir -p "$plan/logs"
{arrays}merge=$(sbatch --parsable --job-name=vkmembench-merge --output="$plan/logs/merge-%j.log" ${{jobs:+"--dependency=afterany$jobs"}} \
  "$plan/submit.sh" merge)
echo "arrays ${{jobs#:}}, then merge ${{merge%%;*}} into $results"
exit "$refused"
)";
  return fmt::format(kScript, fmt::arg("program", sh_word(emission.program)),
                     fmt::arg("plan", sh_word(emission.folder.string())), fmt::arg("shards", emission.shards),
                     fmt::arg("arrays", arrays_of(emission)));
}

}  // namespace vkmembench
