#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bench/cli/commands.h"
#include "bench/cli/scenario_files.h"
#include "bench/cli/settings.h"
#include "scenarios/scenario.h"

namespace vkmembench {

void add_expand(CLI::App& app, CommandContext& context) {
  struct Arguments {
    std::string scenario;
    std::string output;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> set;
  };
  const auto arguments = std::make_shared<Arguments>();
  app.add_option("SCENARIO", arguments->scenario, "scenario file, trace, or name of a shipped scenario")->required();
  app.add_option("-o,--output", arguments->output, "trace.jsonl, trace.jsonl.zst, or - for stdout")->required();
  app.add_option("--seed", arguments->seed, "seed of the generators")->check(natural_number());
  app.add_option("--set", arguments->set, "KEY=VALUE: a parameter of the scenario's generator")
      ->allow_extra_args(false);
  app.callback([arguments, &context] {
    context.action = [arguments](const CommandContext&) {
      const ScenarioOverrides overrides{arguments->seed, parse_settings(arguments->set), std::nullopt};
      const Trace trace = expand(load_scenario(find_scenario(arguments->scenario), overrides), overrides);
      write_trace(trace, arguments->output);
      spdlog::info("{} events, {} objects, {} frames, hash {:016x}: {}", trace.events.size(), trace.objects.size(),
                   trace.frame_count, trace.hash, arguments->output);
      return ExitCode::done;
    };
  });
}

}  // namespace vkmembench
