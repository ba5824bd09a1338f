#include <fmt/format.h>

#include <chrono>

#include "allocator/base/os/atomic_file.h"
#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/run/exit_code.h"
#include "scenarios/profiles/import/profile_import.h"

namespace vkmembench {
namespace {

std::string today() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

}  // namespace

void add_profile(Options& options) {
  struct Arguments {
    std::string action, file, like, output;
    std::optional<std::uint64_t> gpu;
  };
  const auto arguments = std::make_shared<Arguments>();
  options.choice("ACTION", "what to do", arguments->action, {"import"});
  options.text("FILE", "what vulkaninfo or Vulkan Caps Viewer says of it", arguments->file);
  options.natural("--gpu", "which device of several, from 0", arguments->gpu);
  options.text("--like", "profile for what FILE does not say, else the vendor's", arguments->like);
  options.required_output("-o,--output", "device.json, which `sim:device.json` names; or - for stdout",
                          arguments->output);
  options.action([arguments](const CommandContext&) {
    refuse_input_as_output(arguments->output, std::vector<std::filesystem::path>{arguments->file});
    const ImportedProfile imported =
        import_profile(arguments->file, {.gpu = arguments->gpu, .like = arguments->like, .when = today()});
    write_file(arguments->output, imported.text);
    log_info(fmt::format("{}: identity, memory and limits from {}; formats, requirements and costs assumed as {}: {}",
                         imported.name, imported.kind, imported.like, arguments->output));
    return ExitCode::done;
  });
}

}  // namespace vkmembench
