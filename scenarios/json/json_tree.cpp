#include "scenarios/json/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/base/os/input_file.h"
#include "scenarios/json/json_reader.h"

namespace vkmembench {
namespace {

// Where the parser stands: the iterator that it pulls characters through keeps count of them and of the lines.
struct Position {
  const char* begin = nullptr;
  std::uint32_t line = 1;
  std::uint32_t column = 0;
};

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(Position& position, const char* at) : position_(&position), at_(at) {}
  const char& operator*() const { return *at_; }
  CountingIterator& operator++() {
    // A line break is counted with the character after it, so that a token's end still stands on the token's line.
    if (at_ != position_->begin && at_[-1] == '\n') {
      ++position_->line;
      position_->column = 0;
    }
    ++position_->column;
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  Position* position_;
  const char* at_;
};

// Receives nlohmann's SAX events and grows the tree.
class TreeMaker : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeMaker(JsonTree& tree, const Position& position) : tree_(tree), position_(position) {}

  bool null() override { return add(JsonTree::Type::null, std::monostate{}); }
  bool boolean(bool value) override { return add(JsonTree::Type::boolean, value); }
  bool number_integer(number_integer_t value) override { return add(JsonTree::Type::integer, value); }
  bool number_unsigned(number_unsigned_t value) override { return add(JsonTree::Type::integer, value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return add(JsonTree::Type::number, value);
  }
  bool string(string_t& value) override { return add(JsonTree::Type::text, std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }  // not of JSON text
  bool start_object(std::size_t /*size*/) override { return open(JsonTree::Type::object); }
  bool start_array(std::size_t /*size*/) override { return open(JsonTree::Type::array); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool end_object() override {
    refuse_duplicate_keys(tree_.nodes[open_.back()].children);
    open_.pop_back();
    return true;
  }
  bool end_array() override {
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    fail(json_error_text(error));
  }

 private:
  template <typename Value>
  bool add(JsonTree::Type type, Value value) {
    const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
    JsonTree::Node node{type, position_.line, 0, {}, std::move(value), {}};
    if (!open_.empty()) {
      node.parent = open_.back();
      node.key = std::move(key_);
      tree_.nodes[open_.back()].children.push_back(index);
    }
    tree_.nodes.push_back(std::move(node));
    return true;
  }
  bool open(JsonTree::Type type) {
    if (open_.size() == kMaxNesting) fail(fmt::format("nested deeper than {} levels; flatten it", kMaxNesting));
    const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
    add(type, std::monostate{});
    open_.push_back(index);
    return true;
  }
  void refuse_duplicate_keys(std::vector<std::uint32_t> members) const {
    const auto key_of = [&](std::uint32_t node) -> const std::string& { return tree_.nodes[node].key; };
    std::ranges::stable_sort(members, {}, key_of);
    const auto twice = std::ranges::adjacent_find(members, {}, key_of);
    if (twice == members.end()) return;
    const std::uint32_t second = *std::next(twice);
    throw Error(fmt::format("{}:{}: {}: the key is there twice; keep one", tree_.file, tree_.nodes[second].line,
                            tree_.pointer(second)));
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}:{}:{}: {}", tree_.file, position_.line, position_.column, what));
  }

  JsonTree& tree_;
  const Position& position_;
  std::vector<std::uint32_t> open_;  // objects and arrays not closed yet
  std::string key_;
};

}  // namespace

JsonTree JsonTree::parse(std::string_view text, std::string file, std::uint32_t first_line) {
  JsonTree tree;
  tree.file = std::move(file);
  Position position{.begin = text.data(), .line = first_line};
  TreeMaker maker(tree, position);
  const char* const end = text.data() + text.size();
  nlohmann::json::sax_parse(CountingIterator(position, text.data()), CountingIterator(position, end), &maker);
  return tree;
}

std::string JsonTree::pointer(std::uint32_t node) const {
  if (node == 0) return "/";
  std::string path;
  for (; node != 0; node = nodes[node].parent) {
    const Node& parent = nodes[nodes[node].parent];
    std::string step = "/";
    if (parent.type == Type::array) {
      step += std::to_string(std::ranges::lower_bound(parent.children, node) - parent.children.begin());
    } else {
      for (const char c : nodes[node].key) step += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    path.insert(0, step);
  }
  return path;
}

}  // namespace vkmembench
