#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "allocator/base/bytes.h"

namespace vkmembench {

// The whole number from 0 to 2^64 - 1 that the text is, in digits alone; nullopt for other text.
[[nodiscard]] std::optional<std::uint64_t> parse_digits(std::string_view text);

// What the text spells: a whole number of bytes, or a number with B, KiB, MiB or GiB, one blank between them or none,
// such as "4096", "64MiB" and "1.5 GiB". nullopt for other text, for parts of a byte, and above 64 bits.
[[nodiscard]] std::optional<Bytes> parse_bytes(std::string_view text);

// How messages name what parse_bytes() takes.
inline constexpr std::string_view kByteTexts = "a number of bytes; KiB, MiB or GiB may follow";

}  // namespace vkmembench
