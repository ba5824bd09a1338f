#include "scenarios/json/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "allocator/base/byte_text.h"
#include "allocator/base/error.h"
#include "allocator/base/os/input_file.h"
#include "allocator/base/suggest.h"
#include "scenarios/json/json_tree.h"
#include "scenarios/json/problems.h"

namespace vkmembench {
namespace {

using Type = JsonTree::Type;

std::string_view type_name(Type type) {
  switch (type) {
    case Type::null:
      return "null";
    case Type::boolean:
      return "a boolean";
    case Type::integer:
      return "an integer";
    case Type::number:
      return "a number";
    case Type::text:
      return "a string";
    case Type::array:
      return "an array";
    case Type::object:
      return "an object";
  }
  return "nothing";
}

}  // namespace

bool JsonValue::is_object() const { return tree_->nodes[node_].type == Type::object; }
bool JsonValue::is_array() const { return tree_->nodes[node_].type == Type::array; }
bool JsonValue::is_string() const { return tree_->nodes[node_].type == Type::text; }
bool JsonValue::is_boolean() const { return tree_->nodes[node_].type == Type::boolean; }
bool JsonValue::is_number() const {
  const Type type = tree_->nodes[node_].type;
  return type == Type::integer || type == Type::number;
}

std::string JsonValue::place() const {
  return fmt::format("{}:{}: {}", tree_->file, tree_->nodes[node_].line, tree_->pointer(node_));
}

void JsonValue::fail(const std::string& message) const { throw Error(fmt::format("{}: {}", place(), message)); }

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  const JsonTree::Node& node = tree_->nodes[node_];
  if (node.type != Type::object) fail(fmt::format("is {}, not an object", type_name(node.type)));
  for (const std::uint32_t child : node.children) {
    if (tree_->nodes[child].key == key) return JsonValue(*tree_, child);
  }
  return std::nullopt;
}

JsonValue JsonValue::at(std::string_view key) const {
  const std::optional<JsonValue> value = find(key);
  if (!value) fail(fmt::format("'{}' is missing; add it", key));
  return *value;
}

void JsonValue::only_keys(std::span<const std::string_view> allowed) const {
  Problems problems;
  only_keys(allowed, problems);
  problems.finish();
}

void JsonValue::only_keys(std::span<const std::string_view> allowed, Problems& problems) const {
  for (const auto& [key, value] : members()) {
    if (std::ranges::find(allowed, key) != allowed.end()) continue;
    problems.add(fmt::format("{}: unknown key '{}'{}; the keys here are {}", value.place(), key,
                             did_you_mean(key, allowed), fmt::join(allowed, ", ")));
  }
}

std::vector<JsonValue> JsonValue::items() const {
  const JsonTree::Node& node = tree_->nodes[node_];
  if (node.type != Type::array) fail(fmt::format("is {}, not an array", type_name(node.type)));
  std::vector<JsonValue> values;
  values.reserve(node.children.size());
  for (const std::uint32_t child : node.children) values.push_back(JsonValue(*tree_, child));
  return values;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
  const JsonTree::Node& node = tree_->nodes[node_];
  if (node.type != Type::object) fail(fmt::format("is {}, not an object", type_name(node.type)));
  std::vector<std::pair<std::string, JsonValue>> values;
  values.reserve(node.children.size());
  for (const std::uint32_t child : node.children) {
    values.emplace_back(tree_->nodes[child].key, JsonValue(*tree_, child));
  }
  return values;
}

std::uint64_t JsonValue::integer(std::uint64_t min, std::uint64_t max) const {
  const JsonTree::Node& node = tree_->nodes[node_];
  if (node.type != Type::integer) {
    fail(fmt::format("is {}, not an integer from {} to {}", type_name(node.type), min, max));
  }
  const auto* value = std::get_if<std::uint64_t>(&node.value);
  if (value == nullptr) {
    fail(fmt::format("{} is not from {} to {}", std::get<std::int64_t>(node.value), min, max));
  }
  if (*value < min || *value > max) fail(fmt::format("{} is not from {} to {}", *value, min, max));
  return *value;
}

