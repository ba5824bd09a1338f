#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "allocator/base/error.h"
#include "allocator/base/os/atomic_file.h"
#include "bench/capture/capture.h"
#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/cli/profile_text.h"
#include "bench/run/exit_code.h"
#include "bench/run/scenario_files.h"
#include "scenarios/profiles/import/profile_import.h"
#include "scenarios/profiles/profile_reader.h"
#include "scenarios/profiles/profile_writer.h"

namespace vkmembench {
namespace {

std::string today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

// Nothing is written of a device that is lost meanwhile.
void capture(const std::string& selector, const std::vector<std::string>& names, const std::string& output) {
  const std::vector<DeviceChoice> devices = select_devices(selector);
  if (devices.size() != 1 || devices.front().info.simulated)
    throw Error(
        fmt::format("--device {}: a capture is of one Vulkan device; `vkmembench list devices` prints them", selector));
  if (!is_stdout(output)) require_writable_file(output);
  std::vector<std::filesystem::path> files;
  for (const std::string& name : names) files.push_back(find_scenario(name));
  if (names.empty())
    for (const NamedScenario& scenario : named_scenarios()) files.push_back(scenario.file);
  const std::string text = profile_text(capture_profile(devices.front(), files, today()));
  (void)parse_profile(text, output);
  write_file(output, text);
  log_info(fmt::format("{}: captured, {} bytes: {}", devices.front().info.name, text.size(), output));
}

}  // namespace

void add_profile(Options& options) {
  struct Arguments {
    std::string action, file, like, output, device;
    std::optional<std::uint64_t> gpu;
    std::vector<std::string> scenarios;
  };
  const auto arguments = std::make_shared<Arguments>();
  options.choice("ACTION", "what to do", arguments->action, {"import", "capture", "show"});
  options.optional_text("FILE", "import: what vulkaninfo says; show: a file or a name", arguments->file);
  options.text("--device", "capture: the Vulkan device to ask and measure", arguments->device);
  options.list("--scenarios", "capture: whose requests to ask for, else all that ship", arguments->scenarios);
  options.natural("--gpu", "which device of several, from 0", arguments->gpu);
  options.text("--like", "profile for what FILE does not say, else the vendor's", arguments->like);
  options.output("-o,--output", "import, capture: profile to write; - for stdout", arguments->output);
  options.action([arguments](const CommandContext&) {
    const auto only = [&](bool typed, const char* flag, const char* action) {
      if (typed && arguments->action != action)
        throw Error(fmt::format("profile {} takes no {}; profile {} does", arguments->action, flag, action));
    };
    only(!arguments->device.empty(), "--device", "capture");
    only(!arguments->scenarios.empty(), "--scenarios", "capture");
    only(arguments->gpu.has_value(), "--gpu", "import");
    only(!arguments->like.empty(), "--like", "import");
    if (arguments->action == "show") {
      if (arguments->file.empty())
        throw Error("profile show needs a profile: a file, or a name of `vkmembench list devices` without `sim:`");
      if (!arguments->output.empty()) throw Error("profile show takes no -o; it prints to stdout");
      fmt::print("{}", profile_for_people(simulated_profile(arguments->file)));
      return ExitCode::done;
    }
    if (arguments->output.empty())
      throw Error(fmt::format("profile {} needs -o, the profile to write; - is stdout", arguments->action));
    if (arguments->action == "capture") {
      if (!arguments->file.empty())
        throw Error("profile capture takes no FILE; name the device by --device, and what to write by -o");
      capture(arguments->device.empty() ? "auto" : arguments->device, arguments->scenarios, arguments->output);
      return ExitCode::done;
    }
    if (arguments->file.empty()) throw Error("profile import needs a FILE: what vulkaninfo says of the device");
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
