#pragma once

#include <cstdint>
#include <string_view>

namespace vkmembench {

// The columns of a line of comma-separated values, one after the other. What is read throws Error, without a place,
// when the line has no more columns or the next is not what is asked for.
class Columns {
 public:
  explicit Columns(std::string_view line) : left_(line) {}

  [[nodiscard]] bool done() const { return done_; }  // whether all were read
  [[nodiscard]] std::string_view text(std::string_view name);
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t most = ~std::uint64_t{0});
  [[nodiscard]] std::uint32_t number32(std::string_view name) {
    return static_cast<std::uint32_t>(number(name, ~std::uint32_t{0}));
  }
  [[nodiscard]] std::uint64_t pointer(std::string_view name);  // hexadecimal, with 0x or without
  void skip(std::size_t count);
  // Everything that was not read, commas included; empty when all was.
  [[nodiscard]] std::string_view rest();

 private:
  std::string_view left_;
  bool done_ = false;
};

// Of a whole text. Throws Error naming it.
[[nodiscard]] std::uint64_t number_of(std::string_view text, std::string_view name,
                                      std::uint64_t most = ~std::uint64_t{0});
[[nodiscard]] std::uint64_t pointer_of(std::string_view text, std::string_view name);

}  // namespace vkmembench
