#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace vkmembench {

// A name of usages or of create flags: a few are of both kinds of resource.
struct NamedBit {
  std::string_view name;
  std::uint32_t buffer = 0;
  std::uint32_t image = 0;
};
// By their names, and by their names without the suffix of an extension.
using NamedBits = std::unordered_map<std::string_view, NamedBit>;
[[nodiscard]] const NamedBits& usage_bits();
[[nodiscard]] const NamedBits& flag_bits();

}  // namespace vkmembench
