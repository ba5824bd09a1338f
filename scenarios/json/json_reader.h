#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "allocator/base/error.h"

namespace vkmembench {

struct JsonTree;
class Problems;

// A value of a JsonDocument, which outlives it. Its questions throw Error, one line, "FILE:LINE: /json/pointer: what;
// remedy", when the value is not what is asked for.
class JsonValue {
 public:
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool is_string() const;
  [[nodiscard]] bool is_number() const;
  [[nodiscard]] bool is_boolean() const;

  // Of an object: the member, nullopt when it has none of that name; at() throws then.
  [[nodiscard]] std::optional<JsonValue> find(std::string_view key) const;
  [[nodiscard]] JsonValue at(std::string_view key) const;
  // Throws, with a suggestion, when the object has a member of another name.
  void only_keys(std::span<const std::string_view> allowed) const;
  void only_keys(std::initializer_list<std::string_view> allowed) const {
    only_keys({allowed.begin(), allowed.size()});
  }
  // Adds each of them to the problems instead.
  void only_keys(std::span<const std::string_view> allowed, Problems& problems) const;
  [[nodiscard]] std::vector<JsonValue> items() const;  // of an array
  [[nodiscard]] std::vector<std::pair<std::string, JsonValue>> members()
      const;  // of an object, in the order of the file

  [[nodiscard]] std::uint64_t integer(std::uint64_t min, std::uint64_t max) const;
  // An integer, or a text that parse_bytes() takes.
  [[nodiscard]] std::uint64_t bytes(std::uint64_t min, std::uint64_t max) const;
  [[nodiscard]] double number(double min, double max) const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::string text() const;
  // The value and everything below it.
  [[nodiscard]] nlohmann::ordered_json json() const;

  // "FILE:LINE: /json/pointer".
  [[nodiscard]] std::string place() const;
  // Throws Error with the place of this value before the message.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonTree& tree, std::uint32_t node) : tree_(&tree), node_(node) {}
  const JsonTree* tree_;
  std::uint32_t node_;
};

// What `read` gives. An Error of bad input that it throws gets the place of the value before its message.
template <typename Read>
auto at_place(const JsonValue& json, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_input) throw;
    json.fail(error.what());
  }
}

// Checks the text for readers that an object may hold as its `comment`. Throws Error for anything but a text.
void read_comment(const JsonValue& object);

// A parsed JSON text that knows where each value stands.
class JsonDocument {
 public:
  // `file` names the text in messages, in which it begins with this line. Throws Error with FILE:LINE:COLUMN for text
  // that is not JSON, numbers beyond a double, duplicate keys and nesting deeper than 64.
  [[nodiscard]] static JsonDocument parse(std::string_view text, std::string file, std::uint32_t first_line = 1);
  // Parses a file. Throws Error also when it is missing, unreadable, a folder or empty.
  [[nodiscard]] static JsonDocument read(const std::filesystem::path& file);

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  [[nodiscard]] JsonValue root() const { return {*tree_, 0}; }

 private:
  explicit JsonDocument(std::unique_ptr<JsonTree> tree);
  std::unique_ptr<JsonTree> tree_;
};

// What nlohmann's exceptions say after their number and position.
[[nodiscard]] std::string json_error_text(const std::exception& error);

// The bytes of a file. Throws Error when it is missing, unreadable, a folder or empty.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& file);

}  // namespace vkmembench
