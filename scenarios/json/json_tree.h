#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vkmembench {

// The nodes behind a JsonDocument, parents before children; node 0 is the root.
struct JsonTree {
  enum class Type : std::uint8_t { null, boolean, integer, number, text, array, object };
  struct Node {
    Type type = Type::null;
    std::uint32_t line = 0;
    std::uint32_t parent = 0;
    std::string key;  // in its object
    std::variant<std::monostate, bool, std::uint64_t, std::int64_t, double, std::string> value;
    std::vector<std::uint32_t> children;
  };
  std::string file;
  std::vector<Node> nodes;

  // Throws Error for text that is not JSON, duplicate keys and deep nesting.
  static JsonTree parse(std::string_view text, std::string file, std::uint32_t first_line);
  // "/workload/mix/0"; "/" for the root.
  [[nodiscard]] std::string pointer(std::uint32_t node) const;
};

}  // namespace vkmembench
