#include "bench/run/scenario_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "allocator/base/error.h"
#include "allocator/base/os/own_program.h"
#include "allocator/base/suggest.h"

namespace vkmembench {
namespace fs = std::filesystem;
namespace {

const fs::path kOwnFolder = "scenarios";
constexpr const char* kRecordedFolder = "recorded";  // of those that ship, what programs did

std::vector<fs::path> files_in(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().lexically_normal());
  }
  std::ranges::sort(files);
  return files;
}

bool is_own_folder(const fs::path& folder) {
  std::error_code ignored;
  return fs::equivalent(folder, kOwnFolder, ignored);
}

// Empty when none is where the program is.
fs::path shipped_folder() {
  const fs::path program = own_program().parent_path();
  for (const fs::path& folder : {program / "../../scenarios", program / "../share/vkmembench/scenarios"}) {
    if (!files_in(folder).empty()) return is_own_folder(folder) ? kOwnFolder : folder;
  }
  return {};
}

}  // namespace

std::vector<NamedScenario> named_scenarios() {
  std::vector<NamedScenario> scenarios;
  const fs::path shipped = shipped_folder();
  if (!shipped.empty()) {
    for (const fs::path& folder : {shipped, shipped / kRecordedFolder})
      for (const fs::path& file : files_in(folder)) scenarios.push_back({file.stem().string(), file, true});
  }
  if (shipped == kOwnFolder) return scenarios;
  const std::vector<NamedScenario> taken = scenarios;
  for (const fs::path& file : files_in(kOwnFolder)) {
    const bool is_taken = std::ranges::find(taken, file.stem().string(), &NamedScenario::name) != taken.end();
    scenarios.push_back({is_taken ? file.string() : file.stem().string(), file, false});
  }
  return scenarios;
}

fs::path find_scenario(const std::string& argument) {
  std::error_code ignored;
  if (fs::path(argument).has_parent_path() || fs::exists(argument, ignored)) return argument;
  const std::vector<NamedScenario> scenarios = named_scenarios();
  for (const NamedScenario& scenario : scenarios) {
    if (scenario.name == argument || scenario.file.filename() == argument) return scenario.file;
  }
  if (argument.find('.') != std::string::npos) return argument;
  std::vector<std::string_view> names;
  for (const NamedScenario& scenario : scenarios) names.emplace_back(scenario.name);
  throw Error(fmt::format("no file and no scenario is named '{}'{}", argument, known_words(argument, names)));
}

}  // namespace vkmembench
