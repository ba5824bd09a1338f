#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/os/input_file.h"
#include "scenarios/importers/formats/import.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/plain_json.h"

namespace vkmembench {

// A value that holds no others.
struct JsonScalar {
  enum class Kind : std::uint8_t { number, text, other } kind = Kind::other;  // whole numbers from 0 on; also of texts
  std::uint64_t number = 0;
  std::string_view text;
};

// Where in a JSON text a value or container stands: the keys that lead to it, of which those of array elements are
// empty.
class JsonPath {
 public:
  [[nodiscard]] std::size_t depth() const { return depth_; }
  // 0: the outermost key.
  [[nodiscard]] std::string_view key(std::size_t level) const { return keys_[level]; }
  [[nodiscard]] std::string_view last() const { return depth_ == 0 ? std::string_view() : keys_[depth_ - 1]; }
  [[nodiscard]] bool is_in(std::size_t level, std::string_view name) const {
    return level < depth_ && keys_[level] == name;
  }

 private:
  template <typename Handler>
  friend class JsonEvents;
  std::array<std::string_view, kMaxNesting> keys_;
  std::size_t depth_ = 0;
  std::vector<std::string> texts_;  // of keys that do not outlive the event which tells them
};

// Receives SAX events, nlohmann's or of PlainJsonScanner, and tells a handler of values, and of begin and end of
// containers, with their paths:
//   bool value(const JsonPath&, const JsonScalar&); bool begin(const JsonPath&); bool end(const JsonPath&);
// of which false ends the parse.
template <typename Handler>
class JsonEvents {
 public:
  // Keeps the first `told` of them to itself. Requires a path of nothing else; what it got memory for serves the next
  // text.
  JsonEvents(Handler& handler, JsonPath& path, std::uint64_t told = 0) : handler_(handler), path_(path), left_(told) {
    path_.depth_ = 0;
  }
  [[nodiscard]] std::uint64_t told() const { return told_; }

  bool null() { return value({}); }
  bool boolean(bool /*value*/) { return value({}); }
  bool number_integer(std::int64_t /*value*/) { return value({}); }  // those below 0
  bool number_unsigned(std::uint64_t number) { return value({JsonScalar::Kind::number, number, {}}); }
  bool number_float(double /*value*/, const std::string& /*text*/) { return value({}); }
  bool string(std::string_view text) { return value({JsonScalar::Kind::text, 0, text}); }
  bool binary(nlohmann::json::binary_t& /*value*/) { return false; }
  bool key(std::string_view name) {  // which outlives the event
    path_.keys_[path_.depth_ - 1] = name;
    return true;
  }
  bool key(std::string& name) {
    if (path_.texts_.empty()) path_.texts_.resize(kMaxNesting);
    std::string& text = path_.texts_[path_.depth_ - 1];
    text.swap(name);
    path_.keys_[path_.depth_ - 1] = text;
    return true;
  }
  bool start_object(std::size_t /*size*/) { return begin(); }
  bool start_array(std::size_t /*size*/) { return begin(); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  [[noreturn]] bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                                const nlohmann::detail::exception& error) {
    throw Error("malformed JSON: " + json_error_text(error));
  }

 private:
  // Whether the handler hears of what happens now.
  bool is_news() {
    ++told_;
    return told_ > left_;
  }
  bool value(const JsonScalar& scalar) { return !is_news() || handler_.value(path_, scalar); }
  bool begin() {
    if (path_.depth_ == kMaxNesting) throw Error("JSON nested deeper than 64; nothing of the format is");
    const bool go_on = !is_news() || handler_.begin(path_);
    path_.keys_[path_.depth_++] = {};
    return go_on;
  }
  bool end() {
    --path_.depth_;
    return !is_news() || handler_.end(path_);
  }

  Handler& handler_;
  JsonPath& path_;
  std::uint64_t left_;  // to itself
  std::uint64_t told_ = 0;
};

// Parses the texts of lines, each to its end unless the handler ends it.
class JsonLineParser {
 public:
  // Throws Error for what is no JSON.
  template <typename Handler>
  void parse(std::string_view line, Handler& handler) {
    JsonEvents<Handler> plain(handler, path_);
    if (PlainJsonScanner(line, plain).scan() != PlainJson::not_plain) return;
    JsonEvents<Handler> events(handler, path_, plain.told());
    nlohmann::json::sax_parse(line.data(), line.data() + line.size(), &events);
  }

 private:
  JsonPath path_;
};

// The characters of an import's lines, which one JSON text spreads over.
class LineCharacters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  LineCharacters() = default;  // the end
  explicit LineCharacters(Import& import) : import_(&import) { next_line(); }

  char operator*() const { return at_ < line_.size() ? line_[at_] : '\n'; }
  LineCharacters& operator++() {
    if (at_++ >= line_.size()) next_line();
    return *this;
  }
  LineCharacters operator++(int) {
    LineCharacters before = *this;
    ++*this;
    return before;
  }
  bool operator==(const LineCharacters& other) const { return import_ == other.import_; }

 private:
  void next_line() {
    at_ = 0;
    if (!import_->next_line(line_)) import_ = nullptr;
  }

  Import* import_ = nullptr;  // null at the end
  std::string_view line_;
  std::size_t at_ = 0;
};

// Parses the whole text of an import. Throws Error for what is no JSON.
template <typename Handler>
void parse_json(Import& import, Handler& handler) {
  JsonPath path;
  JsonEvents<Handler> events(handler, path);
  nlohmann::json::sax_parse(LineCharacters(import), LineCharacters(), &events);
}

}  // namespace vkmembench
