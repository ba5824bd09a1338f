#include "scenarios/importers/formats/columns.h"

#include <fmt/format.h>

#include <charconv>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

[[noreturn]] void fail_column(std::string_view name, std::string_view text, std::string_view wanted) {
  constexpr std::size_t kShown = 40;
  throw Error(
      fmt::format("{} '{}{}' is not {}", name, text.substr(0, kShown), text.size() > kShown ? "..." : "", wanted));
}

}  // namespace

std::uint64_t number_of(std::string_view text, std::string_view name, std::uint64_t most) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || at != end || value > most)
    fail_column(name, text,
                most == ~std::uint64_t{0} ? "a whole number" : fmt::format("a whole number up to {}", most));
  return value;
}

std::uint64_t pointer_of(std::string_view text, std::string_view name) {
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value, 16);
  if (text == "(nil)") return 0;
  if (error != std::errc{} || at != end) fail_column(name, text, "a hexadecimal pointer");
  return value;
}

std::string_view Columns::text(std::string_view name) {
  if (done_) throw Error(fmt::format("the line ends before the column of {}", name));
  const std::size_t comma = left_.find(',');
  const std::string_view column = left_.substr(0, comma);
  done_ = comma == std::string_view::npos;
  left_.remove_prefix(done_ ? left_.size() : comma + 1);
  return column;
}

std::uint64_t Columns::number(std::string_view name, std::uint64_t most) { return number_of(text(name), name, most); }
std::uint64_t Columns::pointer(std::string_view name) { return pointer_of(text(name), name); }

void Columns::skip(std::size_t count) {
  for (; count > 0; --count) static_cast<void>(text("what follows"));
}

std::string_view Columns::rest() {
  const std::string_view all = left_;
  left_ = {};
  done_ = true;
  return all;
}

}  // namespace vkmembench
