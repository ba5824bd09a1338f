#include <fmt/format.h>

#include "bench/cli/commands.h"
#include "bench/run/exit_code.h"
#include "reports/json/schemas.h"

namespace vkmembench {

void add_schema(Options& options) {
  const auto name = std::make_shared<std::string>();
  options.choice("NAME", "the format that it describes", *name,
                 {"scenario", "trace", "device", "report", "gate", "ab", "stress", "matrix", "plan", "store"});
  options.action([name](const CommandContext&) {
    const EmbeddedFile* schema = find_schema(*name);
    fmt::print("{}", whole_schema(*schema));
    return ExitCode::done;
  });
}

}  // namespace vkmembench
