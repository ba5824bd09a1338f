#pragma once

#include <string>
#include <vector>

#include "reports/model/advice.h"

namespace vkmembench {

// Advice for a terminal, a line each, without a line break: a heading, the choices with their names padded, who is
// beaten by whom, and the questions.
[[nodiscard]] std::vector<std::string> advice_lines(const Advice& advice);
// The same as Markdown.
[[nodiscard]] std::string advice_markdown(const Advice& advice);

}  // namespace vkmembench
