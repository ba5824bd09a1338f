#pragma once

#include <string>
#include <string_view>

namespace vkmembench {

// The text as one line of UTF-8 that a terminal, a CI runner, XML and Markdown take for nothing but text: names in
// reports and of files may hold anything. Escaped are control characters and line ends, what turns the direction of
// writing, what no XML document may hold, bytes that are no UTF-8, and the marks by which GitHub's runner knows a
// command: "::" at the start and "##[". Printable text stays as it is.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace vkmembench