std::uint64_t JsonValue::bytes(std::uint64_t min, std::uint64_t max) const {
  if (!is_string()) return integer(min, max);
  const std::optional<Bytes> value = parse_bytes(text());
  if (!value) fail(fmt::format("\"{}\" is not {}, from {} to {}", text(), kByteTexts, min, max));
  if (*value < min || *value > max) fail(fmt::format("\"{}\" is not from {} to {} bytes", text(), min, max));
  return *value;
}

double JsonValue::number(double min, double max) const {
  const JsonTree::Node& node = tree_->nodes[node_];
  double value = 0;
  if (const auto* real = std::get_if<double>(&node.value)) {
    value = *real;
  } else if (const auto* natural = std::get_if<std::uint64_t>(&node.value)) {
    value = static_cast<double>(*natural);
  } else if (const auto* negative = std::get_if<std::int64_t>(&node.value)) {
    value = static_cast<double>(*negative);
  } else {
    fail(fmt::format("is {}, not a number from {} to {}", type_name(node.type), min, max));
  }
  if (value < min || value > max) fail(fmt::format("{} is not from {} to {}", value, min, max));
  return value;
}

bool JsonValue::boolean() const {
  const JsonTree::Node& node = tree_->nodes[node_];
  if (node.type != Type::boolean) fail(fmt::format("is {}, not true or false", type_name(node.type)));
  return std::get<bool>(node.value);
}

std::string JsonValue::text() const {
  const JsonTree::Node& node = tree_->nodes[node_];
  if (node.type != Type::text) fail(fmt::format("is {}, not a string", type_name(node.type)));
  return std::get<std::string>(node.value);
}

nlohmann::ordered_json JsonValue::json() const {
  const JsonTree::Node& node = tree_->nodes[node_];
  nlohmann::ordered_json json;
  switch (node.type) {
    case Type::null:
      break;
    case Type::boolean:
      json = std::get<bool>(node.value);
      break;
    case Type::text:
      json = std::get<std::string>(node.value);
      break;
    case Type::number:
      json = std::get<double>(node.value);
      break;
    case Type::integer:
      if (const auto* natural = std::get_if<std::uint64_t>(&node.value)) {
        json = *natural;
      } else {
        json = std::get<std::int64_t>(node.value);
      }
      break;
    case Type::array:
      json = nlohmann::ordered_json::array();
      for (const JsonValue& item : items()) json.push_back(item.json());
      break;
    case Type::object:
      json = nlohmann::ordered_json::object();
      for (const auto& [key, value] : members()) json[key] = value.json();
      break;
  }
  return json;
}

void read_comment(const JsonValue& object) {
  if (const auto comment = object.find("comment")) static_cast<void>(comment->text());
}

JsonDocument::JsonDocument(std::unique_ptr<JsonTree> tree) : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonDocument JsonDocument::parse(std::string_view text, std::string file, std::uint32_t first_line) {
  return JsonDocument(std::make_unique<JsonTree>(JsonTree::parse(text, std::move(file), first_line)));
}

JsonDocument JsonDocument::read(const std::filesystem::path& file) {
  return parse(read_text_file(file), file.string());
}

std::string json_error_text(const std::exception& error) {
  // "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error while ..."
  std::string_view text = error.what();
  if (const auto number = text.find("] "); number != std::string_view::npos) text.remove_prefix(number + 2);
  if (text.starts_with("parse error")) {
    if (const auto place = text.find(": "); place != std::string_view::npos) text.remove_prefix(place + 2);
  }
  return std::string(text);
}

std::string read_text_file(const std::filesystem::path& file) {
  std::string text = read_file(file);
  if (text.empty()) throw Error(fmt::format("{}: is empty; give a JSON document", file.string()));
  return text;
}

}  // namespace vkmembench
