#include <fmt/format.h>

#include "bench/fleet/emit.h"

namespace vkmembench {
namespace {

// The text as one word of a recipe's shell.
std::string make_word(std::string_view text) {
  std::string word;
  for (const char c : sh_word(text)) {
    word += c;
    if (c == '$') word += c;
  }
  return word;
}

}  // namespace

std::string emit_make(const Emission& emission) {
  constexpr std::string_view kMakefile =
      R"(# Runs the plan's shards, as many at once as -j says, merges their reports, and shows them as a page.
PROGRAM ?= {program}
PLAN := {plan}
RESULTS ?= {results}
PAGE ?= {results}.html
SHARDS :={wanted}

page: merge
	@$(PROGRAM) report $(RESULTS) -o $(PAGE)
merge: $(SHARDS:%=shard-%)
	@$(PROGRAM) merge $(PLAN) -o $(RESULTS)
# Of one that fails the others go on; what is missing then, the merge tells.
$(SHARDS:%=shard-%): shard-%:
	-@$(PROGRAM) run --plan $(PLAN) --shard $*/{shards} -q
.PHONY: page merge $(SHARDS:%=shard-%)
)";
  std::string wanted;
  for (const std::uint32_t shard : emission.wanted) wanted += fmt::format(" {}", shard);
  return fmt::format(kMakefile, fmt::arg("program", make_word(emission.program)),
                     fmt::arg("plan", make_word(emission.folder.string())),
                     fmt::arg("results", make_word((emission.folder / "results").string())),
                     fmt::arg("shards", emission.shards), fmt::arg("wanted", wanted));
}

}  // namespace vkmembench
