#include "bench/cli/scenario_files.h"

#include <algorithm>
#include <system_error>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"

namespace vkmembench {
namespace fs = std::filesystem;

std::vector<fs::path> shipped_scenarios() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& folder :
       {fs::path("scenarios"), program / "../../scenarios", program / "../share/vkmembench/scenarios"}) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path().lexically_normal());
    }
    std::ranges::sort(files);
    if (!files.empty()) return files;
  }
  return {};
}

fs::path find_scenario(const std::string& argument) {
  std::error_code ignored;
  if (argument.find('/') != std::string::npos || fs::exists(argument, ignored)) return argument;
  for (const fs::path& file : shipped_scenarios()) {
    if (file.stem() == argument || file.filename() == argument) return file;
  }
  if (argument.find('.') != std::string::npos) return argument;
  std::vector<std::string> names;
  for (const fs::path& file : shipped_scenarios()) names.push_back(file.stem().string());
  const std::vector<std::string_view> views(names.begin(), names.end());
  throw Error("no file and no shipped scenario is named '" + argument + "'" + did_you_mean(argument, views) +
              "; `vkmembench list scenarios` prints those that ship");
}

}  // namespace vkmembench
