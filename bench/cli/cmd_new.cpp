#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "allocator/base/error.h"
#include "allocator/base/os/file_io.h"
#include "bench/cli/commands.h"
#include "bench/run/exit_code.h"

namespace vkmembench {
namespace {

// NAME is replaced.
constexpr std::string_view kScenario = R"({
  "$schema": "scenario.schema.json",
  "schema": "vkmembench.scenario/1",
  "name": "NAME",
  "description": "A mesh and a texture stay, a small buffer comes and goes with each frame.",
  "comment": "`vkmembench schema scenario > scenario.schema.json` lets an editor complete this file.",
  "frames_in_flight": 2,
  "workload": { "events": [
    { "op": "frame", "comment": "What comes before the next one is loading." },

    { "comment": "Ids are numbers or texts, sizes numbers of bytes or texts with a unit.",
      "op": "buffer", "id": "mesh", "size": "4 MiB", "usage": ["vertex_buffer", "index_buffer"], "memory": "device" },
    { "op": "upload", "id": "mesh", "size": "4 MiB" },

    { "comment": "Of several formats the first that the device supports is taken; mips, layers, samples and tiling have defaults.",
      "op": "image", "id": "texture", "format": ["BC7_UNORM_BLOCK", "ASTC_4x4_UNORM_BLOCK"], "extent": [1024, 1024],
      "mips": 11, "usage": "sampled", "memory": "device", "tag": "rock" },
    { "op": "upload", "id": "texture", "size": "1 MiB" },
    { "op": "snapshot", "label": "loaded" },

    { "comment": "Sixty frames. Each creates its buffer anew and frees it; the free completes when the GPU is done.",
      "op": "repeat", "times": 60, "events": [
        { "op": "frame" },
        { "op": "buffer", "id": "constants", "size": "64 KiB", "usage": "uniform_buffer", "memory": "dynamic" },
        { "op": "write", "id": "constants", "offset": 0, "size": "64 KiB" },
        { "op": "touch", "ids": ["mesh", "texture"] },
        { "op": "free", "id": "constants" }
    ] },

    { "op": "frame" },
    { "op": "free", "ids": ["mesh", "texture"] }
  ] },
  "expect": [
    { "comment": "What must hold, else `run` ends with exit 3.", "metric": "leak.count", "max": 0 }
  ]
}
)";

std::string scenario_text(const std::string& name) {
  constexpr std::string_view kPlace = "NAME";
  std::string text(kScenario);
  return text.replace(text.find(kPlace), kPlace.size(), name);
}

void require_plain_name(const std::string& name) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (!name.empty() && name.front() != '-' && name.find_first_not_of(kPlain) == std::string::npos) return;
  throw Error(fmt::format("'{}' is no name for a scenario; use letters, digits, '_' and '-', without an ending", name));
}

// Never takes the place of a file, and leaves none that is not whole.
void write_new_file(const std::string& file, std::string_view text) {
  int descriptor = -1;
  int code = open_new(file, descriptor);
  if (code == EEXIST) throw Error(fmt::format("{}: is there already; choose another name", file));
  const bool is_made = code == 0;
  if (is_made) {
    const int failure = write_all(descriptor, text);
    code = close_file(descriptor);
    if (failure != 0) code = failure;
  }
  if (code == 0) return;
  if (is_made) remove_file(std::filesystem::path(file).c_str());
  throw Error(fmt::format("{}: cannot be written: {}; go to another folder", file, std::strerror(code)),
              ErrorKind::internal);
}

}  // namespace

void add_new(Options& options) {
  struct Arguments {
    std::string kind, name;
  };
  const auto arguments = std::make_shared<Arguments>();
  options.choice("KIND", "what to begin", arguments->kind, {"scenario"});
  options.text("NAME", "its name; NAME.json is written here", arguments->name);
  options.action([arguments](const CommandContext&) {
    require_plain_name(arguments->name);
    const std::string file = arguments->name + ".json";
    write_new_file(file, scenario_text(arguments->name));
    fmt::print(
        "{0}: a scenario to change\n\n"
        "  vkmembench validate {0}\n"
        "  vkmembench run {0} --device sim:amd-rx-6600\n"
        "  vkmembench schema scenario > scenario.schema.json    # an editor then completes it\n",
        file);
    return ExitCode::done;
  });
}

}  // namespace vkmembench
