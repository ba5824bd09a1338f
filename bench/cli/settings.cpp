#include "bench/cli/settings.h"

#include <fmt/format.h>

#include <charconv>

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

CLI::Validator whole_number() {
  return {[](std::string& text) {
            std::uint64_t value = 0;
            const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
            const bool good = status == std::errc() && end == text.data() + text.size();
            return good ? std::string() : fmt::format("'{}' is no whole number from 0 to 2^64 - 1", text);
          },
          ""};
}

}  // namespace vkmembench
