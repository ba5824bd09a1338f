#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "allocator/base/os/child_process.h"
#include "allocator/base/os/file_io.h"
#include "allocator/base/os/own_program.h"
#include "bench/cli/commands.h"
#include "bench/cli/imported.h"
#include "bench/cli/listening.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/run/build_info.h"
#include "bench/run/exit_code.h"
#include "scenarios/recording/record_settings.h"
#include "scenarios/trace/trace_reader.h"

namespace vkmembench {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kRecordingSuffix = ".jsonl.zst";
constexpr const char* kManifest = "VkLayer_vkmembench_record.json";

// The folder with the layer's manifest: that of the program, or where it is installed.
fs::path layer_folder() {
  const fs::path program = own_program().parent_path();
  for (const fs::path& folder : {program, (program / "../share/vulkan/implicit_layer.d").lexically_normal()}) {
    std::error_code ignored;
    if (fs::exists(folder / kManifest, ignored)) return folder;
  }
  throw Error(fmt::format("{}: the layer that records is not beside the program; build all, or install", kManifest),
              ErrorKind::internal);
}

// The value before what the variable holds already.
std::string put_before(const std::string& value, const char* name) {
  const char* held = std::getenv(name);
  return held == nullptr || *held == '\0' ? value : fmt::format("{}:{}", value, held);
}

// What a program needs to be recorded into the folder.
EnvironmentChanges layer_variables(const fs::path& name,
                                   const std::vector<std::pair<const char*, std::string>>& settings) {
  EnvironmentChanges variables = {{"VK_ADD_LAYER_PATH", put_before(layer_folder().string(), "VK_ADD_LAYER_PATH")},
                                  {"VK_INSTANCE_LAYERS", put_before(std::string(kRecordLayer), "VK_INSTANCE_LAYERS")},
                                  {environment_name("file"), fs::absolute(name).string()}};
  for (const auto& [setting, text] : settings)
    if (!text.empty()) variables.emplace_back(environment_name(setting), text);
  return variables;
}

// Refuses what the layer would.
void require_settings(const std::vector<std::pair<const char*, std::string>>& settings) {
  RecordSettings ignored;
  for (const auto& [name, text] : settings) {
    const auto row = std::ranges::find(record_settings(), name, &RecordSetting::name);
    if (text.empty()) continue;
    try {
      row->set(ignored, text);
    } catch (const Error& error) {
      std::string option(name);
      std::ranges::replace(option, '_', '-');
      throw Error(fmt::format("--{}: {}", option, error.what()));
    }
  }
}

// A folder beside the output, so that what is recorded in it can be moved there.
class RecordingFolder {
 public:
  explicit RecordingFolder(const fs::path& output) {
    try {
      path_ = make_unique_folder(output.parent_path() / ".vkmembench-recording-");
    } catch (const fs::filesystem_error& error) {
      throw Error(fmt::format("{}: cannot be made; choose another folder for -o", error.path1().string()),
                  ErrorKind::internal);
    }
  }
  ~RecordingFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  RecordingFolder(const RecordingFolder&) = delete;
  RecordingFolder& operator=(const RecordingFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

  // What was recorded, moved to the output: one file takes its name, several have those of their processes and devices.
  [[nodiscard]] std::vector<fs::path> move_to(const fs::path& output) const {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(path_)) files.push_back(entry.path());
    std::ranges::sort(files);
    for (fs::path& file : files) {
      const fs::path target = files.size() == 1 ? output : output.parent_path() / file.filename();
      fs::rename(file, target);
      file = target;
    }
    return files;
  }

 private:
  fs::path path_;
};

void tell_of(const fs::path& file) {
  const Trace trace = read_trace(file, 0);
  log_trace(trace, trace.recorded.left_out, file.string());
}

}  // namespace

void add_record(Options& options) {
  struct Arguments {
    std::vector<std::string> program;
    std::string output, frames, max_bytes, frame_on;
    bool anonymize = false;
  };
  const auto arguments = std::make_shared<Arguments>();
  options.list("PROGRAM", "after `--`: the program, and its arguments", arguments->program);
  options.output("-o,--output", "trace.jsonl.zst; PROGRAM.jsonl.zst here without", arguments->output);
  options.text("--frames", "A-B: from the begin of frame A to the end of frame B", arguments->frames);
  options.text("--max-bytes", "where the recording ends, such as '64 MiB'", arguments->max_bytes);
  options.choice("--frame-on", "what ends a frame; auto without", arguments->frame_on,
                 std::vector<std::string>(kFrameOnNames.begin(), kFrameOnNames.end()));
  options.flag("--anonymize", "leave out the names of objects", arguments->anonymize);
  options.action([arguments](const CommandContext&) {
    if (!build_info().records)
      throw Error("record: this build has no layer that records programs; record on Linux, and replay the trace here",
                  ErrorKind::internal);
    const std::vector<std::pair<const char*, std::string>> settings = {
        {"frames", arguments->frames},
        {"max_bytes", arguments->max_bytes},
        {"frame_on", arguments->frame_on},
        {"anonymize", arguments->anonymize ? "true" : ""}};
    require_settings(settings);
    const std::string& program = arguments->program.front();
    fs::path output = arguments->output;
    if (output.empty()) output = fs::path(program).filename().string() + std::string(kRecordingSuffix);
    if (!output.string().ends_with(kRecordingSuffix))
      throw Error(fmt::format("-o {}: a recording's name ends in {}", output.string(), kRecordingSuffix));
    require_writable_file(output);
    const RecordingFolder folder(output);
    const EnvironmentChanges variables = layer_variables(folder.path() / output.filename(), settings);
    int code = 0;
    {
      const Listening listening;
      code = run_in_front(arguments->program, variables, listening.stop()).code;
    }
    const std::vector<fs::path> files = folder.move_to(output);
    for (const fs::path& file : files) tell_of(file);
    if (!files.empty()) return static_cast<ExitCode>(code);
    const std::string nothing = fmt::format(
        "{}: nothing was recorded: it made no Vulkan device that allocated memory; is it the program itself that "
        "draws, with Vulkan?",
        program);
    throw ExitError(nothing, code == 0 ? ExitCode::no_device : static_cast<ExitCode>(code));
  });
}

}  // namespace vkmembench
