#pragma once

#include <cstddef>
#include <optional>

namespace vkmembench {

enum class Stream { input = 0, output = 1, errors = 2 };

// Whether the stream is a terminal.
[[nodiscard]] bool is_terminal(Stream stream);
// The same of one that takes escape sequences for colour and for clearing a line.
[[nodiscard]] bool takes_escapes(Stream stream);
// Columns of the terminal; nullopt when there is none or it does not tell.
[[nodiscard]] std::optional<std::size_t> terminal_columns(Stream stream);
// Whether what reads stdout takes UTF-8.
[[nodiscard]] bool stdout_is_utf8();

}  // namespace vkmembench
