#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vkmembench {

// " (did you mean 'x'?)" for the candidate nearest to `word` by edit distance, empty when none is near enough to help.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

// did_you_mean(), then the candidates: " (did you mean 'x'?); there are x, y and z". Of more than a message holds the
// nearest.
[[nodiscard]] std::string known_words(std::string_view word, std::span<const std::string_view> candidates);
// The same over rows that have a `name`; empty names are left out.
template <typename Rows>
[[nodiscard]] std::string known_names(std::string_view word, const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) {
    if (!row.name.empty()) names.push_back(row.name);
  }
  return known_words(word, names);
}

// Shell-style match: '*' any run, '?' one character, everything else itself.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace vkmembench
