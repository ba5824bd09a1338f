#include <fmt/format.h>

#include "bench/fleet/emit.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

// As a repository names it: from its root, where the program is thought to run.
std::string folder_in_repository(const fs::path& folder) {
  const fs::path relative = folder.lexically_relative(fs::current_path());
  return relative.empty() || *relative.begin() == ".." ? folder.generic_string() : relative.generic_string();
}

// A double-quoted text of YAML.
std::string yaml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string emit_github_matrix(const Emission& emission) {
  constexpr std::string_view kWorkflow =
      R"(# The plan as a workflow: each shard a job, then one that merges their reports. Commit the plan's folder; VKMEMBENCH is the
# program on the runners, and a step before those that use it may install it.
name: vkmembench
on: workflow_dispatch
permissions:
  contents: read
env:
  VKMEMBENCH: vkmembench
  PLAN: {plan}
jobs:
  shard:
    strategy:
      fail-fast: false
      matrix:
        include:
{wanted}    runs-on: ${{{{ matrix.runs_on }}}}
    steps:
      - uses: actions/checkout@v4
      - run: '"$VKMEMBENCH" run --plan "$PLAN" --shard "${{{{ matrix.shard }}}}/{shards}"'
      - uses: actions/upload-artifact@v4
        if: ${{{{ !cancelled() }}}}
        with:
          name: shard-${{{{ matrix.shard }}}}
          path: ${{{{ env.PLAN }}}}
  merge:
    needs: shard
    if: ${{{{ !cancelled() }}}}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/download-artifact@v4
        with:
          pattern: shard-*
          path: ${{{{ env.PLAN }}}}
          merge-multiple: true
      - run: '"$VKMEMBENCH" merge "$PLAN" -o results'
      - uses: actions/upload-artifact@v4
        if: ${{{{ !cancelled() }}}}
        with:
          name: results
          path: results
)";
  const std::vector<Shard> shards = shards_of(emission.plan, emission.shards);
  std::string wanted;
  for (const std::uint32_t shard : emission.wanted) {
    const NodeClass& nodes = emission.plan.classes[shards[shard - 1].node_class];
    wanted += fmt::format("          - {{ shard: {}, runs_on: {} }}\n", shard,
                          yaml_text(nodes.runs_on.empty() ? "ubuntu-latest" : nodes.runs_on));
  }
  return fmt::format(kWorkflow, fmt::arg("plan", yaml_text(folder_in_repository(emission.folder))),
                     fmt::arg("shards", emission.shards), fmt::arg("wanted", wanted));
}

}  // namespace vkmembench
