#include "reports/judge/parameter_difference.h"

#include <nlohmann/json.hpp>

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string parameter_difference(const std::string& base, const std::string& candidate) {
  if (base == candidate) return {};
  const Json before = Json::parse(base);
  const Json after = Json::parse(candidate);
  if (!before.is_object() || !after.is_object()) return base + " -> " + candidate;
  Json keys = before;
  keys.update(after);
  const auto text = [](const Json& parameters, const std::string& key) {
    const auto found = parameters.find(key);
    if (found == parameters.end()) return std::string("none");
    return found->is_string() ? found->get<std::string>() : found->dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::string out;
  for (const auto& [key, value] : keys.items()) {
    const std::string was = text(before, key);
    const std::string is = text(after, key);
    if (was != is) out += (out.empty() ? "" : ", ") + key + ": " + was + " -> " + is;
  }
  return out;
}

}  // namespace vkmembench
