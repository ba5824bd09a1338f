#include "bench/cli/settings.h"

#include <fmt/format.h>

#include "allocator/base/error.h"
#include "bench/cli/log.h"

namespace vkmembench {

std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>& items) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const std::string& item : items) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0) throw Error(fmt::format("--set '{}' is not KEY=VALUE", item));
    settings.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  return settings;
}

void warn_of_idle_seed(const Scenario& scenario, const std::optional<std::uint64_t>& seed) {
  if (seed && !uses_seed(scenario))
    log_warning(fmt::format("--seed {} changes nothing: '{}' has no generator", *seed, scenario.name));
}

}  // namespace vkmembench
