#include <fmt/format.h>

#include "bench/cli/commands.h"
#include "reports/schemas.h"
#include "scenarios/scenario_schema.h"

namespace vkmembench {

void add_schema(Options& options) {
  const auto name = std::make_shared<std::string>();
  options.text("NAME", "scenario, device, report, gate or ab", *name);
  options.action([name](const CommandContext&) {
    const EmbeddedFile* schema = find_schema(*name);
    if (schema == nullptr)
      throw Error(fmt::format("no schema '{}'; there are scenario, device, report, gate and ab", *name));
    fmt::print("{}", *name == "scenario" ? scenario_schema(schema->text) : std::string(schema->text));
    return ExitCode::done;
  });
}

}  // namespace vkmembench
