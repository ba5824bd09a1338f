#include "allocator/base/suggest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace vkmembench {
namespace {

// Levenshtein distance, one row of the table at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? std::string() : " (did you mean '" + std::string(nearest) + "'?)";
}

std::string known_words(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t kMost = 40;
  constexpr std::size_t kNearest = 8;
  if (candidates.empty()) return "; there are none";
  std::vector<std::string_view> listed(candidates.begin(), candidates.end());
  std::string text = did_you_mean(word, candidates);
  if (listed.size() > kMost) {
    const auto far = [&](std::string_view candidate) { return edit_distance(word, candidate); };
    std::ranges::stable_sort(listed, {}, far);
    listed.resize(kNearest);
    text += "; the nearest of " + std::to_string(candidates.size()) + " are ";
  } else {
    text += "; there " + std::string(listed.size() == 1 ? "is " : "are ");
  }
  for (std::size_t i = 0; i < listed.size(); ++i)
    text.append(i == 0 ? "" : i + 1 == listed.size() ? " and " : ", ").append(listed[i]);
  return text;
}

bool glob_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace vkmembench
