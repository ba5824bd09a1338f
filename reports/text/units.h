#pragma once

#include <cstdint>
#include <string>

#include "allocator/base/bytes.h"

namespace vkmembench {

// Three significant digits and a unit, for people: "0 B", "1.50 KiB", "23.4 MiB", "1.00 GiB".
[[nodiscard]] std::string format_bytes(double bytes);
// "0 ns", "850 ns", "1.25 us", "16.7 ms", "2.00 s"; with `utf8` microseconds are "µs".
[[nodiscard]] std::string format_ns(double ns, bool utf8 = false);
// Whole numbers with thousands apart: "48,213".
[[nodiscard]] std::string format_count(std::uint64_t count);
// "1.07", with two decimals.
[[nodiscard]] std::string format_ratio(double ratio);
// Sixteen hexadecimal digits.
[[nodiscard]] std::string format_hash(std::uint64_t hash);
// A share of one in percent: "12.3 %".
[[nodiscard]] std::string format_percent(double share);
// Half of an interval's width, as a share of what it belongs to, to stand behind that: " ±8 %".
[[nodiscard]] std::string format_spread(double share, bool utf8 = false);
// A metric's value in the unit that its report names ("bytes", "ns", "count", ...).
[[nodiscard]] std::string format_value(const std::string& unit, double value);
// How far a value is from another, in percent with its sign: "+12.5 %", "-3.0 %"; "from 0" where there is no ratio.
[[nodiscard]] std::string format_change(double base, double candidate);

}  // namespace vkmembench
