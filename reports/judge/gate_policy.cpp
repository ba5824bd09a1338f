#include "reports/judge/gate_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 10> kStats = {"p50",  "p90", "p99",     "p999", "max",
                                                     "mean", "n",   "at_peak", "end",  "worst"};

// What follows the last dot when it is a stat; empty for a headline.
std::string_view stat_of(std::string_view id) {
  const std::size_t dot = id.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view last = id.substr(dot + 1);
  return std::ranges::find(kStats, last) == kStats.end() ? std::string_view{} : last;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// nullopt unless the whole text is a finite number.
std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<LimitTerm> term_of(std::string_view text) {
  using Kind = LimitTerm::Kind;
  LimitTerm term;
  double scale = 1;
  bool may_be_negative = false;
  if (text.starts_with("max ") || text.starts_with("min ")) {
    term.kind = text.starts_with("max ") ? Kind::most : Kind::least;
    text = trimmed(text.substr(4));
    may_be_negative = true;
  } else if (text.ends_with('%')) {
    term.kind = Kind::worse_by_share;
    text = trimmed(text.substr(text.starts_with('+') ? 1 : 0));
    text.remove_suffix(1);
    scale = 0.01;
  } else if (text.starts_with('+')) {
    text.remove_prefix(1);
  } else {
    return std::nullopt;
  }
  const std::optional<double> value = number_of(trimmed(text));
  if (!value || (*value < 0 && !may_be_negative)) return std::nullopt;
  term.value = *value * scale;
  return term;
}

}  // namespace

bool matches_metric(std::string_view pattern, std::string_view id) {
  return pattern == "*" || (stat_of(pattern) == stat_of(id) && glob_match(pattern, id));
}

std::string unknown_metric(std::string_view pattern) {
  std::vector<std::string> ids;
  for (const MetricInfo& info : metric_table()) {
    ids.emplace_back(info.id);
    for (std::string_view rest = info.stats; !rest.empty();) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      ids.push_back(fmt::format("{}.{}", info.id, rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  if (std::ranges::any_of(ids, [&](const std::string& id) { return matches_metric(pattern, id); })) return {};
  return fmt::format("'{}' is no metric{}", pattern,
                     known_words(pattern, std::vector<std::string_view>(ids.begin(), ids.end())));
}

bool matches(const GateRule& rule, const GateSubject& subject) {
  return (glob_match(rule.scenario, subject.scenario) || glob_match(rule.scenario, subject.path)) &&
         glob_match(rule.device, subject.device) && glob_match(rule.strategy, subject.strategy) &&
         matches_metric(rule.metric, subject.metric);
}

std::vector<LimitTerm> parse_limit(const std::string& text) {
  std::vector<LimitTerm> terms;
  for (std::string_view rest = text;;) {
    const std::size_t bar = rest.find('|');
    const std::string_view part = trimmed(rest.substr(0, bar));
    const std::optional<LimitTerm> term = term_of(part);
    if (!term)
      throw Error(fmt::format("'{}' is no limit; write +N, +N%, max N or min N, joined by |, or ignore", part));
    terms.push_back(*term);
    if (bar == std::string_view::npos) return terms;
    rest.remove_prefix(bar + 1);
  }
}

double parse_share(const std::string& text) {
  const std::string_view digits = std::string_view(text).substr(0, text.empty() ? 0 : text.size() - 1);
  const std::optional<double> percent = text.ends_with('%') ? number_of(trimmed(digits)) : std::nullopt;
  if (!percent || *percent <= 0 || *percent >= 100)
    throw Error(fmt::format("'{}' is no percentage between 0 and 100, such as 5%", text));
  return *percent * 0.01;
}

}  // namespace vkmembench
