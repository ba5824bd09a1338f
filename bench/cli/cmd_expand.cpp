#include <fmt/format.h>

#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/cli/settings.h"
#include "bench/run/exit_code.h"
#include "bench/run/scenario_files.h"
#include "reports/text/units.h"
#include "scenarios/trace/packing_problem.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {

void add_expand(Options& options) {
  struct Arguments {
    std::string scenario;
    std::string output;
    std::string format = "trace";
    std::optional<std::uint64_t> seed;
    std::vector<std::string> set;
  };
  const auto arguments = std::make_shared<Arguments>();
  options.text("SCENARIO", "scenario file, trace, or name of a shipped scenario", arguments->scenario);
  options.required_output("-o,--output", "trace.jsonl, trace.jsonl.zst, problem.csv, or - for stdout",
                          arguments->output);
  options.choice("--format", "what to write: a trace, or a packing problem", arguments->format,
                 {"trace", "minimalloc"});
  options.natural("--seed", "seed of the generators", arguments->seed);
  options.list("--set", "KEY=VALUE: a parameter of the scenario's generator", arguments->set);
  options.action([arguments](const CommandContext&) {
    const ScenarioOverrides overrides{arguments->seed, parse_settings(arguments->set), std::nullopt};
    const Scenario scenario = load_scenario(find_scenario(arguments->scenario), overrides);
    warn_of_idle_seed(scenario, arguments->seed);
    refuse_input_as_output(arguments->output, input_files(scenario));
    const Trace trace = expand(scenario, overrides);
    if (arguments->format == "minimalloc") {
      const PackingSummary summary = write_packing_problem(trace, arguments->output);
      log_info(
          fmt::format("{} buffers, at least {} bytes of capacity, {} aliases and pieces of CPU memory left out: {}",
                      summary.buffers, summary.peak_bytes, summary.left_out, arguments->output));
      return ExitCode::done;
    }
    write_trace(trace, arguments->output);
    log_info(fmt::format("{} events, {} objects, {} frames, hash {}: {}", trace.events.size(), trace.objects.size(),
                         trace.frame_count, format_hash(trace.hash), arguments->output));
    return ExitCode::done;
  });
}

}  // namespace vkmembench
