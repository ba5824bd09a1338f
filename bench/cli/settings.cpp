#include "bench/cli/settings.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "allocator/base/error.h"

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

CLI::Validator natural_number() {
  return {[](std::string& text) -> std::string {
            return text.starts_with('-') ? fmt::format("{} is negative, and 0 or more is taken", text) : "";
          },
          "", "natural_number"};
}

CLI::Validator some_seconds() {
  return {[](std::string& text) -> std::string {
            char* end = nullptr;
            const double seconds = std::strtod(text.c_str(), &end);
            const bool usable = end != text.c_str() && *end == '\0' && seconds > 0 && std::isfinite(seconds);
            return usable ? "" : fmt::format("'{}' is no number of seconds above 0", text);
          },
          "SECONDS", "some_seconds"};
}

}  // namespace vkmembench
