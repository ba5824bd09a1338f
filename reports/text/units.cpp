#include "reports/text/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <span>

namespace vkmembench {
namespace {

// Scales by `step` until the digits before the point are below `step`, rounding included.
std::string scaled(double value, double step, std::span<const char* const> units) {
  std::size_t unit = 0;
  while (unit + 1 < units.size() && std::abs(value) >= step - 0.5) {
    value /= step;
    ++unit;
  }
  const double size = std::abs(value);
  const int decimals = (unit == 0 && value == std::trunc(value)) || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, decimals, units[unit]);
}

}  // namespace

std::string format_bytes(double bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  return scaled(bytes, 1024.0, kUnits);
}

std::string format_ns(double ns, bool utf8) {
  constexpr std::array kAscii = {"ns", "us", "ms", "s"};
  constexpr std::array kUtf8 = {"ns", "µs", "ms", "s"};
  return scaled(ns, 1000.0, utf8 ? kUtf8 : kAscii);
}

std::string format_count(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string format_hash(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

std::string format_ratio(double ratio) { return fmt::format("{:.2f}", ratio); }
std::string format_percent(double share) { return fmt::format("{:.1f} %", share * 100.0); }

std::string format_spread(double share, bool utf8) {
  return fmt::format(" {}{:.0f} %", utf8 ? "±" : "+-", std::max(1.0, std::round(share * 100.0)));
}

std::string format_value(const std::string& unit, double value) {
  if (unit == "bytes") return format_bytes(value);
  if (unit == "ns") return format_ns(value);
  if (unit == "bytes_per_s") return format_bytes(value) + "/s";
  if (unit == "count" && value >= 0 && value < 1e15) return format_count(static_cast<std::uint64_t>(value));
  return fmt::format("{:.4g}", value);
}

std::string format_change(double base, double candidate) {
  if (base == candidate) return "0 %";
  if (base == 0) return "from 0";
  const double change = (candidate / base - 1) * 100;
  return fmt::format("{:+.{}f} %", change, std::abs(change) < 0.1 ? 4 : 1);
}

}  // namespace vkmembench
