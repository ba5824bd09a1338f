#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vkmembench {

// " (did you mean 'x'?)" for the candidate nearest to `word` by edit distance, empty when none is near enough to help.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

// Shell-style match: '*' any run, '?' one character, everything else itself.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace vkmembench
