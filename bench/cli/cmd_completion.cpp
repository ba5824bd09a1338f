#include <fmt/format.h>

#include "bench/cli/commands.h"
#include "bench/cli/completion.h"
#include "bench/run/exit_code.h"

namespace vkmembench {

void add_completion(Options& options) {
  const auto shell = std::make_shared<std::string>();
  std::vector<std::string> names;
  for (const Shell& one : shells()) names.emplace_back(one.name);
  options.choice("SHELL", "which shell it is for", *shell, std::move(names));
  options.action([shell, program = options.program()](const CommandContext&) {
    for (const Shell& one : shells()) {
      if (one.name == *shell) fmt::print("{}", one.script(program()));
    }
    return ExitCode::done;
  });
}

}  // namespace vkmembench
