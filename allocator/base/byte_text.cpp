#include "allocator/base/byte_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace vkmembench {
namespace {

struct Unit {
  std::string_view name;
  Bytes bytes;
};
constexpr std::array<Unit, 4> kUnits = {{{"KiB", kKiB}, {"MiB", kMiB}, {"GiB", kGiB}, {"B", 1}}};

// That many bytes of a unit, from the digits after a point.
std::optional<Bytes> parse_fraction(std::string_view digits, Bytes unit) {
  constexpr std::size_t kMostDigits = 18;
  const std::optional<std::uint64_t> value = parse_digits(digits);
  if (!value) return std::nullopt;
  digits = digits.substr(0, digits.find_last_not_of('0') + 1);
  if (digits.empty()) return 0;
  if (digits.size() > kMostDigits) return std::nullopt;
  std::uint64_t one = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) one *= 10;
  const unsigned __int128 scaled = static_cast<unsigned __int128>(*parse_digits(digits)) * unit;
  if (scaled % one != 0) return std::nullopt;
  return static_cast<Bytes>(scaled / one);
}

}  // namespace

std::optional<std::uint64_t> parse_digits(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  const auto unit = std::ranges::find_if(kUnits, [&](const Unit& row) { return text.ends_with(row.name); });
  if (unit == kUnits.end()) return parse_digits(text);
  text.remove_suffix(unit->name.size());
  if (text.ends_with(' ')) text.remove_suffix(1);
  const std::size_t point = text.find('.');
  const std::optional<std::uint64_t> whole = parse_digits(text.substr(0, point));
  const std::optional<Bytes> bytes = whole ? checked_multiply(*whole, unit->bytes) : std::nullopt;
  if (!bytes || point == std::string_view::npos) return bytes;
  const std::optional<Bytes> rest = parse_fraction(text.substr(point + 1), unit->bytes);
  return rest ? checked_add(*bytes, *rest) : std::nullopt;
}

}  // namespace vkmembench
